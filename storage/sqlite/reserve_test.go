package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"bookplate/models"
)

func wantReserve(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path + reserveSuffix)
	check(t, err)
	if info.Size() != reserveSize {
		t.Errorf("the reserve has %d bytes", info.Size())
	}
}

// Ping creates the reserve if it is missing or incomplete, and leaves its size unchanged.
func TestPingCreatesTheReserve(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	for _, damage := range []func() error{
		func() error { return nil },
		func() error { return os.Remove(path + reserveSuffix) },
		func() error { return os.Truncate(path+reserveSuffix, 100) },
		func() error { return os.Truncate(path+reserveSuffix, reserveSize+probeSize) },
	} {
		check(t, damage())
		check(t, s.Ping(t.Context()))
		wantReserve(t, path)
	}
}

// If the reserve cannot be created, the store accepts only deletions.
func TestWithoutReserveOnlyDeletionsAreAccepted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s, book, other := openAt(t, path), newBook("Emma"), newBook("Sanditon")
	check(t, addBook(s, book))
	check(t, addBook(s, other))
	s.writes.reserve.release()
	check(t, os.Mkdir(path+reserveSuffix, 0o700)) // a folder in place of the reserve
	wantCode(t, addBook(s, newBook("Persuasion")), models.Unavailable)
	wantCode(t, s.Ping(t.Context()), models.Unavailable)
	_, after, err := s.Books().Update(t.Context(), other.ID, other.UserID, models.BookUpdate{Cover: &models.Cover{}})
	check(t, err)
	wantStored(t, s, after, true)
	_, err = s.Books().Delete(t.Context(), book.ID, book.UserID, nil)
	check(t, err)
	wantStored(t, s, book, false)

	check(t, os.Remove(path+reserveSuffix))
	check(t, addBook(s, newBook("Persuasion")))
	wantReserve(t, path)
}
