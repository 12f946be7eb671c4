package transfer

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

// importInto imports a file into the server's account and returns the import.
func (s *server) importInto(file []byte) models.Import {
	s.Helper()
	imports := s.newImports()
	i, err := imports.Start(s.Context(), "", s.user.ID, Upload{Name: "books", File: bytes.NewReader(file)})
	s.must(err)
	s.must(imports.Run(s.Context(), "test"))
	i, err = imports.Get(s.Context(), s.user.ID, i.ID)
	s.must(err)
	s.reload()
	return i
}

// addTroublesome adds books with texts that other programs would misread.
func (s *server) addTroublesome() {
	s.Helper()
	for n, texts := range []models.BookTexts{
		{Title: "=1+1", Description: "1 < 2 <b>&amp;</b>\nand [more]"},
		{Title: "''＝1"},
		{Title: "[sic]", Description: "[all in brackets]"},
		{Title: "Emma (Classics, #3)"},
		{Title: "'tis", Description: "＠home"},
	} {
		b := s.addBook(s.user.ID, 10+n, func(b *models.Book) {
			b.BookTexts = texts
			b.Authors, b.Tags = []string{"Kafka, Franz", "Brian & Co | Sons"}, []string{"-1", "a, b", "c|d"}
			b.Series, b.SeriesNumber, b.Location, b.Publisher = "Catch #22", 0.5, "+1", "@home"
		})
		for _, shelf := range []string{"wishlist", "read", "attic"} {
			_, err := s.exporter.Shelves.Put(s.Context(), s.user, shelf, b.ID)
			s.must(err)
		}
	}
	s.reload()
}

// booksIn returns the lines of a CSV file, sorted. It omits the columns that an import ignores.
func booksIn(t testing.TB, file []byte) []map[string]string {
	t.Helper()
	lines := readTable(t, file)
	for _, line := range lines {
		delete(line, "progress")
		delete(line, "created_at")
	}
	slices.SortFunc(lines, func(a, b map[string]string) int { return strings.Compare(a["title"], b["title"]) })
	return lines
}

// wantBooks checks that the accounts of two servers have the same books.
func (s *server) wantBooks(other *server) {
	s.Helper()
	got, want := booksIn(s, s.export(CSV)), booksIn(s, other.export(CSV))
	if len(got) != len(want) {
		s.Fatalf("%d books, want %d", len(got), len(want))
	}
	for i := range want {
		wantCells(s, got[i], want[i])
	}
}

// Importing an export as CSV or JSON gives the same books. A second import skips them.
func TestOwnExportsAreImported(t *testing.T) {
	t.Parallel()
	for _, format := range []Format{CSV, JSON} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
			for _, add := range []func(){func() { source.addBook(source.user.ID, 9, nil) }, source.addDune, source.addTroublesome} {
				add()
				if i := target.importInto(source.export(format)); i.Format != "bookplate" || i.Outcomes.Failed > 0 {
					t.Errorf("imported %+v", i)
				}
				target.wantBooks(source)
			}
		})
	}
}
