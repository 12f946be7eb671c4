package storagetest

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

// Commands are the names of the commands that a MongoDB server gets.
type Commands struct {
	mu    sync.Mutex
	names []string
}

// Take returns the commands since the last call.
func (c *Commands) Take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := c.names
	c.names = nil
	return names
}

// CountCommands is like MongoURL, but the URL leads to a proxy that counts the commands. The proxy connects to one server
// without TLS. If MONGODB_TEST_URL is another kind of URL, it connects to FerretDB.
func CountCommands(t testing.TB) (url string, commands *Commands) {
	t.Helper()
	if server := os.Getenv(mongoTestURL); !strings.HasPrefix(server, "mongodb://") || strings.Contains(server, "tls=true") {
		t.Setenv(mongoTestURL, "")
	}
	url = MongoURL(t)
	_, rest, _ := strings.Cut(url, "://")
	hosts, _, _ := strings.Cut(rest, "/")
	server, _, _ := strings.Cut(hosts[strings.LastIndexByte(hosts, '@')+1:], ",")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	commands = &Commands{}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = commands.relay(client, server) }() // an error closes the connection
		}
	}()
	return strings.Replace(url, server, listener.Addr().String(), 1) + "&directConnection=true", commands
}

// relay forwards the commands of a client and the server's answers until one of them disconnects.
func (c *Commands) relay(client net.Conn, addr string) error {
	defer client.Close() //nolint:errcheck // the test has ended
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // the test has ended
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	for {
		head := make([]byte, 4)
		if _, err := io.ReadFull(client, head); err != nil {
			return err
		}
		message := append(head, make([]byte, max(4, binary.LittleEndian.Uint32(head))-4)...)
		if _, err := io.ReadFull(client, message[4:]); err != nil {
			return err
		}
		c.add(message)
		if _, err := server.Write(message); err != nil {
			return err
		}
	}
}

// add counts a command of the caller's. The driver sends others by itself, to watch the server and to authenticate.
func (c *Commands) add(message []byte) {
	_, _, _, opcode, body, _ := wiremessage.ReadHeader(message)
	if opcode != wiremessage.OpMsg {
		return
	}
	_, body, _ = wiremessage.ReadMsgFlags(body)
	_, body, _ = wiremessage.ReadMsgSectionType(body)
	document, _, _ := wiremessage.ReadMsgSectionSingleDocument(body)
	first, err := bson.Raw(document).IndexErr(0)
	if err != nil {
		return
	}
	switch name := first.Key(); name {
	case "hello", "isMaster", "saslStart", "saslContinue", "endSessions":
	default:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.names = append(c.names, name)
	}
}

// HasLookup reports whether a MongoDB server has the aggregation stage $lookup with a pipeline. FerretDB 1 lacks it.
func HasLookup(t testing.TB, url string) bool {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI(url))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(t.Context()) //nolint:errcheck // it was only used for reading
	stage := bson.D{{Key: "from", Value: "b"}, {Key: "pipeline", Value: bson.A{}}, {Key: "as", Value: "c"}}
	_, err = client.Database("bookplate").Collection("a").Aggregate(t.Context(), bson.A{bson.D{{Key: "$lookup", Value: stage}}})
	return err == nil
}
