// Package mail writes the messages that the library sends, and gets them to their readers: by SMTP, or into a folder where
// the developer finds them. It knows neither HTTP nor the database.
//
// No message has a word in it that a client chose, such as a name: whoever signs up with another's address cannot make us
// send that person a text.
package mail

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is a message to one reader.
type Message struct {
	To      string
	Subject string // says what it is about and holds no secret, so that the log can name the message by it
	Text    string
}

// Sender gets a message to its reader, or says why not. The error may be Permanent.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Permanent is an error that trying again does not help: the server refuses the reader or the message.
type Permanent struct{ error }

func (p Permanent) Unwrap() error { return p.error }

// compose makes a message what RFC 5322 wants. Its lines stay as they are, so that a link can be copied from the file. The
// encoding is set for the part alone: for the whole, go-mail wants a server with 8BITMIME, which plain ASCII does not need.
func compose(from string, m Message, now time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("MAIL_FROM: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, Permanent{fmt.Errorf("the reader's address: %w", err)}
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(rand.Text() + "@bookplate") // go-mail's own would tell the machine's name
	msg.SetGenHeader("Auto-Submitted", "auto-generated")  // out-of-office robots keep silent (RFC 3834)
	text := strings.ReplaceAll(m.Text, "\n", "\r\n")
	msg.SetBodyString(gomail.TypeTextPlain, text, gomail.WithPartEncoding(gomail.NoEncoding))
	return msg, nil
}
