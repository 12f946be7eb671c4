package mail

import (
	"strings"
	"testing"
)

func TestLetters(t *testing.T) {
	const to, token, base = "ada@example.com", "the-token", "https://books.example.com/library"
	l := Letters{Base: base}
	for _, c := range []struct {
		m    *Message
		link string
	}{
		{l.Activation(to, token), base + "/users/activate/the-token"},
		{l.Reset(to, token), base + "/users/password/reset/the-token"},
		{l.NewEmail(to, token), base + "/users/email/the-token"},
		{l.EmailRequested(to), base},
		{l.EmailChanged(to), base},
		{l.PasswordChanged(to), base},
		{l.LoanReminder(to), base},
	} {
		if c.m.To != to || c.m.Subject == "" || strings.Contains(c.m.Subject, "\n") || strings.Contains(c.m.Subject, token) {
			t.Errorf("to %q, subject %q", c.m.To, c.m.Subject)
		}
		if strings.Count(c.m.Text, c.link+"\n") != 1 || strings.Contains(c.m.Text, "{{") {
			t.Errorf("want %s once in %s", c.link, c.m.Text)
		}
		for line := range strings.Lines(c.m.Text) {
			if len(line) > 79 && !strings.Contains(line, base) { // RFC 5322, section 2.1.1
				t.Errorf("a long line: %s", line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
				t.Errorf("not plain ASCII: %s", line)
			}
		}
	}
}
