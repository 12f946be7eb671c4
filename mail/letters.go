package mail

import (
	"embed"
	"strings"
	"text/template"
)

//go:embed templates/*.txt
var templateFiles embed.FS

// letters are the templates of the messages. The first line of a template is the subject; the text begins after an
// empty line.
var letters = template.Must(template.ParseFS(templateFiles, "templates/*.txt"))

// Letters writes the messages, with links to the server at Base. Base comes from the settings and never from a request:
// otherwise an attacker could request a reset of somebody's password with a forged Host header, and the link with the
// token would lead to the attacker's host.
type Letters struct {
	Base string // a URL without a trailing slash
}

// Activation asks the owner of a new account to confirm the address. The link works for 24 hours.
func (l Letters) Activation(to, token string) *Message {
	return write("activation.txt", to, l.Base+"/users/activate/"+token)
}

// Reset contains a link for choosing a new password. The link works for an hour.
func (l Letters) Reset(to, token string) *Message {
	return write("reset.txt", to, l.ResetLink(token))
}

// ResetLink returns the link for a reset token.
func (l Letters) ResetLink(token string) string { return l.Base + "/users/password/reset/" + token }

// Invitation contains a link for creating an account. The link works for a week.
func (l Letters) Invitation(to, token string) *Message {
	return write("invitation.txt", to, l.InvitationLink(token))
}

// InvitationLink returns the link for an invitation or for the first administrator: the web app with the token.
func (l Letters) InvitationLink(token string) string { return l.Base + "/?invitation=" + token }

// NewEmail asks the owner of an address to confirm it as the new address of an account. The link works for 24 hours.
func (l Letters) NewEmail(to, token string) *Message {
	return write("new_email.txt", to, l.Base+"/users/email/"+token)
}

// EmailRequested tells the old address that somebody who knows the password has requested a new one.
func (l Letters) EmailRequested(to string) *Message { return write("email_requested.txt", to, l.Base) }

// EmailChanged tells the old address that the account has a new one.
func (l Letters) EmailChanged(to string) *Message { return write("email_changed.txt", to, l.Base) }

// PasswordChanged tells the owner of an account that its password was changed.
func (l Letters) PasswordChanged(to string) *Message {
	return write("password_changed.txt", to, l.Base)
}

// LoanReminder reminds a borrower of books that are due soon or overdue. It does not name the books; see the comment on
// the package.
func (l Letters) LoanReminder(to string) *Message { return write("loan_reminder.txt", to, l.Base) }

func write(name, to, link string) *Message {
	var b strings.Builder
	if err := letters.ExecuteTemplate(&b, name, link); err != nil {
		panic(err) // the templates are embedded and need only a string
	}
	subject, text, _ := strings.Cut(b.String(), "\n\n")
	return &Message{To: to, Subject: subject, Text: text}
}
