package mongo

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// openWithoutBackground returns a store and its log. The store is ready for calls and does no work in the background.
func openWithoutBackground(t *testing.T, url string) (*Store, *syncBuffer) {
	t.Helper()
	var log syncBuffer
	s, err := connect(url, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.client.Close() })
	if err := s.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, &log
}

// tutorialLibrary returns the URL of a new database with the tutorial's documents.
func tutorialLibrary(t *testing.T) string {
	t.Helper()
	url := storagetest.MongoURL(t)
	db := rawDB(t, url)
	insert(t, db.Collection(usersName), tutorialUsers.docs)
	insert(t, db.Collection(booksName), tutorialBooks.docs)
	return url
}

// Several stores of one process can be opened at once. The race detector checks that they share nothing that changes.
func TestOpenAtOnce(t *testing.T) {
	url := storagetest.MongoURL(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := Open(t.Context(), url, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// While the tutorial's books do not have keys yet, users can log in and list books, and the database already rejects
// duplicate titles.
func TestCallsWhileBooksArePrepared(t *testing.T) {
	s, log := openWithoutBackground(t, tutorialLibrary(t))
	if got, want := s.Preparing(), int64(len(tutorialUsers.keys)); got < want {
		t.Errorf("prepared %d documents, want at least %d accounts", got, want)
	}
	if user, err := s.Users().GetByEmail(t.Context(), "ada@example.com"); err != nil || user.ID != modelID(1) {
		t.Errorf("log-in: got %+v, %v", user, err)
	}
	list, err := s.Books().List(t.Context(), models.BookFilter{Sort: models.SortCreated, Limit: 100})
	if err != nil || len(list) != 9 {
		t.Errorf("got %d books, %v", len(list), err)
	}
	poems := models.Book{ID: models.NewID(updatedAt), UserID: modelID(1), BookTexts: models.BookTexts{Title: "Poems"}}
	if err := s.Books().Create(t.Context(), poems); models.CodeOf(err) != models.Conflict {
		t.Errorf("a second book with an existing title: got %v, want a conflict", err)
	}
	poems.Title = "More Poems"
	if err := s.Books().Create(t.Context(), poems); err != nil {
		t.Errorf("a book with a new title: %v", err)
	}
	taken := models.BookUpdate{Title: new("Nothing"), UpdatedAt: updatedAt}
	if _, _, err := s.Books().Update(t.Context(), poems.ID, poems.UserID, taken); models.CodeOf(err) != models.Conflict {
		t.Errorf("renaming it to an existing title: got %v, want a conflict", err)
	}

	if err := s.addLegacyKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.Preparing(); n != 0 {
		t.Errorf("still preparing: %d documents are prepared", n)
	}
	for _, want := range []string{`msg="preparing the tutorial's documents"`, `msg="the tutorial's documents are prepared"`} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("want one log line with %s:\n%s", want, log)
		}
	}
}

// Opening a prepared database does not search for documents without a key.
func TestPreparedDatabase(t *testing.T) {
	url := tutorialLibrary(t)
	waitPrepared(t, open(t, url))
	late := oldUser(10, "late@example.com", nil) // stored by the tutorial's code, which still runs
	insert(t, rawDB(t, url).Collection(usersName), []bson.M{late})

	s, log := openWithoutBackground(t, url)
	if s.preparing.Load() {
		t.Error("the database is prepared again")
	}
	if _, err := s.Users().GetByEmail(t.Context(), "late@example.com"); models.CodeOf(err) != models.NotFound {
		t.Errorf("the start added the key of a new account: %v", err)
	}
	if log.String() != "" {
		t.Errorf("got the log %s, want none", log)
	}
	for range 2 {
		if err := s.addLegacyKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if user, err := s.Users().GetByEmail(t.Context(), "late@example.com"); err != nil || user.ID != modelID(10) {
		t.Errorf("the new account: got %+v, %v", user, err)
	}
	if n := strings.Count(log.String(), "duplicate"); n != 3 {
		t.Errorf("%d duplicates are logged, want each of the 3 once:\n%s", n, log)
	}
}

// The progress of a long preparation is logged.
func TestProgress(t *testing.T) {
	var log syncBuffer
	s := &Store{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.addProgress(1) // not counted, because the database is prepared
	s.preparing.Store(true)
	for range 2 * progressStep / legacyBatch {
		s.addProgress(legacyBatch)
	}
	if n := s.Preparing(); n != 2*progressStep {
		t.Errorf("got %d documents, want %d", n, 2*progressStep)
	}
	if n := strings.Count(log.String(), "\n"); n != 3 {
		t.Errorf("got %d log lines, want 3:\n%s", n, log.String())
	}
}
