package sqlite

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"bookplate/models"
)

// notCopied are the tables that no collection of records has.
var notCopied = []string{
	"library", "leases", // of one library and its servers
	"merged_books",                   // only tells that a repeated merge is done
	"book_values", "unindexed_books", // computed from books
	"book_words", "book_words_config", "book_words_content", "book_words_data", "book_words_docsize", "book_words_idx",
	"sqlite_sequence", "sqlite_stat1", "sqlite_stat4", // SQLite's own
}

// A table of a new entity must be in kinds, or else copies and backups would lose its rows.
func TestEveryTableIsCopied(t *testing.T) {
	tables, err := findAll(t.Context(), open(t), "SELECT name FROM sqlite_schema WHERE type = 'table'", nil,
		func(name *string) []any { return []any{name} })
	check(t, err)
	var want []string
	for _, k := range kinds {
		want = append(want, k.table)
	}
	got := slices.DeleteFunc(tables, func(name string) bool { return slices.Contains(notCopied, name) })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("tables\n%v, want\n%v", got, want)
	}
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, slices.Sorted(slices.Values(models.Collections))) {
		t.Errorf("kinds of %v, want one for each of models.Collections", got)
	}
}

func TestUnfinishedCopyIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	check(t, s.Records().Begin(t.Context(), "0123456789abcdef"))
	check(t, s.Close())
	if _, err := Open(t.Context(), path); !errors.Is(err, models.ErrUnfinishedCopy) {
		t.Errorf("open: %v", err)
	}
	s, err := OpenTarget(t.Context(), path)
	check(t, err)
	check(t, s.Records().Finish(t.Context()))
	check(t, s.Close())
	openAt(t, path)
}
