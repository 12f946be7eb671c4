package jobs

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

	"bookplate/covers"
	"bookplate/mail"
	"bookplate/models"
	"bookplate/storage"
)

// bench has the stores and jobs of a server, with the clock of a synctest bubble.
type bench struct {
	*testing.T
	jobs   Jobs
	folder string       // of the covers
	log    bytes.Buffer // read after the jobs have ended
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// inBubble runs a test in a synctest bubble, with new stores.
func inBubble(t *testing.T, test func(b *bench)) {
	dir := t.TempDir() // removed after the bubble has ended
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, folder: filepath.Join(dir, "covers")}
		if err := os.Mkdir(b.folder, 0o700); err != nil {
			t.Fatal(err)
		}
		store, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(dir, "bookplate.db"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		blobs, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: "disk:" + b.folder})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := errors.Join(blobs.Close(), store.Close()); err != nil {
				t.Error(err)
			}
		}()
		b.jobs = Jobs{
			Store: store, Covers: covers.New(blobs, covers.Options{Mark: store.CoverMark, MaxPixels: 1, Memory: 1}),
			MailDir: filepath.Join(dir, "mail"), Log: slog.New(slog.NewTextHandler(&b.log, nil)), Now: now,
			Imports: noImports{},
		}
		test(b)
	})
}

// noImports stands for a library without imports.
type noImports struct{}

func (noImports) Run(context.Context, string) error { return nil }
func (noImports) DeleteOld(context.Context) error   { return nil }

// run starts the jobs and returns when they wait for their next run. stop stops them.
func (b *bench) run(adminEmail string) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	b.jobs.AdminEmail = adminEmail
	go b.jobs.Run(ctx)
	synctest.Wait()
	return func() {
		cancel()
		synctest.Wait()
	}
}

// after lets d pass, and then blocks until the jobs wait again.
func (b *bench) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// addOrphans adds pictures without a book, an hour old.
func (b *bench) addOrphans(n int) {
	b.Helper()
	for range n {
		b.addPicture(models.NewCover("", nil))
	}
}

// addPicture adds a thumbnail of a cover that was stored an hour ago.
func (b *bench) addPicture(cover models.Cover) {
	b.Helper()
	path := filepath.Join(b.folder, cover.Key(models.ThumbnailSize))
	at := now().Add(-time.Hour)
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) wantPictures(when string, want int) {
	b.Helper()
	pictures, err := os.ReadDir(b.folder)
	if err != nil || len(pictures) != want {
		b.Errorf("%s there are %d pictures, error %v; want %d", when, len(pictures), err, want)
	}
}

// A job runs at once and after every interval, or sooner after a failure, until its context ends.
func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		var at []time.Duration
		every(ctx, time.Minute, slog.New(slog.DiscardHandler), func() error {
			at = append(at, time.Since(start))
			switch len(at) {
			case 2:
				return errors.New("the database is unreachable")
			case 4:
				stop()
			}
			return nil
		})
		want := []time.Duration{0, time.Minute, time.Minute + retryInterval, 2*time.Minute + retryInterval}
		if !slices.Equal(at, want) {
			t.Errorf("it ran after %v, want %v", at, want)
		}
	})
}

func TestSweepAtStartAndEveryHour(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.addOrphans(1)
		stop := b.run("")
		b.wantPictures("after the start", 0)
		for range 2 {
			b.addOrphans(1)
			b.after(time.Hour - time.Second)
			b.wantPictures("before an hour", 1)
			b.after(time.Second)
			b.wantPictures("after an hour", 0)
		}

		stop()
		b.addOrphans(1)
		defer b.run("")()
		b.wantPictures("after starting again", 0)
	})
}

func TestOneCopyAtATimeSweeps(t *testing.T) {
	inBubble(t, func(b *bench) {
		taken, err := b.jobs.Store.Leases().Take(b.Context(), sweepLease, "another copy", now(), now().Add(90*time.Minute))
		if !taken || err != nil {
			b.Fatal(taken, err)
		}
		b.addOrphans(1)
		defer b.run("")()
		b.wantPictures("while another copy sweeps", 1)
		b.after(time.Hour)
		b.wantPictures("before its lease expires", 1)
		b.after(time.Hour)
		b.wantPictures("after its lease has expired", 0)
	})
}

