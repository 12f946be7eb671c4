package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bookplate/mail"
	"bookplate/models"
)

// recipients is a mail.Sender that records the recipients, separated by spaces.
type recipients struct{ strings.Builder }

func (r *recipients) Send(_ context.Context, m mail.Message) error {
	_, err := fmt.Fprint(r, strings.Split(m.To, "@")[0], " ")
	return err
}

// sendTo makes the jobs send their mail to the returned recipients and use the returned clock, which the test can set.
func (b *bench) sendTo() (sent *recipients, clock *time.Time) {
	sent, clock = &recipients{}, new(now())
	b.jobs.Now = func() time.Time { return *clock }
	b.jobs.Outbox = mail.NewOutbox(sent, slog.New(slog.DiscardHandler))
	b.jobs.RemindBefore, b.jobs.RemindAfter = 72*time.Hour, 24*time.Hour
	return sent, clock
}

func (b *bench) addUser(name string, active, pending bool) models.ID {
	b.Helper()
	u := models.User{ID: models.NewID(now()), Email: name + "@example.com", Active: active, Pending: pending}
	if err := b.jobs.Store.Users().Create(b.Context(), u); err != nil {
		b.Fatal(err)
	}
	return u.ID
}

// lend lends a new book, which is due some days from now.
func (b *bench) lend(owner, borrower models.ID, days int) models.ID {
	b.Helper()
	book := models.Book{ID: models.NewID(now()), UserID: owner}
	book.Title = string(book.ID)
	l := models.Loan{
		ID: models.NewID(now()), BookID: book.ID, LenderID: owner, BorrowerID: borrower, Borrower: "Bob",
		Due: models.DateOf(now().AddDate(0, 0, days)),
	}
	if err := b.jobs.Store.Books().Create(b.Context(), book); err != nil {
		b.Fatal(err)
	}
	if err := b.jobs.Store.Loans().Create(b.Context(), l, 1); err != nil {
		b.Fatal(err)
	}
	return l.ID
}

// remind runs the job of each server at once, and returns when the mail is sent.
func (b *bench) remind(servers ...Jobs) {
	b.Helper()
	for _, j := range servers {
		go func() {
			if err := j.remindBorrowers(b.Context()); err != nil {
				b.Error(err)
			}
		}()
	}
	synctest.Wait()
}

// A borrower gets a mail three days before a loan is due, and another a day after the due date. Loans with the same due
// date share one mail.
func TestLoanReminders(t *testing.T) {
	inBubble(t, func(b *bench) {
		sent, clock := b.sendTo()
		ada, bob, eve := b.addUser("ada", true, false), b.addUser("bob", true, false), b.addUser("eve", true, false)
		b.lend(ada, bob, 5)
		b.lend(ada, bob, 5)
		returned := b.lend(ada, eve, 5)
		b.lend(ada, eve, 6)
		b.lend(ada, "", 5)
		b.lend(ada, b.addUser("disabled", false, false), 5)
		b.lend(ada, b.addUser("pending", true, true), 5)
		if _, err := b.jobs.Store.Loans().Update(b.Context(), returned, models.LoanUpdate{ReturnedAt: new(now())}); err != nil {
			b.Fatal(err)
		}
		for _, test := range []struct {
			day  int
			want string
		}{{1, ""}, {2, "bob "}, {3, "bob eve "}, {5, "bob eve "}, {6, "bob eve bob "}, {7, "bob eve bob eve "}, {9, "bob eve bob eve "}} {
			for clock.Day() <= test.day { // the first day is 1 January
				b.remind(b.jobs)
				*clock = clock.Add(time.Hour)
			}
			b.remind(b.jobs)
			if sent.String() != test.want {
				b.Errorf("after %d days: %q, want %q", test.day, sent, test.want)
			}
		}
	})
}

// If a borrower already got a mail on a day, further reminders wait for the next day. If several copies of the server
// run, only one of them sends the mail.
func TestOneLoanReminderADay(t *testing.T) {
	inBubble(t, func(b *bench) {
		sent, clock := b.sendTo()
		ada, bob := b.addUser("ada", true, false), b.addUser("bob", true, false)
		b.lend(ada, bob, 1)
		b.remind(b.jobs)
		b.lend(ada, bob, 2)
		other := b.jobs
		for _, test := range []struct {
			hours time.Duration
			want  string
		}{{23, "bob "}, {1, "bob bob "}, {0, "bob bob "}} {
			*clock = clock.Add(test.hours * time.Hour)
			b.remind(b.jobs, other)
			if sent.String() != test.want {
				b.Errorf("after %d more hours: %q, want %q", test.hours, sent, test.want)
			}
		}
	})
}

func TestLoanRemindersOff(t *testing.T) {
	inBubble(t, func(b *bench) {
		sent, clock := b.sendTo()
		b.jobs.RemindBefore, b.jobs.RemindAfter = 0, 0
		b.lend(b.addUser("ada", true, false), b.addUser("bob", true, false), 1)
		for range 2 {
			b.remind(b.jobs)
			*clock = clock.AddDate(0, 0, 3)
		}
		if sent.String() != "" {
			b.Errorf("reminders are off, but sent to %q", sent)
		}
	})
}

// If a reminder could not be queued, the next run sends it.
func TestLoanReminderIsRepeated(t *testing.T) {
	inBubble(t, func(b *bench) {
		sent, _ := b.sendTo()
		if err := b.jobs.Outbox.Close(); err != nil {
			b.Fatal(err)
		}
		b.lend(b.addUser("ada", true, false), b.addUser("bob", true, false), 1)
		if err := b.jobs.remindBorrowers(b.Context()); models.CodeOf(err) != models.Unavailable {
			b.Errorf("with a closed outbox: %v", err)
		}
		b.jobs.Outbox = mail.NewOutbox(sent, slog.New(slog.DiscardHandler))
		defer b.run("")()
		if sent.String() != "bob " {
			b.Errorf("sent to %q", sent)
		}
	})
}
