package handlers

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"bookplate/mail"
)

// mailbox keeps every message that the server sends.
type mailbox struct {
	mu       sync.Mutex
	messages []mail.Message
}

// Send implements mail.Sender.
func (b *mailbox) Send(_ context.Context, m mail.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
	return nil
}

// take removes and returns the oldest message to an address.
func (b *mailbox) take(to string) (mail.Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, m := range b.messages {
		if m.To == to {
			b.messages = append(b.messages[:i], b.messages[i+1:]...)
			return m, true
		}
	}
	return mail.Message{}, false
}

// The subjects of the server's messages.
const (
	activationSubject      = "Activate your Bookplate account"
	resetSubject           = "Choose a new Bookplate password"
	newEmailSubject        = "Confirm your new address for Bookplate"
	emailRequestedSubject  = "A new address for your Bookplate account was requested"
	emailChangedSubject    = "Your Bookplate account has a new address"
	passwordChangedSubject = "Your Bookplate password was changed"
)

// nextMessage waits for the next message to an address and checks its subject.
func (s *testServer) nextMessage(to, subject string) mail.Message {
	s.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if m, found := s.mailbox.take(to); found {
			if m.Subject != subject {
				s.Fatalf("%s got %q, want %q", to, m.Subject, subject)
			}
			return m
		}
	}
	s.Fatalf("no message came to %s", to)
	return mail.Message{}
}

var linkPattern = regexp.MustCompile(`(?m)^(https?://\S+)/users/(\w+|password/reset)/([\w-]{43})$`)

// linkToken waits for a message to an address and returns the token in its link.
func (s *testServer) linkToken(to, subject string) string {
	s.Helper()
	m := s.nextMessage(to, subject)
	link := linkPattern.FindStringSubmatch(m.Text)
	if link == nil {
		s.Fatalf("no link in %s", m.Text)
	}
	if want := s.services.Config.LinkURL(); link[1] != want {
		s.Errorf("the link is to %s, want %s", link[1], want)
	}
	return link[3]
}

// wantNoMessage closes the outbox, so that it delivers all messages, and checks that the mailbox is empty.
func (s *testServer) wantNoMessage() {
	s.Helper()
	if err := s.services.Outbox.Close(); err != nil {
		s.Fatal(err)
	}
	s.mailbox.mu.Lock()
	defer s.mailbox.mu.Unlock()
	if len(s.mailbox.messages) > 0 {
		s.Errorf("messages were sent: %+v", s.mailbox.messages)
	}
}

// filesContaining returns the files in the data folder that contain a text.
func (s *testServer) filesContaining(text string) (found []string) {
	s.Helper()
	err := filepath.WalkDir(s.services.Config.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return found
}
