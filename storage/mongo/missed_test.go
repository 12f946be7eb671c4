package mongo

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// opMsg is the opcode of an OP_MSG message in MongoDB's wire protocol. A message starts with a header of four 32-bit
// numbers: its length, its id, the id of the request that it answers, and its opcode. After the header come the flags
// (4 bytes), the kind of the section (1 byte) and the document of the command.
const opMsg = 2013

// missingProxy is a proxy between a store and its server. While misses is above zero, it answers each write like a server
// that does not find the document. If broken is set, it forwards only so many more writes and rejects all later ones. It
// forwards all other messages.
type missingProxy struct {
	server string
	mu     sync.Mutex
	misses int
	broken *int
}

// startMissingProxy returns a proxy to a new server, and its URL.
func startMissingProxy(t *testing.T) (f *missingProxy, url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	f = &missingProxy{server: hostOf(storagetest.NewFerret(t))}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go f.serve(client)
		}
	}()
	return f, "mongodb://" + listener.Addr().String() + "/"
}

// miss makes the proxy answer the next writes like a server that does not find the document.
func (f *missingProxy) miss(writes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.misses = writes
}

// breakAfter makes the proxy forward n more writes and reject all later ones, until repair is called.
func (f *missingProxy) breakAfter(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = &n
}

func (f *missingProxy) repair() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = nil
}

func (f *missingProxy) serve(client net.Conn) {
	defer client.Close() //nolint:errcheck // the test is over
	server, err := net.Dial("tcp", f.server)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // the test is over
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	for {
		message, err := readMessage(client)
		if err != nil {
			return
		}
		to := server
		if answer := f.missed(message); answer != nil {
			message, to = answer, client
		}
		if _, err := to.Write(message); err != nil {
			return
		}
	}
}

func readMessage(r io.Reader) ([]byte, error) {
	length := make([]byte, 4)
	if _, err := io.ReadFull(r, length); err != nil {
		return nil, err
	}
	message := append(length, make([]byte, binary.LittleEndian.Uint32(length)-4)...)
	_, err := io.ReadFull(r, message[4:])
	return message, err
}

// missed returns the answer to a write that the proxy does not forward. The answer says that no document was found, or
// that the write failed. It returns nil if the proxy must forward the message.
func (f *missingProxy) missed(message []byte) []byte {
	if binary.LittleEndian.Uint32(message[12:]) != opMsg {
		return nil
	}
	command, err := bson.Raw(message[21:]).IndexErr(0)
	if err != nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch changes := slices.Contains([]string{"delete", "update", "findAndModify"}, command.Key()); {
	case changes && f.misses > 0:
		f.misses--
		return answerTo(message, bson.D{{Key: "n", Value: 0}, {Key: "nModified", Value: 0}, {Key: "value", Value: nil}, {Key: "ok", Value: 1}})
	case f.broken == nil || !changes && command.Key() != "insert":
		return nil
	case *f.broken > 0:
		*f.broken--
		return nil
	}
	return answerTo(message, bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: 8}, {Key: "errmsg", Value: "broken off"}})
}

// answerTo returns the message that answers a message with a document.
func answerTo(message []byte, document bson.D) []byte {
	result, err := bson.Marshal(document)
	if err != nil {
		panic(err)
	}
	answer := binary.LittleEndian.AppendUint32(nil, uint32(21+len(result)))
	answer = append(answer, 0, 0, 0, 0)
	answer = append(answer, message[4:8]...)
	answer = binary.LittleEndian.AppendUint32(answer, opMsg)
	answer = append(answer, 0, 0, 0, 0, 0) // no flags, then one section with one document
	return append(answer, result...)
}

