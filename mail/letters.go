package mail

import (
	"embed"
	"strings"
	"text/template"
)

//go:embed templates/*.txt
var templateFiles embed.FS

// letters are the templates: the first line is the subject, the text begins after an empty one.
var letters = template.Must(template.ParseFS(templateFiles, "templates/*.txt"))

// Letters writes the messages, with links that lead to the server at Base. Base comes from the settings, never from a
// request: whoever asks for another's reset with a Host header of their own would have the link, and the token in it,
// lead to themselves.
type Letters struct {
	Base string // a URL without a slash at its end
}

// Activation asks the owner of a new account's address to prove it. The link works for 24 hours.
func (l Letters) Activation(to, token string) *Message {
	return write("activation.txt", to, l.Base+"/users/activate/"+token)
}

// Reset gives whoever reads mail to that address the account's password to choose. The link works for an hour.
func (l Letters) Reset(to, token string) *Message {
	return write("reset.txt", to, l.ResetLink(token))
}

// ResetLink is where a reset token is used.
func (l Letters) ResetLink(token string) string { return l.Base + "/users/password/reset/" + token }

// NewEmail asks the owner of an address whether an account may move to it. The link works for 24 hours.
func (l Letters) NewEmail(to, token string) *Message {
	return write("new_email.txt", to, l.Base+"/users/email/"+token)
}

// EmailRequested tells the old address that somebody who knows the password has requested a new one.
func (l Letters) EmailRequested(to string) *Message { return write("email_requested.txt", to, l.Base) }

// EmailChanged tells the old address that the account has moved.
func (l Letters) EmailChanged(to string) *Message { return write("email_changed.txt", to, l.Base) }

// PasswordChanged tells an account's owner about a new password.
func (l Letters) PasswordChanged(to string) *Message {
	return write("password_changed.txt", to, l.Base)
}

func write(name, to, link string) *Message {
	var b strings.Builder
	if err := letters.ExecuteTemplate(&b, name, link); err != nil {
		panic(err) // the templates are embedded and their only value is a text
	}
	subject, text, _ := strings.Cut(b.String(), "\n\n")
	return &Message{To: to, Subject: subject, Text: text}
}
