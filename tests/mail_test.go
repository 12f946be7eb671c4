package tests

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// mailServer is an SMTP server that keeps the messages by recipient.
type mailServer struct {
	mu       sync.Mutex
	messages map[string][]string
}

// startMailServer starts a mail server and returns it with its URL.
func startMailServer(t *testing.T) (m *mailServer, url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m = &mailServer{messages: map[string][]string{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{server: m}, nil }))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		_ = server.Close() // an error only means that connections have already ended
		<-done
	})
	return m, "smtp://" + listener.Addr().String()
}

type mailSession struct {
	server *mailServer
	to     string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.messages[s.to] = append(s.server.messages[s.to], string(content))
	return nil
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

// take removes the first message to an address and returns it, or "" if there is none.
func (m *mailServer) take(to string) (message string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if list := m.messages[to]; len(list) > 0 {
		message, m.messages[to] = list[0], list[1:]
	}
	return message
}

var linkPath = regexp.MustCompile(`(?m)^https://books\.example\.com(/users/\S+?)\r?$`)

// link waits for a message and returns the path of the link in it.
func (s *server) link(take func() string, subject string) string {
	s.Helper()
	var message string
	s.eventually("the message arrives: "+subject, func() bool {
		message = take()
		return message != ""
	})
	path := linkPath.FindStringSubmatch(message)
	if !strings.Contains(message, "\r\nSubject: "+subject+"\r\n") || path == nil {
		s.Fatalf("want %q and a link in %s", subject, message)
	}
	return path[1]
}

func TestActivationAndResetByMail(t *testing.T) {
	t.Parallel()
	m, url := startMailServer(t)
	s := startServer(t, "SMTP_URL="+url, "MAIL_FROM=Bookplate <books@example.com>", "PUBLIC_URL=https://books.example.com",
		"REQUIRE_ACTIVATION=on")
	take := func() string { return m.take("ada@example.com") }
	s.do(signUp("ada@example.com"), http.StatusCreated)
	activate := s.link(take, "Activate your Bookplate account")
	s.do(login("ada@example.com"), http.StatusForbidden)
	s.do(get(activate, ""), http.StatusOK)
	s.do(login("ada@example.com"), http.StatusOK)

	for _, email := range []string{"nobody@example.com", "ada@example.com"} {
		s.do(withJSON("POST", "/users/password/forgot", "", `{"email":"`+email+`"}`), http.StatusAccepted)
	}
	token := filepath.Base(s.link(take, "Choose a new Bookplate password"))
	s.restart() // the link also works after a crash
	reset := withJSON("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":"Xyz@789"}`, token))
	s.do(reset, http.StatusOK)
	s.do(reset, http.StatusNotFound)
	s.do(login("ada@example.com"), http.StatusNotFound)
	s.do(withJSON("POST", "/users/login", "", `{"email":"ada@example.com","password":"Xyz@789"}`), http.StatusOK)
	if got := m.take("nobody@example.com"); got != "" {
		t.Errorf("an address without an account got %s", got)
	}
	if log := s.stdout.String(); strings.Contains(log, token) || strings.Contains(log, filepath.Base(activate)) {
		t.Error("the log has a token")
	}
}

// Without a mail server, messages are written to files, and the log names the files.
func TestMailWithoutAServer(t *testing.T) {
	t.Parallel()
	s := startServer(t, "PUBLIC_URL=https://books.example.com")
	s.do(signUp("ada@example.com"), http.StatusCreated)
	s.do(withJSON("POST", "/users/password/forgot", "", `{"email":"ada@example.com"}`), http.StatusAccepted)
	form := s.link(func() string {
		files, err := filepath.Glob(filepath.Join(s.folder, "data", "mail", "*.eml"))
		if err != nil || len(files) == 0 {
			return ""
		}
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		s.eventually("the log names the file", func() bool { return strings.Contains(s.stdout.String(), filepath.Base(files[0])) })
		return string(content)
	}, "Choose a new Bookplate password")
	if page := s.do(get(form, ""), http.StatusOK).body; !strings.Contains(page, "<form") {
		t.Errorf("the link opens %s", page)
	}
	if strings.Contains(s.stdout.String(), filepath.Base(form)) {
		t.Error("the log has the token")
	}
}

// Message files are deleted when their links have expired, even if messages are now sent by a mail server.
func TestStartSweepsMail(t *testing.T) {
	t.Parallel()
	_, url := startMailServer(t)
	for name, settings := range map[string][]string{
		"without a server": nil,
		"with a server":    {"SMTP_URL=" + url, "MAIL_FROM=Bookplate <books@example.com>"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, settings...)
			dir := filepath.Join(s.folder, "data", "mail")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			write := func(age time.Duration) string {
				path := filepath.Join(dir, time.Now().UTC().Add(-age).Format("20060102-150405.000")+"-ABCDEFGH.eml")
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			old, recent := write(25*time.Hour), write(23*time.Hour)
			s.start()
			s.eventually("the old message is removed", func() bool { return !exists(old) })
			if !exists(recent) {
				t.Error("a message whose link may be valid was removed")
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
