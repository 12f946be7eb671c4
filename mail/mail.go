// Package mail writes the messages of the library and sends them by SMTP, or writes them to a folder during development.
// It does not depend on HTTP or the database.
//
// No message contains text that a client chose, such as a name. Otherwise anybody could send texts to a stranger by
// signing up with their address.
package mail

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is a message to one recipient.
type Message struct {
	To      string
	Subject string // contains no secret, so it can be logged
	Text    string
}

// Sender sends messages. The error is Permanent if repeating the call cannot succeed.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Permanent is an error that is not worth a retry: the recipient or the message is rejected.
type Permanent struct{ error }

func (p Permanent) Unwrap() error { return p.error }

// compose formats a message according to RFC 5322. The text is not encoded, so that a link can be copied from the file
// of a Folder. This encoding is set for the text part and not for the whole message, because go-mail then would require
// a server with 8BITMIME, which plain ASCII does not need.
func compose(from string, m Message, now time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("MAIL_FROM: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, Permanent{fmt.Errorf("the recipient's address: %w", err)}
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(rand.Text() + "@bookplate") // go-mail's id would contain the host name
	msg.SetGenHeader("Auto-Submitted", "auto-generated")  // no automatic replies (RFC 3834)
	text := strings.ReplaceAll(m.Text, "\n", "\r\n")
	msg.SetBodyString(gomail.TypeTextPlain, text, gomail.WithPartEncoding(gomail.NoEncoding))
	return msg, nil
}
