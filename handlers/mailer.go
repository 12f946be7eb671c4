package handlers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/mail"
	"bookplate/middleware"
	"bookplate/models"
)

// mailer writes to the owners of accounts. Everything that depends on whether there is an account happens in the
// outbox's own time, so that no answer tells by its time what its words do not tell.
type mailer struct {
	oneTime
	outbox  *mail.Outbox
	letters mail.Letters
	limiter limiter
	network models.Limit // of what a network asks for without being signed in
	log     *slog.Logger
}

var (
	// readerLimit is how often a network may ask about one address.
	readerLimit = models.Limit{N: 5, Per: 5 * time.Minute}
	// accountLimit is how many links of a purpose an account is sent, whoever asks: nobody's mailbox is flooded.
	accountLimit = models.Limit{N: 5, Per: 50 * time.Minute}
)

func newMailer(s Services) *mailer {
	return &mailer{
		oneTime: oneTime{s.Store.OneTimeTokens(), s.Store.Users(), s.Now}, outbox: s.Outbox,
		letters: mail.Letters{Base: s.Config.LinkURL()}, limiter: newLimiter(s), network: s.Config.ResetLimit, log: s.Log,
	}
}

// admit limits who asks for mail without being signed in. It counts an address whether or not an account has it.
func (m *mailer) admit(c *gin.Context, email string) error {
	if err := m.admitNetwork(c, "mail"); err != nil {
		return err
	}
	network := middleware.Network(c.ClientIP())
	return m.limiter.admit(c.Request.Context(), readerLimit, "mail to", models.EmailKey(email), network)
}

// admitNetwork limits who makes work without being signed in.
func (m *mailer) admitNetwork(c *gin.Context, what string) error {
	return m.limiter.admitNetwork(c, m.network, what)
}

// admitAccount limits the links for one account. Each purpose has a tally of its own: who has asked for another
// address, or for activation, has taken nothing from the way back in.
func (m *mailer) admitAccount(ctx context.Context, id models.ID, purpose models.Purpose) error {
	return m.limiter.admit(ctx, accountLimit, "links of", string(id), string(purpose))
}

// admitNewEmail limits the links to an address that an account is to have. The address is counted too, whichever
// accounts ask: it may be the mailbox of somebody who has none.
func (m *mailer) admitNewEmail(ctx context.Context, id models.ID, email string) error {
	if err := m.admitAccount(ctx, id, models.PurposeEmail); err != nil {
		return err
	}
	return m.limiter.admit(ctx, accountLimit, "new address", models.EmailKey(email))
}

// later posts a letter that no answer depends on.
func (m *mailer) later(letter mail.Letter) {
	if err := m.outbox.Post(letter); err != nil {
		m.log.Error("a message could not be posted", "error", err)
	}
}

// tell posts a message that is written already.
func (m *mailer) tell(message *mail.Message) { m.later(written(message)) }

func written(message *mail.Message) mail.Letter {
	return func(context.Context) (*mail.Message, error) { return message, nil }
}

// activation is a letter to the account of that address, if there is one that waits to be activated.
func (m *mailer) activation(email string) mail.Letter {
	pending := func(u models.User) bool { return u.Pending }
	return m.toAccount(email, models.PurposeActivation, m.letters.Activation, pending)
}

// reset is a letter to the account of that address, if there is one.
func (m *mailer) reset(email string) mail.Letter {
	return m.toAccount(email, models.PurposeReset, m.letters.Reset, func(models.User) bool { return true })
}

func (m *mailer) toAccount(
	email string, purpose models.Purpose, write func(to, token string) *mail.Message, wanted func(models.User) bool,
) mail.Letter {
	return func(ctx context.Context) (*mail.Message, error) {
		u, err := m.users.GetByEmail(ctx, email)
		if models.CodeOf(err) == models.NotFound || err == nil && !wanted(u) {
			return nil, nil // there is nothing to send, and nobody is told
		}
		if err != nil {
			return nil, err
		}
		err = m.admitAccount(ctx, u.ID, purpose)
		if models.CodeOf(err) == models.TooManyRequests {
			m.log.Warn("an account was sent enough links for now", "user", u.ID, "purpose", purpose)
			return nil, nil // likewise
		}
		if err != nil {
			return nil, err
		}
		token, err := m.issue(ctx, u.ID, u.Email, purpose)
		if err != nil {
			return nil, err
		}
		return write(u.Email, token), nil
	}
}

// newEmail sends a link to the address that an account is to have. Its token is made at once, not when the letter's
// turn comes: a new password has to find it, to kill it. One that came before the token has not, so the password is
// looked at again.
func (m *mailer) newEmail(ctx context.Context, user models.User, email string) error {
	token, err := m.issue(ctx, user.ID, email, models.PurposeEmail)
	if err != nil {
		return err
	}
	if err := recheckPassword(ctx, m.users, user, "password"); err != nil {
		return errors.Join(err, m.withdraw(ctx, token, models.PurposeEmail))
	}
	return m.outbox.Post(written(m.letters.NewEmail(email, token)))
}
