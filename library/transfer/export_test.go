package transfer

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"bookplate/models"
)

// readTable returns the lines of a CSV file. Each maps the names of columns to cells.
func readTable(t testing.TB, file []byte) (lines []map[string]string) {
	t.Helper()
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file), byteOrderMark))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range table[1:] {
		line := map[string]string{}
		for i, cell := range cells {
			line[table[0][i]] = cell
		}
		lines = append(lines, line)
	}
	return lines
}

// wantCells compares cells of a line with those in want. It ignores other columns.
func wantCells(t testing.TB, line, want map[string]string) {
	t.Helper()
	for name, cell := range want {
		if got, found := line[name]; !found || got != cell {
			t.Errorf("%s is %q, want %q", name, got, cell)
		}
	}
}

// addDune adds a book with all details that the user has read twice. The book is on a shelf.
func (s *server) addDune() {
	s.Helper()
	b := s.addBook(s.user.ID, 1, func(b *models.Book) {
		s.allDetails(b)
		b.Title, b.Description = "-Dune", "@SUM(1)\nand \"quotes\", too"
	})
	_, err := s.exporter.Readings.Put(s.Context(), s.user, b, models.ReadingUpdate{
		Status: new(models.StatusRead), Rating: new(models.Rating(17)), Review: new(models.Review("=HYPERLINK(\"x\")\nGreat")),
		Progress: &models.Progress{Unit: models.UnitPercent, Value: 40},
		Reads:    &models.Reads{{Started: 20260102, Finished: 20260109}, {Started: 20260501}},
	})
	s.must(err)
	_, err = s.exporter.Shelves.Put(s.Context(), s.user, "wishlist", b.ID)
	s.must(err)
	s.reload()
}

func TestCSV(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	s.addDune()
	s.addBook(s.user.ID, 2, nil)
	file := s.export(CSV)
	if !strings.HasPrefix(string(file), "\uFEFFtitle,") || !strings.Contains(string(file), "\r\n") {
		t.Errorf("the file begins with %q", file[:20])
	}
	lines := readTable(t, file)
	wantCells(t, lines[0], map[string]string{
		"title": "'-Dune", "authors": "Frank Herbert; Brian & Co", "isbn": `="9780441013593"`, "series": "Dune", "series_number": "1.5",
		"tags": "desert; sand, worms", "description": "'@SUM(1)\nand \"quotes\", too", "shelves": "wishlist", "status": "read",
		"rating": "4.25", "progress": "40%", "reads": "2026/01/02-2026/01/09; 2026/05/01-", "review": "'=HYPERLINK(\"x\")\nGreat",
		"created_at": "2026-11-26", "pages": "604", "copies": "2", "published": "2005-08",
	})
	wantCells(t, lines[1], map[string]string{"title": "Book 2", "isbn": "", "status": "", "rating": "", "series_number": "", "copies": ""})
}

func TestGoodreads(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	s.addDune()
	s.addBook(s.user.ID, 2, func(b *models.Book) { b.Authors, b.ISBN = []string{"Homer"}, "9798886451740" })
	file := s.export(Goodreads)
	const header = "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding," +
		"Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,Bookshelves with positions," +
		"Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies\n"
	if !strings.HasPrefix(string(file), header) {
		t.Errorf("the file begins with %q", file[:len(header)])
	}
	lines := readTable(t, file)
	wantCells(t, lines[0], map[string]string{
		"Title": "'-Dune: A subtitle (Dune, #1.5)", "Author": "Frank Herbert", "Author l-f": "Herbert, Frank",
		"Additional Authors": "Brian & Co", "ISBN": `="0441013597"`, "ISBN13": `="9780441013593"`, "My Rating": "4",
		"Number of Pages": "604", "Year Published": "2005", "Date Read": "2026/01/09", "Date Added": "2026/11/26",
		"Bookshelves": "wishlist, desert, sand-worms", "Exclusive Shelf": "read", "My Review": "", "Private Notes": `'=HYPERLINK("x")<br/>Great`,
		"Read Count": "1", "Owned Copies": "2",
	})
	wantCells(t, lines[1], map[string]string{
		"Author": "Homer", "Author l-f": "Homer", "ISBN": `=""`, "ISBN13": `="9798886451740"`, "My Rating": "0", "Exclusive Shelf": "",
		"Date Read": "", "Read Count": "0", "Owned Copies": "1",
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	s := newServer(t, "sqlite")
	s.addDune()
	s.addBook(s.user.ID, 2, nil)
	var file struct {
		Format  string
		Version int
		Books   []listedBook
	}
	s.must(json.Unmarshal(s.export(JSON), &file))
	if file.Format != "bookplate books" || file.Version != 1 || len(file.Books) != 2 {
		t.Fatalf("%+v", file)
	}
	dune, other := file.Books[0], file.Books[1]
	if dune.Title != "-Dune" || dune.ISBN != "9780441013593" || dune.Reading.Rating != 17 || dune.Shelves[0] != "wishlist" {
		t.Errorf("%+v", dune)
	}
	if other.Reading != nil || other.Shelves == nil {
		t.Errorf("%+v", other)
	}
}

// defuse marks every text that a spreadsheet may take for a formula, and plainCell restores every text.
func FuzzCells(f *testing.F) {
	for _, text := range []string{
		"", "Dune", "=1+1", "+1", "-1", "@x", "\t=1", "\r", "\n=1", "'=1", "''=1", "'", "'tis", `="123"`, "＝1", "'＠", "\xff", "\x9d", "1-2",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cell := defuse(text)
		if first, size := utf8.DecodeRuneInString(cell); size > 0 && strings.ContainsRune(startsFormula, first) {
			t.Errorf("%q begins like a formula", cell)
		}
		if plain := plainCell(cell); plain != text {
			t.Errorf("%q becomes %q, and then %q", text, cell, plain)
		}
	})
}

func TestExactCells(t *testing.T) {
	t.Parallel()
	for _, digits := range []string{"", "9780441013593", "080442957X"} {
		if got := plainCell(exactCell(digits)); got != digits {
			t.Errorf("%q becomes %q", digits, got)
		}
	}
}
