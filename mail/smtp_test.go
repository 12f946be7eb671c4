package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"
)

var (
	letter = Letters{Base: "https://books.example.com"}.Reset("ada@example.com", strings.Repeat("t", 43))
	noon   = time.Date(2026, time.January, 2, 12, 0, 0, 0, time.UTC)
)

const sender = "Bookplate <books@example.com>"

// newSMTP returns a sender that trusts the certificate of a server.
func newSMTP(t *testing.T, url string, s *smtpServer) *SMTP {
	t.Helper()
	m, err := NewSMTP(url, sender, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	m.options = append(m.options, gomail.WithTLSConfig(&tls.Config{ServerName: "localhost", RootCAs: s.roots, MinVersion: tls.VersionTLS12}))
	return m
}

// requireTLS makes a sender require STARTTLS, as for a server on another machine.
func requireTLS(m *SMTP) *SMTP {
	m.options = append(m.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	return m
}

func wantReceived(t *testing.T, s *smtpServer, encrypted bool) {
	t.Helper()
	got := s.messages()
	if len(got) != 1 {
		t.Fatalf("received %d messages, want 1", len(got))
	}
	if got[0].from != "books@example.com" || got[0].to != "ada@example.com" || got[0].encrypted != encrypted {
		t.Errorf("from %s to %s, encrypted %t", got[0].from, got[0].to, got[0].encrypted)
	}
	checkMessage(t, got[0].content)
}

// checkMessage parses a message like a mail program.
func checkMessage(t *testing.T, content string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Subject": letter.Subject, "To": "<ada@example.com>", "From": `"Bookplate" <books@example.com>`,
		"Date": "Fri, 02 Jan 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated", "Content-Transfer-Encoding": "8bit",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if id := m.Header.Get("Message-ID"); !strings.HasSuffix(id, "@bookplate>") {
		t.Errorf("Message-ID: %s", id)
	}
	if want := "\r\n\r\n" + strings.ReplaceAll(letter.Text, "\n", "\r\n"); !strings.HasSuffix(content, want) {
		t.Errorf("the text is not in %s", content)
	}
}

func TestSMTP(t *testing.T) {
	for name, c := range map[string]struct {
		url                          string
		implicit, withTLS, encrypted bool
		logins                       int
	}{
		"this machine":       {url: "smtp://127.0.0.1:%s"},
		"STARTTLS":           {url: "smtp://127.0.0.1:%s", withTLS: true, encrypted: true},
		"STARTTLS, password": {url: "smtp://ada:s3cret%%40%%2F@127.0.0.1:%s", withTLS: true, encrypted: true, logins: 1},
		"TLS, password":      {url: "smtps://ada:s3cret%%40%%2F@localhost:%s", implicit: true, withTLS: true, encrypted: true, logins: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := startSMTP(t, c.implicit, c.withTLS)
			m := newSMTP(t, fmt.Sprintf(c.url, s.port), s)
			if c.encrypted && !c.implicit {
				requireTLS(m)
			}
			if err := m.Send(t.Context(), *letter); err != nil {
				t.Fatal(err)
			}
			wantReceived(t, s, c.encrypted)
			if s.logins != c.logins {
				t.Errorf("%d log-ins, want %d", s.logins, c.logins)
			}
		})
	}
}

// A server on another machine must support TLS and have a trusted certificate.
func TestSMTPWantsTLS(t *testing.T) {
	plain := startSMTP(t, false, false)
	if err := requireTLS(newSMTP(t, "smtp://127.0.0.1:"+plain.port, plain)).Send(t.Context(), *letter); err == nil {
		t.Error("a message was sent without TLS")
	}
	untrusted := startSMTP(t, true, true)
	m, err := NewSMTP("smtps://localhost:"+untrusted.port, sender, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Send(t.Context(), *letter); err == nil {
		t.Error("a message was sent to a server with an untrusted certificate")
	}
	for host, local := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.3.2.1": true, "::1": true,
		"mail.example.com": false, "localhost.example.com": false, "192.0.2.1": false, "": false,
	} {
		if isLocal(host) != local {
			t.Errorf("%q is this machine: %t, want %t", host, !local, local)
		}
	}
	if n := len(plain.messages()) + len(untrusted.messages()); n > 0 {
		t.Errorf("received %d messages, want none", n)
	}
}

func TestSMTPRefusals(t *testing.T) {
	s := startSMTP(t, false, true)
	m := newSMTP(t, "smtp://127.0.0.1:"+s.port, s)
	for _, c := range []struct {
		err       *smtp.SMTPError
		permanent bool
	}{
		{&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}, true},
		{&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}, false},
	} {
		s.reject(c.err)
		err := m.Send(t.Context(), *letter)
		if err == nil || errors.As(err, new(Permanent)) != c.permanent {
			t.Errorf("%v: got %v, want it permanent: %t", c.err, err, c.permanent)
		}
	}
	wrong := requireTLS(newSMTP(t, "smtp://ada:wrong@127.0.0.1:"+s.port, s))
	if err := wrong.Send(t.Context(), *letter); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong password: %v", err)
	}
	for _, to := range []string{"", "ada", "ada@example.com\r\nBcc: eve@example.com", "a@example.com, b@example.com"} {
		err := m.Send(t.Context(), Message{To: to, Subject: letter.Subject, Text: letter.Text})
		if !errors.As(err, new(Permanent)) {
			t.Errorf("%q: %v, want a permanent error", to, err)
		}
	}
	if n := len(s.messages()); n > 0 {
		t.Errorf("received %d messages, want none", n)
	}
}

func TestSMTPURL(t *testing.T) {
	for _, url := range []string{"smtp://", "smtp://ada:hunter2@host:port", "smtp://ada:hunter2%@host"} {
		if _, err := NewSMTP(url, sender, time.Now); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want an error without the password", url, err)
		}
	}
}
