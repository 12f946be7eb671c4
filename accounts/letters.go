package accounts

import (
	"context"
	"errors"
	"time"

	"bookplate/mail"
	"bookplate/models"
	"bookplate/throttle"
)

var (
	// recipientLimit limits the links that one network requests for one e-mail address.
	recipientLimit = throttle.Limit{N: 5, Per: 5 * time.Minute}
	// accountLimit limits the links of one purpose that are sent to an account, so that no mailbox is flooded.
	accountLimit = throttle.Limit{N: 5, Per: 50 * time.Minute}
)

// admitLinkRequest limits the requests for links by callers who are not signed in. A request for an address that has no
// account counts, too.
func (a *Accounts) admitLinkRequest(ctx context.Context, client Client, email string) error {
	if err := a.admitNetwork(ctx, client, a.LinkLimit, "mail"); err != nil {
		return err
	}
	return a.Limiter.Admit(ctx, recipientLimit, "mail to", models.EmailKey(email), throttle.Network(client.IP))
}

// admitLink limits the links of one purpose for one account. Each purpose has its own count, so requests for other
// links do not stop the owner from getting a link for a new password.
func (a *Accounts) admitLink(ctx context.Context, id models.ID, purpose models.Purpose) error {
	return a.Limiter.Admit(ctx, accountLimit, "links of", string(id), string(purpose))
}

// admitNewEmail limits the links that an account requests for confirming a new address. It also limits the links that
// all accounts together request for that address, because it may be a stranger's.
func (a *Accounts) admitNewEmail(ctx context.Context, id models.ID, email string) error {
	if err := a.admitLink(ctx, id, models.PurposeEmail); err != nil {
		return err
	}
	return a.Limiter.Admit(ctx, accountLimit, "new address", models.EmailKey(email))
}

// post queues a letter. A failure is only logged.
func (a *Accounts) post(letter mail.Letter) {
	if err := a.Outbox.Post(letter); err != nil {
		a.Log.Error("cannot post a message", "error", err)
	}
}

// tell queues a message. A failure is only logged.
func (a *Accounts) tell(message *mail.Message) { a.post(written(message)) }

func written(message *mail.Message) mail.Letter {
	return func(context.Context) (*mail.Message, error) { return message, nil }
}

// activationLetter returns a letter with an activation link. Nothing is sent if the account is activated already.
func (a *Accounts) activationLetter(email string) mail.Letter {
	pending := func(u models.User) bool { return u.Pending }
	return a.linkLetter(email, models.PurposeActivation, a.Letters.Activation, pending)
}

func (a *Accounts) resetLetter(email string) mail.Letter {
	return a.linkLetter(email, models.PurposeReset, a.Letters.Reset, func(models.User) bool { return true })
}

// linkLetter returns a function that writes a letter with a link. The outbox calls the function in the background,
// after the request was answered. The function looks up the account with that address. It writes no letter if there is
// no such account, or if wanted returns false for it.
func (a *Accounts) linkLetter(
	email string, purpose models.Purpose, write func(to, token string) *mail.Message, wanted func(models.User) bool,
) mail.Letter {
	return func(ctx context.Context) (*mail.Message, error) {
		u, err := a.users.GetByEmail(ctx, email)
		if models.CodeOf(err) == models.NotFound || err == nil && !wanted(u) {
			return nil, nil // nothing to send
		}
		if err != nil {
			return nil, err
		}
		err = a.admitLink(ctx, u.ID, purpose)
		if models.CodeOf(err) == models.TooManyRequests {
			a.Log.Warn("an account has been sent too many links; no more for now", "user", u.ID, "purpose", purpose)
			return nil, nil // nothing to send
		}
		if err != nil {
			return nil, err
		}
		token, err := a.issueLink(ctx, u.ID, u.Email, purpose)
		if err != nil {
			return nil, err
		}
		return write(u.Email, token), nil
	}
}

// sendNewEmailLink sends a link to a new address of an account. It creates the token first and then checks the password
// again. So if the password changes, either the check fails or the change deletes the token.
func (a *Accounts) sendNewEmailLink(ctx context.Context, user models.User, email string) error {
	token, err := a.issueLink(ctx, user.ID, email, models.PurposeEmail)
	if err != nil {
		return err
	}
	if err := a.recheckPassword(ctx, user, "password"); err != nil {
		return errors.Join(err, a.withdrawLink(ctx, token, models.PurposeEmail))
	}
	return a.Outbox.Post(written(a.Letters.NewEmail(email, token)))
}