// Some servers do not find a document while another call is changing it. So a write may miss its document, and the
// store then repeats the write.
func TestMissedWrites(t *testing.T) {
	proxy, url := startMissingProxy(t)
	s := open(t, url)
	waitPrepared(t, s)
	at := updatedAt.Add(time.Hour)
	for name, write := range map[string]func(t *testing.T, u models.User, b models.Book, session models.Session) error{
		"Sessions.Delete": func(t *testing.T, _ models.User, _ models.Book, session models.Session) error {
			return s.Sessions().Delete(t.Context(), session.ID, session.UserID)
		},
		"Sessions.DeleteAll": func(t *testing.T, _ models.User, _ models.Book, session models.Session) error {
			return s.Sessions().DeleteAll(t.Context(), session.UserID, "")
		},
		"Sessions.Touch": func(t *testing.T, _ models.User, _ models.Book, session models.Session) error {
			return s.Sessions().Touch(t.Context(), session.ID, at)
		},
		"Sessions.Rotate": func(t *testing.T, _ models.User, _ models.Book, session models.Session) error {
			got, err := s.Sessions().Rotate(t.Context(), session.ID, session.RefreshHash, "next", at)
			if got.RefreshHash != "next" {
				t.Errorf("the refresh token is %q", got.RefreshHash)
			}
			return err
		},
		"OneTimeTokens.Take": func(t *testing.T, u models.User, _ models.Book, _ models.Session) error {
			_, err := s.OneTimeTokens().Take(t.Context(), string(u.ID), models.PurposeReset)
			return err
		},
		"Users.Update": func(t *testing.T, u models.User, _ models.Book, _ models.Session) error {
			_, err := s.Users().Update(t.Context(), u.ID, models.UserUpdate{PasswordHash: new("hash"), UpdatedAt: at})
			return err
		},
		"Users.Delete": func(t *testing.T, u models.User, _ models.Book, _ models.Session) error {
			return s.Users().Delete(t.Context(), u.ID)
		},
		"Books.Update": func(t *testing.T, u models.User, b models.Book, _ models.Session) error {
			_, _, err := s.Books().Update(t.Context(), b.ID, u.ID, models.BookUpdate{Title: new("Persuasion"), UpdatedAt: at})
			return err
		},
		"Books.Delete": func(t *testing.T, u models.User, b models.Book, _ models.Session) error {
			_, err := s.Books().Delete(t.Context(), b.ID, u.ID, nil)
			return err
		},
		"Trash": func(t *testing.T, u models.User, b models.Book, _ models.Session) error {
			put := s.Trash().Put(t.Context(), b.ID, u.ID, at, models.Versions{0})
			proxy.miss(2)
			_, restored := s.Trash().Restore(t.Context(), b.ID, u.ID)
			again := s.Trash().Put(t.Context(), b.ID, u.ID, at, nil)
			proxy.miss(2)
			_, deleted := s.Trash().Delete(t.Context(), b.ID, u.ID)
			return errors.Join(put, restored, again, deleted)
		},
		"Loans.Create": func(t *testing.T, u models.User, b models.Book, _ models.Session) error {
			return s.Loans().Create(t.Context(), models.Loan{ID: models.NewID(at), BookID: b.ID, LenderID: u.ID}, 1)
		},
		"Loans.Update": func(t *testing.T, u models.User, _ models.Book, _ models.Session) error {
			l, err := s.Loans().Update(t.Context(), u.ID, models.LoanUpdate{ReturnedAt: &at})
			if l.Open() {
				t.Error("the loan is still open")
			}
			return err
		},
		"Throttles.Change": func(t *testing.T, u models.User, _ models.Book, _ models.Session) error {
			return s.Throttles().Change(t.Context(), string(u.ID), func(models.Tally) models.Tally { return models.Tally{} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := models.User{ID: models.NewID(at), Email: string(models.NewID(at)), Active: true, Role: models.RoleUser}
			b := models.Book{ID: models.NewID(at), UserID: u.ID, BookTexts: models.BookTexts{Title: "Emma"}}
			session := models.Session{ID: models.NewID(at), UserID: u.ID, RefreshHash: "first"}
			lent := models.Book{ID: models.NewID(at), UserID: u.ID, BookTexts: models.BookTexts{Title: "Dune"}}
			loan := models.Loan{ID: u.ID, BookID: lent.ID, LenderID: u.ID}
			token := models.OneTimeToken{Hash: string(u.ID), Purpose: models.PurposeReset, UserID: u.ID}
			for _, err := range []error{
				s.Users().Create(t.Context(), u), s.Books().Create(t.Context(), b), s.Sessions().Create(t.Context(), session),
				s.OneTimeTokens().Create(t.Context(), token), s.Books().Create(t.Context(), lent), s.Loans().Create(t.Context(), loan, 1),
				s.Throttles().Change(t.Context(), string(u.ID), func(models.Tally) models.Tally { return models.Tally{Count: 1} }),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			proxy.miss(2)
			if err := write(t, u, b, session); err != nil {
				t.Errorf("got %v", err)
			}
			proxy.mu.Lock()
			defer proxy.mu.Unlock()
			if proxy.misses != 0 {
				t.Error("the write was not retried")
			}
		})
	}
}
