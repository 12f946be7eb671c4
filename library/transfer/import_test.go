package transfer

import (
	"strings"
	"testing"

	"bookplate/library/isbn"
	"bookplate/models"
)

// newImports returns an Imports for the server, without look-up.
func (s *server) newImports() *Imports {
	return &Imports{
		Store: s.store, Books: s.books, Readings: s.exporter.Readings, Shelves: s.exporter.Shelves, ISBN: isbn.New(isbn.Options{}),
		Categories: models.DefaultCategories, Log: s.exporter.Log, Now: s.exporter.Now,
	}
}

// An account has at most maxOpen unfinished imports. Finished imports do not count, and a repeated request starts no
// further import.
func TestOpenImportsAreCounted(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	imports := s.newImports()
	start := func(id models.ID) (models.Import, error) {
		return imports.Start(t.Context(), id, s.user.ID, Upload{Name: "books.csv", File: strings.NewReader("title\nEmma\n")})
	}
	var last models.Import
	for range maxOpen {
		var err error
		last, err = start("")
		s.must(err)
	}
	finished := last
	finished.FinishedAt = now
	s.must(s.store.Imports().Update(t.Context(), last, finished))
	last, err := start("")
	s.must(err)
	if _, err := start(""); models.CodeOf(err) != models.Conflict {
		t.Errorf("one import too many: error %v", err)
	}
	if again, err := start(last.ID); err != nil || again.ID != last.ID {
		t.Errorf("the repeated request started %+v, error %v", again, err)
	}
}
