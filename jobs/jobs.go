// Package jobs has the background jobs: deleting expired rows and old mail, sweeping covers, reminding borrowers, backups,
// and finding the first administrator.
package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bookplate/covers"
	"bookplate/library/copies"
	"bookplate/mail"
	"bookplate/models"
)

const (
	interval         = time.Hour
	importInterval   = time.Second // so that an import begins soon; without one, a look into an index is made
	throttleInterval = time.Minute // so that the rows of an attack are deleted soon after they expire
	retryInterval    = 10 * time.Second

	// leaseTime is how long other copies of the server wait if one dies during a job that only one of them runs. A sweep of
	// a million pictures takes less. Two runs of such a job at once do no harm.
	leaseTime = 10 * time.Minute
)

// Jobs are the jobs of one server.
type Jobs struct {
	Store      models.Store
	Covers     *covers.Covers
	MailDir    string // where mail is written if SMTP_URL is not set
	AdminEmail string // the ADMIN_EMAIL setting; may be empty
	Letters    mail.Letters
	Outbox     *mail.Outbox
	Imports    Imports
	Log        *slog.Logger
	Now        func() time.Time

	TrashTTL time.Duration    // how long a book stays in the trash; zero for ever
	Backups  *copies.Schedule // nil if no backups are made

	// A borrower gets a reminder RemindBefore the due date of a loan, and another RemindAfter it. Zero means no such
	// reminder.
	RemindBefore, RemindAfter time.Duration
}

// Imports runs the imports of files, as transfer.Imports does.
type Imports interface {
	Run(ctx context.Context, holder string) error
	DeleteOld(ctx context.Context) error
}

// Run runs all jobs until ctx ends: each at once, and then at its interval. A job that fails is repeated soon and does
// not delay the other jobs.
func (j Jobs) Run(ctx context.Context) {
	var jobs sync.WaitGroup
	start := func(name string, interval time.Duration, job func() error) {
		jobs.Go(func() { every(ctx, interval, j.Log.With("job", name), job) })
	}
	start("expired throttles", throttleInterval, func() error {
		_, err := j.Store.Throttles().DeleteExpired(ctx, j.Now())
		return err
	})
	start("expired sessions, tokens and kept answers", interval, func() error {
		_, sessions := j.Store.Sessions().DeleteExpired(ctx, j.Now())
		_, tokens := j.Store.OneTimeTokens().DeleteExpired(ctx, j.Now())
		_, answers := j.Store.KeyedRequests().DeleteExpired(ctx, j.Now())
		return errors.Join(sessions, tokens, answers)
	})
	start("expired answers about ISBNs", interval, func() error {
		_, err := j.Store.SourceAnswers().DeleteExpired(ctx, j.Now())
		return err
	})
	start("old mail", interval, func() error {
		return mail.Sweep(j.MailDir, j.Now().Add(-models.PurposeActivation.TTL())) // older messages have only expired links
	})
	holder := rand.Text() // identifies this copy of the server
	start("imports", importInterval, func() error { return j.Imports.Run(ctx, holder) })
	start("old imports", interval, func() error { return j.Imports.DeleteOld(ctx) })
	start("covers without a book", interval, func() error { return j.sweepCovers(ctx, holder) })
	if j.TrashTTL > 0 {
		start("old books in the trash", interval, func() error { return j.emptyTrash(ctx, holder) })
	}
	start("loan reminders", interval, func() error {
		return j.alone(ctx, remindLease, holder, leaseTime, func() error { return j.remindBorrowers(ctx) })
	})
	if j.Backups != nil {
		start("backup", backupInterval, func() error { return j.backUp(ctx, holder) })
	}
	shown := false
	start("set-up link", interval, func() error { return j.showSetUpLink(ctx, &shown) })
	if j.AdminEmail != "" {
		granted := false
		start("ADMIN_EMAIL", interval, func() error { return j.grantAdmin(ctx, &granted) })
	}
	jobs.Wait()
}

// alone calls job unless another copy of the server has the lease. It holds the lease until the job ends. If this copy
// dies, the lease ends after d.
func (j Jobs) alone(ctx context.Context, lease, holder string, d time.Duration, job func() error) error {
	taken, err := j.Store.Leases().Take(ctx, lease, holder, j.Now(), j.Now().Add(d))
	if err != nil || !taken {
		return err
	}
	return errors.Join(job(), j.Store.Leases().Release(context.WithoutCancel(ctx), lease, holder))
}

// every calls job now and after every interval, or sooner after a failure, until ctx ends.
func every(ctx context.Context, interval time.Duration, log *slog.Logger, job func() error) {
	for {
		wait := interval
		if err := job(); err != nil && ctx.Err() == nil {
			log.Warn("a job failed and will be repeated", "in", retryInterval, "error", err)
			wait = retryInterval
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
