package handlers

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"bookplate/accounts"
)

// sendAndClose sends a request and then closes the sending side of the connection.
func (s *testServer) sendAndClose(request string) net.Conn {
	s.Helper()
	conn := s.dial()
	if _, err := io.WriteString(conn, request); err != nil {
		s.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		s.Fatal(err)
	}
	return conn
}

// noticingHasher waits before it verifies a password, so that net/http has time to cancel the request's context.
type noticingHasher struct{ accounts.Hasher }

func (h noticingHasher) Verify(ctx context.Context, hash, password string) (ok, outdated bool, err error) {
	select {
	case <-ctx.Done():
	case <-time.After(50 * time.Millisecond):
	}
	return h.Hasher.Verify(ctx, hash, password)
}

// A client that closes its sending side of the connection after the request still gets the answer.
func TestHalfClosedConnection(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.services.Hasher = noticingHasher{s.services.Hasher}
		s.start()
		body := `{"email":"ada@example.com","password":"` + password + `"}`
		conn := s.sendAndClose(fmt.Sprintf("POST /users/login HTTP/1.1\r\nHost: library\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		s.readAnswer(conn).wantStatus(http.StatusOK)
		for range 50 {
			conn := s.sendAndClose("GET /books/ HTTP/1.1\r\nHost: library\r\nAuthorization: Bearer " + ada.Token + "\r\n\r\n")
			s.readAnswer(conn).wantStatus(http.StatusOK)
		}
		for i := range 5 {
			contentType, form := formBody(s.TB, bookForm(s.TB, fmt.Sprint("Volume ", i))...)
			conn := s.sendAndClose(uploadHead(ada.Token, contentType, int64(len(form))) + form)
			s.readAnswer(conn).wantStatus(http.StatusCreated)
		}
	})
}
