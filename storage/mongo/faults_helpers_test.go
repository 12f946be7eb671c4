package mongo

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// shortSelection is the query of a URL. It makes calls fail soon if there is no server. Calls to a slow server still
// succeed.
const shortSelection = "?serverSelectionTimeoutMS=200&timeoutMS=300000"

// wantUnavailable checks that err is Unavailable and says when to retry.
func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != models.Unavailable || e.RetryAfter <= 0 {
		t.Fatalf("got %#v (%v), want Unavailable with a time to retry", err, err)
	}
}

// waitReady waits until calls of the store succeed.
func waitReady(t testing.TB, s *Store) {
	t.Helper()
	for s.Ping(t.Context()) != nil {
		time.Sleep(20 * time.Millisecond)
	}
}

// waitPrepared waits until all of the tutorial's documents have keys.
func waitPrepared(t *testing.T, s *Store) {
	t.Helper()
	waitReady(t, s)
	for s.preparing.Load() {
		time.Sleep(20 * time.Millisecond)
	}
}

// everyCall makes calls of different kinds and returns their errors by name.
func everyCall(t *testing.T, s *Store) map[string]error {
	t.Helper()
	id := models.NewID(updatedAt)
	book := models.Book{ID: models.NewID(updatedAt), UserID: id, BookTexts: models.BookTexts{Title: "Emma"}}
	errs := map[string]error{
		"Ping":               s.Ping(t.Context()),
		"Users.Create":       s.Users().Create(t.Context(), models.User{ID: id, Email: string(id), Active: true}),
		"Books.Create":       s.Books().Create(t.Context(), book),
		"Sessions.Create":    s.Sessions().Create(t.Context(), models.Session{ID: models.NewID(updatedAt), UserID: id}),
		"Sessions.DeleteAll": s.Sessions().DeleteAll(t.Context(), id, ""),
	}
	_, errs["Books.List"] = s.Books().List(t.Context(), models.BookFilter{Sort: models.SortCreated, Limit: 1})
	_, errs["Books.Count"] = s.Books().Count(t.Context(), models.BookFilter{})
	_, errs["Users.List"] = s.Users().List(t.Context(), models.UserFilter{Limit: 1})
	_, errs["Sessions.DeleteExpired"] = s.Sessions().DeleteExpired(t.Context(), updatedAt)
	return errs
}

// syncBuffer is a buffer that is safe for concurrent use, so that a test can read what a logger writes.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func hostOf(f *storagetest.Ferret) string {
	return strings.Trim(strings.TrimPrefix(f.URL(), "mongodb://"), "/")
}

func wantDetail(t *testing.T, err error, want string) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Detail != want {
		t.Errorf("got %v, want the detail %q", err, want)
	}
}
