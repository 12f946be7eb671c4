package jobs

import (
	"context"

	"bookplate/accounts"
	"bookplate/models"
)

const (
	remindLease = "loan reminders"

	remindBatch = 200
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
	reminded := map[models.ID]bool{} // whether the loans of each borrower count as reminded in this run
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

// remind reminds a borrower. It reports whether the loans of the borrower count as reminded: not if a mail was sent during the
// last day, but also if none can be sent.
func (j Jobs) remind(ctx context.Context, borrower models.ID) (done bool, err error) {
	reminders := accounts.Reminders{Store: j.Store, Outbox: j.Outbox, Letters: j.Letters, Now: j.Now}
	err = reminders.Remind(ctx, borrower)
	switch models.CodeOf(err) {
	case models.TooManyRequests:
		return false, nil
	case models.Conflict:
		return true, nil
	}
	return err == nil, err
}
