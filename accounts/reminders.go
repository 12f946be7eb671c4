package accounts

import (
	"context"
	"errors"
	"time"

	"bookplate/mail"
	"bookplate/models"
)

// remindPause is the least time between two reminders to a borrower.
const remindPause = 24 * time.Hour

var errGetsNoMail = &models.Error{
	Code: models.Conflict, Name: "borrower_without_mail",
	Detail: "the borrower's account is disabled, or its address is not confirmed: remind the borrower yourself",
}

// Reminders reminds borrowers of what they have borrowed.
type Reminders struct {
	Store   models.Store
	Outbox  *mail.Outbox
	Letters mail.Letters
	Now     func() time.Time
}

// Remind queues a mail to a borrower about all of their loans. The error is TooManyRequests if the borrower got a mail during
// the last day. It is Conflict if the account is deleted, disabled or not verified.
func (r Reminders) Remind(ctx context.Context, borrower models.ID) error {
	u, err := r.Store.Users().Get(ctx, borrower)
	if models.CodeOf(err) == models.NotFound || err == nil && (!u.Active || u.Pending) {
		return errGetsNoMail.WithCause(err)
	}
	if err != nil {
		return err
	}
	if err := r.count(ctx, borrower); err != nil {
		return err
	}
	if err := r.Outbox.Post(written(r.Letters.LoanReminder(u.Email))); err != nil {
		return errors.Join(err, r.uncount(context.WithoutCancel(ctx), borrower))
	}
	return nil
}

// count counts a reminder before it is sent, in the store, so that two copies of the server do not both send one.
func (r Reminders) count(ctx context.Context, borrower models.ID) error {
	now, wait := r.Now(), time.Duration(0)
	err := r.Store.Throttles().Change(ctx, reminderKey(borrower), func(t models.Tally) models.Tally {
		if t = t.Current(now); t.Count > 0 {
			wait = t.ExpiresAt.Sub(now)
			return t
		}
		wait = 0
		return models.Tally{Count: 1, At: now, ExpiresAt: now.Add(remindPause)}
	})
	if err == nil && wait > 0 {
		return &models.Error{
			Code: models.TooManyRequests, Name: "reminded_already", RetryAfter: wait,
			Detail: "the borrower has got a reminder during the last day: wait until the day is over",
		}
	}
	return err
}

// uncount forgets a reminder that could not be queued.
func (r Reminders) uncount(ctx context.Context, borrower models.ID) error {
	return r.Store.Throttles().Change(ctx, reminderKey(borrower), func(models.Tally) models.Tally { return models.Tally{} })
}

func reminderKey(borrower models.ID) string { return "loan reminder " + string(borrower) }
