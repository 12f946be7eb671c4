// Package demo fills an empty library with an example: books in the public domain with covers, and four accounts that have
// read and lent these books for two years.
package demo

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/accounts"
	"bookplate/covers"
	"bookplate/library"
	"bookplate/models"
	"bookplate/throttle"
)

const (
	day     = 24 * time.Hour
	history = 730 * day // how long the accounts have existed

	// maxWrites is how many books or records are written at the same time. The database commits them together.
	maxWrites = 32
)

// Library is the library to fill. It must be empty.
type Library struct {
	Store  models.Store
	Covers *covers.Covers
	Hasher accounts.Hasher
	Log    *slog.Logger
}

// Account is an account of the demo.
type Account struct {
	models.User
	Password string
}

// Fill fills the library, and returns its accounts with their passwords. All dates are relative to now. Apart from dates,
// ids and passwords, every library is filled with the same data.
func Fill(ctx context.Context, l Library, now time.Time) ([]Account, error) {
	f := &filler{Library: l, now: now, begin: now.Add(-history)}
	for _, step := range []func(context.Context) error{f.addAccounts, f.addBooks, f.addRecords} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return f.accounts, nil
}

// filler fills a library through the packages accounts and library, whose clock it sets to the time of each event.
type filler struct {
	Library
	now, begin time.Time
	accounts   []Account
	books      []models.Book // in the order in which they were added
}

// at returns a clock that always shows t.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// rules returns the service for accounts with its clock set to t.
func (f *filler) rules(t time.Time) *accounts.Accounts {
	return accounts.New(accounts.Options{
		Store: f.Store, Hasher: f.Hasher, Log: f.Log, Now: at(t), SignUpMode: models.SignUpOpen,
		Limiter: throttle.Limiter{Off: true},
	})
}

// catalogue returns the service for books with its clock set to t.
func (f *filler) catalogue(t time.Time) *library.Books {
	return &library.Books{
		Store: f.Store.Books(), Covers: f.Covers, CoverBudget: time.Minute, Log: f.Log, Now: at(t), Audit: f.audit(t),
	}
}

func (f *filler) audit(t time.Time) *accounts.Audit {
	return &accounts.Audit{Store: f.Store.Audit(), Now: at(t)}
}

// addRecords adds the reading records, loans, shelves and goals of the accounts.
func (f *filler) addRecords(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxWrites)
	for _, records := range [][]record{f.readings(), f.goals(), f.loans(), f.shelves()} {
		for _, write := range records {
			group.Go(func() error { return write(ctx) })
		}
	}
	return group.Wait()
}

// record stores something that an account has done, such as a loan.
type record func(context.Context) error
