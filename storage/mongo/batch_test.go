package mongo

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"

	"bookplate/models"
)

// member is a fake MongoDB server that stores nothing. FerretDB has no transactions, so these tests check which commands a
// MongoDB server would get.
type member struct {
	hello bson.D // the answer to hello, apart from the fields of every server

	mu       sync.Mutex
	commands []bson.M
	answers  []bson.D // to the next inserts and aggregations; {ok: 1} when there are no more
}

// newMember starts a fake server and opens a store on it.
func newMember(t *testing.T, hello bson.D) (*member, *Store) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	m := &member{hello: hello}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go m.serve(conn)
		}
	}()
	s, err := connect("mongodb://"+listener.Addr().String()+"/?directConnection=true", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.notReady.Store(nil)
	t.Cleanup(func() {
		if err := s.client.Close(); err != nil {
			t.Error(err)
		}
	})
	return m, s
}

// serve answers the commands that arrive on a connection.
func (m *member) serve(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the test has ended
	for {
		length := make([]byte, 4)
		if _, err := io.ReadFull(conn, length); err != nil {
			return
		}
		message := make([]byte, binary.LittleEndian.Uint32(length))
		copy(message, length)
		if _, err := io.ReadFull(conn, message[4:]); err != nil {
			return
		}
		_, id, _, opcode, body, _ := wiremessage.ReadHeader(message)
		if _, err := conn.Write(m.reply(id, opcode, body)); err != nil {
			return
		}
	}
}

// reply returns the message that answers a command. The driver sends the first command of a connection in the older OP_QUERY
// format.
func (m *member) reply(id int32, opcode wiremessage.OpCode, body []byte) []byte {
	if opcode == wiremessage.OpQuery { //nolint:staticcheck // the driver still begins with it
		start, reply := wiremessage.AppendHeaderStart(nil, 0, id, wiremessage.OpReply)
		reply = wiremessage.AppendReplyFlags(reply, wiremessage.AwaitCapable)
		reply = wiremessage.AppendReplyCursorID(reply, 0)
		reply = wiremessage.AppendReplyStartingFrom(reply, 0)
		reply = wiremessage.AppendReplyNumberReturned(reply, 1)
		return finish(append(reply, m.answer(bson.M{"hello": 1})...), start)
	}
	_, body, _ = wiremessage.ReadMsgFlags(body)
	_, body, _ = wiremessage.ReadMsgSectionType(body)
	document, _, _ := wiremessage.ReadMsgSectionSingleDocument(body)
	var command bson.M
	_ = bson.Unmarshal(document, &command)
	start, reply := wiremessage.AppendHeaderStart(nil, 0, id, wiremessage.OpMsg)
	reply = wiremessage.AppendMsgSectionType(wiremessage.AppendMsgFlags(reply, 0), wiremessage.SingleDocument)
	return finish(append(reply, m.answer(command)...), start)
}

// finish writes the length of a message into its header.
func finish(message []byte, start int32) []byte {
	binary.LittleEndian.PutUint32(message[start:], uint32(len(message)))
	return message
}

// answer returns the answer to a command, and records all commands except hello.
func (m *member) answer(command bson.M) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	answer := bson.D{{Key: "ok", Value: 1}}
	if command["hello"] != nil || command["isMaster"] != nil {
		answer = append(answer, bson.D{
			{Key: "isWritablePrimary", Value: true},
			{Key: "maxWireVersion", Value: 21},
			{Key: "minWireVersion", Value: 0},
			{Key: "logicalSessionTimeoutMinutes", Value: 30},
			{Key: "maxBsonObjectSize", Value: 1 << 24},
			{Key: "maxMessageSizeBytes", Value: 48000000},
			{Key: "maxWriteBatchSize", Value: 100000},
		}...)
		answer = append(answer, m.hello...)
	} else {
		m.commands = append(m.commands, command)
	}
	if command["find"] != nil {
		answer = append(answer, bson.E{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "a.b"}, {Key: "firstBatch", Value: bson.A{}}}})
	}
	if (command["insert"] != nil || command["aggregate"] != nil) && len(m.answers) > 0 {
		answer, m.answers = m.answers[0], m.answers[1:]
	}
	text, _ := bson.Marshal(answer)
	return text
}

// wantCommands checks which commands the server got, and that each of them belongs to a transaction. Then it forgets them.
func (m *member) wantCommands(t *testing.T, want string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, command := range m.commands {
		name := "another"
		for _, known := range []string{"find", "insert", "commitTransaction", "abortTransaction", "endSessions"} {
			if command[known] != nil {
				name = known
			}
		}
		if command["startTransaction"] == true {
			name = "start+" + name
		}
		names = append(names, name)
		if command["autocommit"] != false || command["txnNumber"] == nil || command["lsid"] == nil {
			t.Errorf("the command is outside of the transaction: %v", command)
		}
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the server got %s, want %s", got, want)
	}
	m.commands = nil
}

// change makes two calls of the store: a look-up that finds nothing, and a write.
func change(ctx context.Context, t *testing.T, s *Store) error {
	t.Helper()
	if _, err := s.Books().Get(context.WithoutCancel(ctx), models.NewID(time.Now())); models.CodeOf(err) != models.NotFound {
		t.Errorf("got %v", err)
	}
	return s.Audit().Append(ctx, models.AuditEntry{ID: models.NewID(time.Now())})
}

// An atomic batch is a transaction on a replica set and on the router of a sharded cluster.
func TestAtomicBatchIsATransaction(t *testing.T) {
	for name, hello := range map[string]bson.D{
		"replica set": {{Key: "setName", Value: "rs0"}},
		"router":      {{Key: "msg", Value: "isdbgrid"}},
	} {
		t.Run(name, func(t *testing.T) {
			m, s := newMember(t, hello)
			if err := s.Batch(t.Context(), true, func(ctx context.Context) error { return change(ctx, t, s) }); err != nil {
				t.Error(err)
			}
			m.wantCommands(t, "start+find insert commitTransaction")
			failed := &models.Error{Code: models.Invalid}
			err := s.Batch(t.Context(), true, func(ctx context.Context) error { return errors.Join(change(ctx, t, s), failed) })
			if !errors.Is(err, failed) {
				t.Errorf("got %v", err)
			}
			m.wantCommands(t, "start+find insert abortTransaction")
		})
	}
}

// After a conflict with another write, an atomic batch is run again. The error in its first run says that the client may try
// again.
func TestAtomicBatchAfterAConflict(t *testing.T) {
	m, s := newMember(t, bson.D{{Key: "setName", Value: "rs0"}})
	m.answers = []bson.D{{
		{Key: "ok", Value: 0},
		{Key: "code", Value: 112},
		{Key: "errmsg", Value: "WriteConflict"},
		{Key: "errorLabels", Value: bson.A{"TransientTransactionError"}},
	}}
	var first error
	err := s.Batch(t.Context(), true, func(ctx context.Context) error {
		err := change(ctx, t, s)
		first = errors.Join(first, err)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	wantUnavailable(t, first)
	m.wantCommands(t, "start+find insert abortTransaction start+find insert commitTransaction")
}

func TestAtomicBatchOnAStandaloneServer(t *testing.T) {
	m, s := newMember(t, nil)
	err := s.Batch(t.Context(), true, func(ctx context.Context) error { return change(ctx, t, s) })
	if models.CodeOf(err) != models.AtomicUnsupported {
		t.Errorf("got %v", err)
	}
	m.wantCommands(t, "")
}
