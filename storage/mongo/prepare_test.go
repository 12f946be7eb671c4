package mongo

import (
	"log/slog"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// openWithoutBackground returns a store that was prepared for calls and does nothing beside them, and what it logs.
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

// tutorialLibrary returns the URL of a fresh database with the tutorial's documents in it.
func tutorialLibrary(t *testing.T) string {
	t.Helper()
	url := storagetest.MongoURL(t)
	db := rawDB(t, url)
	insert(t, db.Collection(usersName), tutorialUsers.docs)
	insert(t, db.Collection(booksName), tutorialBooks.docs)
	return url
}

// While the books of an old database have no keys yet, its users log in and read, and titles are unique.
func TestCallsWhileBooksArePrepared(t *testing.T) {
	s, log := openWithoutBackground(t, tutorialLibrary(t))
	if got, want := s.Preparing(), int64(len(tutorialUsers.keys)); got < want {
		t.Errorf("prepared %d documents, want %d accounts at least", got, want)
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
		t.Errorf("a second book of an old title: got %v, want a conflict", err)
	}
	poems.Title = "More Poems"
	if err := s.Books().Create(t.Context(), poems); err != nil {
		t.Errorf("a book of a new title: %v", err)
	}
	taken := models.BookUpdate{Title: new("Nothing"), UpdatedAt: updatedAt}
	if _, _, err := s.Books().Update(t.Context(), poems.ID, poems.UserID, taken); models.CodeOf(err) != models.Conflict {
		t.Errorf("renaming it to the title of an old book: got %v, want a conflict", err)
	}

	if err := s.addLegacyKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.Preparing(); n != 0 {
		t.Errorf("it still prepares, and has got to %d documents", n)
	}
	for _, want := range []string{`msg="preparing the tutorial's documents"`, `msg="the tutorial's documents are prepared"`} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("want one line with %s:\n%s", want, log)
		}
	}
}

// A start looks for documents without a key in a database that was never prepared only.
func TestPreparedDatabase(t *testing.T) {
	url := tutorialLibrary(t)
	waitPrepared(t, open(t, url))
	late := oldUser(10, "late@example.com", nil) // the tutorial's code still runs
	insert(t, rawDB(t, url).Collection(usersName), []bson.M{late})

	s, log := openWithoutBackground(t, url)
	if s.preparing.Load() {
		t.Error("it is prepared again")
	}
	if _, err := s.Users().GetByEmail(t.Context(), "late@example.com"); models.CodeOf(err) != models.NotFound {
		t.Errorf("the start has looked for documents without a key: %v", err)
	}
	if log.String() != "" {
		t.Errorf("logged %s", log)
	}
	for range 2 {
		if err := s.addLegacyKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if user, err := s.Users().GetByEmail(t.Context(), "late@example.com"); err != nil || user.ID != modelID(10) {
		t.Errorf("the late account: got %+v, %v", user, err)
	}
	if n := strings.Count(log.String(), "duplicate"); n != 3 {
		t.Errorf("%d duplicates are named, want each of 3 once:\n%s", n, log)
	}
}

// The log tells the progress of a long preparation.
func TestProgress(t *testing.T) {
	var log syncBuffer
	s := &Store{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.noteProgress(1) // of a prepared database: not counted
	s.preparing.Store(true)
	for range 2 * progressStep / legacyBatch {
		s.noteProgress(legacyBatch)
	}
	if n := s.Preparing(); n != 2*progressStep {
		t.Errorf("%d documents, want %d", n, 2*progressStep)
	}
	if n := strings.Count(log.String(), "\n"); n != 3 {
		t.Errorf("%d lines, want 3:\n%s", n, log.String())
	}
}