// If DATABASE_URL names the database of another library, no picture has a book. Then each sweep logs a warning and
// deletes nothing.
func TestCoversOfAnotherLibrary(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.addOrphans(100)
		stop := b.run("")
		b.after(time.Hour)
		stop()
		b.wantPictures("with a new database", 100)
		if n := strings.Count(b.log.String(), "DATABASE_URL"); n != 2 || strings.Count(b.log.String(), "level=WARN") != 2 {
			b.Errorf("want two warnings:\n%s", &b.log)
		}
	})
}

// noAccounts is a store whose accounts and sessions are unavailable.
type noAccounts struct{ models.Store }

var errUnavailable = &models.Error{Code: models.Unavailable}

func (s noAccounts) Users() models.Users       { return noUsers{s.Store.Users()} }
func (s noAccounts) Sessions() models.Sessions { return noSessions{s.Store.Sessions()} }

type noUsers struct{ models.Users }

func (noUsers) GetByEmail(context.Context, string) (models.User, error) {
	return models.User{}, errUnavailable
}

type noSessions struct{ models.Sessions }

func (noSessions) DeleteExpired(context.Context, time.Time) (int64, error) { return 0, errUnavailable }

// A job that fails does not stop the other jobs or make them run more often.
func TestJobsAreIndependent(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.jobs.Store = noAccounts{b.jobs.Store}
		if err := os.WriteFile(b.jobs.MailDir, nil, 0o600); err != nil { // a file, so the job fails
			b.Fatal(err)
		}
		b.addOrphans(1)
		stop := b.run("ada@example.com")
		b.wantPictures("after the start", 0)
		b.addOrphans(1)
		b.after(retryInterval)
		b.wantPictures("after the other jobs were retried", 1)
		b.after(time.Hour - retryInterval)
		b.wantPictures("after an hour", 0)
		stop()
		want := 3 * (1 + int(time.Hour/retryInterval)) // three jobs, at the start and at each retry
		if n := strings.Count(b.log.String(), "a job failed"); n != want {
			b.Errorf("%d failures, want %d", n, want)
		}
	})
}

// The stored answers of the metadata sources are deleted after they have expired.
func TestExpiredAnswers(t *testing.T) {
	inBubble(t, func(b *bench) {
		answers := b.jobs.Store.SourceAnswers()
		a := models.SourceAnswer{Source: models.DNB, ISBN: "9783150096765", ExpiresAt: now().Add(90 * time.Minute)}
		if err := answers.Put(b.Context(), a); err != nil {
			b.Fatal(err)
		}
		stop := b.run("")
		defer stop()
		for _, want := range []bool{true, false} {
			b.after(time.Hour + time.Minute)
			if _, err := answers.Get(b.Context(), a.Source, a.ISBN); (err == nil) != want {
				b.Errorf("the answer is %v, want it to be kept: %t", err, want)
			}
		}
	})
}

// Until there is an account, each start logs a link for creating the administrator.
func TestSetUpLink(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.jobs.Letters = mail.Letters{Base: "https://books.example.com"}
		for range 2 {
			b.run("")()
		}
		if n := strings.Count(b.log.String(), "https://books.example.com/?invitation="); n != 2 {
			b.Errorf("%d links in the log, want 2:\n%s", n, b.log.String())
		}
		u := models.User{ID: models.NewID(now()), Email: "ada@example.com", Active: true}
		if err := b.jobs.Store.Users().Create(b.Context(), u); err != nil {
			b.Fatal(err)
		}
		b.log.Reset()
		b.run("")()
		if strings.Contains(b.log.String(), "invitation") {
			b.Errorf("a link is logged although there is an account:\n%s", b.log.String())
		}
	})
}
