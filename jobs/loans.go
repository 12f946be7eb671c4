package jobs

import (
	"context"
	"time"

	"bookplate/mail"
	"bookplate/models"
)

const (
	remindLease = "loan reminders"

	remindBatch = 200

	// remindPause is the least time between two reminders to a person.
	remindPause = 24 * time.Hour
)

// remindBorrowers sends a reminder to each borrower with loans that are due soon or overdue. All loans of a borrower
// share one mail. A borrower who got a mail during the last day gets none now; a later run reminds them.
func (j Jobs) remindBorrowers(ctx context.Context) error {
	now := j.Now()
	f := models.ReminderFilter{Limit: remindBatch}
	if j.RemindBefore > 0 {
		f.Soon = models.DateOf(now.Add(j.RemindBefore))
	}
	if j.RemindAfter > 0 {
		f.Late = models.DateOf(now.Add(-j.RemindAfter))
	}
	reminded := map[models.ID]bool{} // whether each borrower gets a mail in this run
	for {
		loans, err := j.Store.Loans().ToRemind(ctx, f)
		if err != nil {
			return err
		}
		for _, l := range loans {
			if _, known := reminded[l.BorrowerID]; !known {
				if reminded[l.BorrowerID], err = j.remind(ctx, l.BorrowerID); err != nil {
					return err
				}
			}
			if !reminded[l.BorrowerID] {
				continue
			}
			up := models.LoanUpdate{Reminded: new(f.Reminder(l.Due))}
			if _, err := j.Store.Loans().Update(ctx, l.ID, up); err != nil && models.CodeOf(err) != models.NotFound {
				return err
			}
		}
		if len(loans) < f.Limit {
			return nil
		}
		f.After = loans[len(loans)-1].ID
	}
}

// remind queues a reminder to a borrower, unless one was sent during the last day, and reports whether it did. The
// store records when, so that two copies of the server do not both send one. No mail is sent if the account is disabled
// or its address is not verified yet.
func (j Jobs) remind(ctx context.Context, borrower models.ID) (sent bool, err error) {
	now := j.Now()
	err = j.Store.Throttles().Change(ctx, "loan reminder "+string(borrower), func(t models.Tally) models.Tally {
		t = t.Current(now)
		if sent = t.Count == 0; !sent {
			return t
		}
		return models.Tally{Count: 1, At: now, ExpiresAt: now.Add(remindPause)}
	})
	if err != nil || !sent {
		return false, err
	}
	return true, j.Outbox.Post(func(ctx context.Context) (*mail.Message, error) {
		u, err := j.Store.Users().Get(ctx, borrower)
		if models.CodeOf(err) == models.NotFound || err == nil && (!u.Active || u.Pending) {
			return nil, nil //nolint:nilnil // no mail, no error
		}
		return j.Letters.LoanReminder(u.Email), err
	})
}
