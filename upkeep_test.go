package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bookplate/config"
	"bookplate/models"
)

// library is what upkeep keeps up, on a bubble's clock.
type library struct {
	*testing.T
	*stores
	folder string       // of the covers
	log    bytes.Buffer // to be read once upkeep has ended
}

// inBubble runs a test on a new library, whose stores are opened and closed in the bubble.
func inBubble(t *testing.T, test func(l *library)) {
	folder := t.TempDir() // removed after the bubble: it takes no part in its clock
	synctest.Test(t, func(t *testing.T) {
		settings, err := config.Load(func(name string) string {
			return map[string]string{"DATA_DIR": folder}[name]
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l := &library{T: t, folder: filepath.Join(folder, "covers")}
		if l.stores, err = openStores(t.Context(), settings, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(l)
	})
}

// keepUp has upkeep run, and returns once it waits. stop ends it.
func (l *library) keepUp(adminEmail string) (stop func()) {
	ctx, cancel := context.WithCancel(l.Context())
	go keepUp(ctx, l.stores, adminEmail, slog.New(slog.NewTextHandler(&l.log, nil)))
	synctest.Wait()
	return func() {
		cancel()
		synctest.Wait()
	}
}

// after lets time go by.
func (l *library) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// addOrphans adds pictures that no book names, an hour old.
func (l *library) addOrphans(n int) {
	l.Helper()
	for range n {
		path := filepath.Join(l.folder, models.NewCover(nil).Key(models.ThumbnailSize))
		at := now().Add(-time.Hour)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			l.Fatal(err)
		}
	}
}

func (l *library) wantOrphans(when string, want int) {
	l.Helper()
	pictures, err := os.ReadDir(l.folder)
	if err != nil || len(pictures) != want {
		l.Errorf("%s there are %d orphans, error %v; want %d", when, len(pictures), err, want)
	}
}

// Upkeep runs at once and after every interval, sooner where it failed, until it is told to end.
func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		var at []time.Duration
		every(ctx, time.Minute, slog.New(slog.DiscardHandler), func() error {
			at = append(at, time.Since(start))
			switch len(at) {
			case 2:
				return errors.New("the database is away")
			case 4:
				stop()
			}
			return nil
		})
		want := []time.Duration{0, time.Minute, time.Minute + upkeepRetry, 2*time.Minute + upkeepRetry}
		if !slices.Equal(at, want) {
			t.Errorf("it ran after %v, want %v", at, want)
		}
	})
}

func TestUpkeepSweepsAtStartAndEveryHour(t *testing.T) {
	inBubble(t, func(l *library) {
		l.addOrphans(1)
		stop := l.keepUp("")
		l.wantOrphans("after the start", 0)
		for range 2 {
			l.addOrphans(1)
			l.after(time.Hour - time.Second)
			l.wantOrphans("before the hour is over", 1)
			l.after(time.Second)
			l.wantOrphans("after an hour", 0)
		}

		stop()
		before := leaseHolder
		l.Cleanup(func() { leaseHolder = before })
		leaseHolder = "the next process"
		l.addOrphans(1)
		defer l.keepUp("")()
		l.wantOrphans("after starting again", 0)
	})
}

func TestOneCopyAtATimeSweeps(t *testing.T) {
	inBubble(t, func(l *library) {
		mine, err := l.Leases().Take(l.Context(), sweepLease, "another copy", now(), now().Add(90*time.Minute))
		if !mine || err != nil {
			l.Fatal(mine, err)
		}
		l.addOrphans(1)
		defer l.keepUp("")()
		l.wantOrphans("while another copy sweeps", 1)
		l.after(time.Hour)
		l.wantOrphans("while it still does", 1)
		l.after(time.Hour)
		l.wantOrphans("when it has died at it", 0)
	})
}

// A database that is not the pictures' own is told of, once in a sweep, and the pictures stay.
func TestUpkeepOfAnotherLibrarysCovers(t *testing.T) {
	inBubble(t, func(l *library) {
		l.addOrphans(100)
		stop := l.keepUp("")
		l.after(time.Hour)
		stop()
		l.wantOrphans("with a new database", 100)
		if n := strings.Count(l.log.String(), "DATABASE_URL"); n != 2 || strings.Count(l.log.String(), "\n") != 2 {
			l.Errorf("want two lines of what to check:\n%s", &l.log)
		}
	})
}

// noAccounts is a database whose accounts and sessions are out of reach.
type noAccounts struct{ models.Store }

var errAway = &models.Error{Code: models.Unavailable}

func (s noAccounts) Users() models.Users       { return noUsers{s.Store.Users()} }
func (s noAccounts) Sessions() models.Sessions { return noSessions{s.Store.Sessions()} }

type noUsers struct{ models.Users }

func (noUsers) GetByEmail(context.Context, string) (models.User, error) {
	return models.User{}, errAway
}

type noSessions struct{ models.Sessions }

func (noSessions) DeleteExpired(context.Context, time.Time) (int64, error) { return 0, errAway }

// What fails keeps nothing else from being done, nor has it done more often.
func TestUpkeepGoesOn(t *testing.T) {
	inBubble(t, func(l *library) {
		l.Store = noAccounts{l.Store}
		if err := os.WriteFile(l.mailDir, nil, 0o600); err != nil { // what is no folder is not swept
			l.Fatal(err)
		}
		l.addOrphans(1)
		stop := l.keepUp("ada@example.com")
		l.wantOrphans("after the start", 0)
		l.addOrphans(1)
		l.after(upkeepRetry)
		l.wantOrphans("when the others are tried again", 1)
		l.after(time.Hour - upkeepRetry)
		l.wantOrphans("after an hour", 0)
		stop()
		want := 3 * (1 + int(time.Hour/upkeepRetry)) // three chores, at the start and again and again
		if n := strings.Count(l.log.String(), "upkeep failed"); n != want {
			l.Errorf("%d failures, want %d", n, want)
		}
	})
}
