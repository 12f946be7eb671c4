package handlers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/library/isbn/isbntest"
	"bookplate/models"
)

// imported is an import as clients see it.
type imported struct {
	ID       string `json:"_id"`
	State    string
	Format   string
	Total    int
	Done     int
	Created  int
	Updated  int
	Skipped  int
	Failed   int
	Reason   *string
	Rate     *float64
	Finished *string `json:"finished_at"`

	token string
}

// importedRow is a line of a report as clients see it.
type importedRow struct {
	Line    int
	Outcome string
	Title   *string
	Reason  *string
	BookID  *string `json:"book_id"`
}

// importFile queues an import of a file with these options.
func (s *testServer) importFile(token, content string, options ...field) imported {
	s.Helper()
	return s.importNamed(token, "books.csv", content, options...)
}

// importNamed is like importFile for a file with this name.
func (s *testServer) importNamed(token, name, content string, options ...field) imported {
	s.Helper()
	a := s.form("POST", "/imports/", token, append(options, field{name: "file", value: content, file: name})...)
	return data[imported](a.wantStatus(http.StatusAccepted), "successfully queued an import")
}

// runImports runs all imports to their end, as a server does in the background.
func (s *testServer) runImports() {
	s.Helper()
	if err := NewImports(s.services).Run(s.Context(), "test"); err != nil {
		s.Fatal(err)
	}
}

func (s *testServer) getImport(token, id string) imported {
	s.Helper()
	return data[imported](s.get("/imports/"+id, token).wantStatus(http.StatusOK), "successfully retrieved an import")
}

// finishImport imports a file and checks how many lines have each outcome: created, updated, skipped and failed.
func (s *testServer) finishImport(token, content, want string, options ...field) imported {
	s.Helper()
	i := s.importFile(token, content, options...)
	s.runImports()
	i = s.getImport(token, i.ID)
	if got := fmt.Sprint(i.Created, i.Updated, i.Skipped, i.Failed); got != want || i.State != "done" || i.Done != i.Total {
		s.Errorf("the import is %+v, want %s: %v", i, want, s.importRows(token, i.ID, ""))
	}
	return i
}

// importRows returns the lines of a report as texts such as "2 failed the line has no title", with three lines a page.
func (s *testServer) importRows(token, id, outcome string) (rows []string) {
	s.Helper()
	path := "/imports/" + id + "/rows?limit=3"
	if outcome != "" {
		path += "&outcome=" + outcome
	}
	for path != "" {
		a := s.get(path, token).wantStatus(http.StatusOK)
		for _, row := range data[[]importedRow](a, "successfully retrieved the lines of an import") {
			text := fmt.Sprint(row.Line, " ", row.Outcome)
			if row.Reason != nil {
				text += " " + *row.Reason
			}
			rows = append(rows, text)
		}
		path = s.nextPath(a)
	}
	return rows
}

// library returns the account's books as JSON without their ids, times and URLs, sorted by title.
func (s *testServer) library(token string) string {
	s.Helper()
	var lines []string
	for _, b := range data[[]map[string]any](s.get("/books/?sort=title", token), "successfully retrieved all books") {
		for _, name := range []string{"_id", "user_id", "image_url", "covers", "created_at", "updated_at", "loan"} {
			delete(b, name)
		}
		if reading, _ := b["reading"].(map[string]any); reading != nil {
			delete(reading, "created_at")
			delete(reading, "updated_at")
		}
		for name, value := range b {
			if value == nil || value == "" || value == 0.0 {
				delete(b, name)
			}
		}
		text, err := json.Marshal(b)
		if err != nil {
			s.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	return strings.Join(lines, "\n")
}

// shelfTitles returns the titles of the books on a shelf.
func (s *testServer) shelfTitles(token, shelf string) string {
	s.Helper()
	var titles []string
	for _, b := range data[[]book](s.get("/shelves/"+shelf+"/books", token), "successfully retrieved the books on the shelf") {
		titles = append(titles, b.Title)
	}
	return strings.Join(titles, ", ")
}

const goodreadsFile = `Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding,Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies
1,"Dune (Dune, #1)",Frank  Herbert,"Herbert, Frank",,"=""0441013597""","=""9780441013593""",5,4.25,Ace,Paperback,604,2005,1965,2021/05/10,2020/01/01,"sci-fi, Favourites 🚀","sci-fi (#1)",read,"Great.<br/>Really &amp; truly.",,lent twice,2,1
2,Good Omens,Terry Pratchett,"Pratchett, Terry",Neil Gaiman,"=""""","=""""",0,4.2,,,0,,1990,,2020/01/02,to-read,,to-read,,,,0,0
3,The Colour of Magic,Terry Pratchett,,,062225677,9.78006E+12,0,,,,,1983,,2021/02/30,,leseliste-2020,,leseliste-2020,,,,1,0
`

func TestImportGoodreads(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		i := s.finishImport(ada.Token, goodreadsFile, "3 0 0 0")
		if i.Format != "goodreads" {
			s.Errorf("the import is %+v", i)
		}
		want := `{"authors":["Frank Herbert"],"copies":1,"isbn":"9780441013593","pages":604,"published":"2005","publisher":"Ace",` +
			`"reading":{"progress":null,"rating":5,"reads":[{"finished":"2021-05-10","started":null}],` +
			`"review":"Great.\nReally \u0026 truly.\n\nlent twice","status":"read"},"series":"Dune","series_number":1,"title":"Dune"}
{"authors":["Terry Pratchett","Neil Gaiman"],"reading":{"progress":null,"rating":null,"reads":[],"review":"","status":"want"},"title":"Good Omens"}
{"authors":["Terry Pratchett"],"isbn":"9780062225672","published":"1983","title":"The Colour of Magic"}`
		if got := s.library(ada.Token); got != want {
			s.Errorf("the library is\n%s\nwant\n%s", got, want)
		}
		for name, titles := range map[string]string{"sci-fi": "Dune", "favourites": "Dune", "leseliste-2020": "The Colour of Magic"} {
			if got := s.shelfTitles(ada.Token, name); got != titles {
				s.Errorf("the shelf %s has %s", name, got)
			}
		}
		rows := s.importRows(ada.Token, i.ID, "")
		if want := "[2 created 3 created 4 created finished left out: 2021-02-30 does not exist]"; fmt.Sprint(rows) != want {
			s.Errorf("the report is %v", rows)
		}
		s.finishImport(ada.Token, goodreadsFile, "0 0 3 0")
		s.finishImport(ada.Token, goodreadsFile, "0 0 3 0", field{name: "on_duplicate", value: "update"})
		if got := s.library(ada.Token); got != want {
			s.Errorf("importing the file again changed the library to\n%s", got)
		}
	})
}

func option(name, value string) field { return field{name: name, value: value} }

// preview is the result of a dry run as clients see it.
type preview struct {
	Format                            string
	Mapping                           map[string]string
	Total                             int
	Created, Updated, Skipped, Failed int
	Sample                            []struct {
		importedRow
		Book    map[string]any
		Reading map[string]any
		Shelves []string
		LentTo  *string `json:"lent_to"`
	}
}

// dryRun shows what an import of a file would do.
func (s *testServer) dryRun(token, content string, options ...field) preview {
	s.Helper()
	form := append(options, option("dry_run", "true"), field{name: "file", value: content, file: "books.csv"})
	return data[preview](s.form("POST", "/imports/", token, form...).wantStatus(http.StatusOK), "successfully read a file")
}

// A dry run shows the fields of the columns, the first lines and the outcomes, and stores nothing.
func TestImportDryRun(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.finishImport(ada.Token, "title,authors\nLine 7,A\n", "1 0 0 0")
		file := "Buch;authors;Farbe\n"
		for n := range 450 {
			file += fmt.Sprintf("Line %d;A;red\n", n%400)
		}
		p := s.dryRun(ada.Token, file+";B;\n")
		if got := fmt.Sprint(p.Format, p.Mapping, p.Total, p.Created, p.Failed, len(p.Sample)); got != "csvmap[Buch: Farbe: authors:authors] 451 0 451 20" {
			s.Errorf("without a title the dry run is %s", got)
		}
		s.form("POST", "/imports/", ada.Token, field{name: "file", value: file, file: "a.csv"}).
			want(http.StatusBadRequest, `{"message":"The file cannot be imported","data":null,"code":"import_columns_unknown",
				"error":{"mapping":"no column is known as the title or the ISBN: map one of Buch, authors, Farbe"}}`)
		mapping := option("mapping", `{"buch":"title","authors":"authors","Farbe":"tags"}`)
		p = s.dryRun(ada.Token, file+";B;\n", mapping)
		if got := fmt.Sprint(p.Mapping, p.Created, p.Skipped, p.Failed); got != "map[Buch:title Farbe:tags authors:authors] 399 51 1" {
			s.Errorf("the dry run is %s", got)
		}
		first := p.Sample[0]
		if got := fmt.Sprint(first.Line, first.Outcome, first.Book, first.Reading, first.Shelves); got != "2created"+"map[authors:[A] tags:[red] title:Line 0] map[] []" {
			s.Errorf("the first line is %s", got)
		}
		if skipped := p.Sample[7]; skipped.Outcome != "skipped" || skipped.BookID == nil || *skipped.Reason != "it is in the library" {
			s.Errorf("the line of a book in the library is %+v", skipped)
		}
		if n := len(data[[]imported](s.get("/imports", ada.Token), "successfully retrieved all imports")); n != 1 {
			s.Errorf("%d imports, want 1", n)
		}
		s.finishImport(ada.Token, file, "399 0 51 0", mapping)
	})
}

func TestImportMappingIsChecked(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for mapping, want := range map[string]string{
		`{"Nothing":"title"}`: `the file has no column "Nothing"`, `[]`: `must be a JSON object`, `{"title":"color"}`: `"color" is not a field`,
	} {
		a := s.form("POST", "/imports/", ada.Token, option("mapping", mapping), field{name: "file", value: "title\nEmma\n", file: "a.csv"})
		if a.wantCode(http.StatusBadRequest, "invalid_fields"); !strings.Contains(string(a.body), strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("the mapping %s is answered %s", mapping, a.body)
		}
	}
}

// A line whose book is in the library is skipped, changes it, or is added.
func TestImportDuplicates(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.finishImport(ada.Token, "title,authors,isbn,tags,pages,status\nEmma,Jane Austen,,classic,500,want\nDune,Frank Herbert,9780441013593,,,\n", "2 0 0 0")
		file := "title,authors,isbn,tags,pages,rating,shelves\n" +
			"ÉMMA,JANE AUSTEN,9780141439587,novel,512,5,attic\n" + // found by its title, because one has no ISBN
			"Dune,Frank Herbert,9780340960196,,,,\n" + // another edition
			"Der Wüstenplanet,Frank Herbert,0441013597,,,,\n" + // found by its ISBN
			"Dune,Frank Herbert,9780340960196,,,,\nDune,,9780340960196,,,,\n"
		i := s.finishImport(ada.Token, file, "1 0 4 0")
		if got := fmt.Sprint(s.importRows(ada.Token, i.ID, "skipped")); !strings.HasPrefix(got, "[2 skipped it is in the library 4 ") {
			s.Errorf("the report is %s", got)
		}
		i = s.finishImport(ada.Token, file, "0 2 3 0", option("on_duplicate", "update"))
		if got := fmt.Sprint(s.importRows(ada.Token, i.ID, "updated")); got != "[2 updated 4 updated]" {
			s.Errorf("the report is %s", got)
		}
		want := `{"authors":["Frank Herbert"],"isbn":"9780441013593","title":"Der Wüstenplanet"}
{"authors":["Frank Herbert"],"isbn":"9780340960196","title":"Dune"}
{"authors":["JANE AUSTEN"],"isbn":"9780141439587","pages":512,"reading":{"progress":null,"rating":5,"reads":[],"review":"","status":"read"},"tags":["classic","novel"],"title":"ÉMMA"}`
		if got := s.library(ada.Token); got != want {
			s.Errorf("the library is\n%s\nwant\n%s", got, want)
		}
		if got := s.shelfTitles(ada.Token, "attic"); got != "ÉMMA" {
			s.Errorf("the shelf has %s", got)
		}
		s.finishImport(ada.Token, file, "0 0 5 0", option("on_duplicate", "update"))
		i = s.finishImport(ada.Token, "title,authors\nEmma,Jane Austen\nEmma,Jane Austen\n", "1 0 1 0", option("on_duplicate", "add"))
		if got := fmt.Sprint(s.importRows(ada.Token, i.ID, "skipped")); got != "[3 skipped this edition is in the library]" {
			s.Errorf("the report is %s", got)
		}
	})
}

// Files that cannot be imported are rejected as a whole, with a reason.
func TestImportBadFiles(t *testing.T) {
	s := newServer(t, map[string]string{"MAX_IMPORT": "1MiB"})
	ada := s.signedIn("ada@example.com")
	for content, want := range map[string]string{
		"":                         "the file is empty",
		"title\n":                  "the file has a header and no books",
		"PK\x03\x04":               "the file is not a ZIP file, or it is cut off: zip: not a valid zip file",
		"title\n\"Emma\nA\nB\n":    "the quote that opens in line 2 is never closed",
		picture(t, 30, 20):         "the file is a picture: export the books as CSV, TSV or JSON",
		`{"version":9,"books":{}}`: "the field books of the JSON must be a list",
		"title\n" + strings.Repeat("Emma\n", 450) + "\"x": "the quote that opens in line 452 is never closed",
	} {
		a := s.form("POST", "/imports/", ada.Token, field{name: "file", value: content, file: "books.csv"})
		a.wantCode(http.StatusBadRequest, "import_unreadable")
		if !strings.Contains(string(a.body), `"`+want+`"`) {
			t.Errorf("answered %s, want %s", a.body, want)
		}
	}
	s.form("POST", "/imports/", ada.Token, field{name: "file", value: strings.Repeat("x", 2<<20), file: "a"}).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	s.form("POST", "/imports/", ada.Token, option("on_duplicate", "merge")).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,
		"error":{"file":"is required: send the file in form-data","on_duplicate":"must be skip, update or add"}}`)
	if n := len(data[[]imported](s.get("/imports", ada.Token), "successfully retrieved all imports")); n != 0 {
		t.Errorf("%d imports, want none", n)
	}
	if got := s.library(ada.Token); got != "" {
		t.Errorf("the library has %s", got)
	}
}

// A cancelled import skips the lines that are left, and its report has each line once.
func TestImportCancelled(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		i := s.importFile(ada.Token, "title\n"+strings.Repeat("Emma\n", 450))
		s.do(call{method: "DELETE", path: "/imports/" + i.ID, token: ada.Token}).wantStatus(http.StatusNoContent)
		if i = s.getImport(ada.Token, i.ID); i.State != "cancelled" || i.Finished != nil {
			s.Errorf("the import is %+v", i)
		}
		s.runImports()
		i = s.getImport(ada.Token, i.ID)
		if i.State != "cancelled" || i.Skipped != 450 || i.Done != 450 || i.Finished == nil {
			s.Errorf("the import is %+v", i)
		}
		rows := s.importRows(ada.Token, i.ID, "")
		for n, row := range rows {
			if row != fmt.Sprint(n+2, " skipped the import was cancelled") {
				s.Fatalf("line %d of the report is %q", n, row)
			}
		}
		if got := s.library(ada.Token); len(rows) != 450 || got != "" {
			s.Errorf("%d rows, and the library %s", len(rows), got)
		}
		s.do(call{method: "DELETE", path: "/imports/" + i.ID, token: ada.Token}).wantStatus(http.StatusNoContent)
		bob := s.signedIn("bob@example.com")
		s.do(call{method: "DELETE", path: "/imports/" + i.ID, token: bob.Token}).wantStatus(http.StatusNotFound)
	})
}

func TestImportLimit(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for range 5 {
		s.importFile(ada.Token, "title\nEmma\n")
	}
	form := []field{{name: "file", value: "title\nEmma\n", file: "a.csv"}}
	s.form("POST", "/imports/", ada.Token, form...).wantCode(http.StatusConflict, "import_limit")
	s.runImports()
	s.form("POST", "/imports/", ada.Token, form...).wantStatus(http.StatusAccepted)
	if got := s.library(ada.Token); got != `{"title":"Emma"}` {
		t.Errorf("the library is %s", got)
	}
}

func TestImportReportAsCSV(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	i := s.finishImport(ada.Token, "title\n'=1+1\n,\n\"a,\"\"b\"\n＝Émile\n"+strings.Repeat("Emma\n", 300), "4 0 300 0")
	a := s.get("/imports/"+i.ID+"/rows?format=csv", ada.Token).wantStatus(http.StatusOK)
	a.wantHeader("Content-Disposition", "attachment; filename=import-"+i.ID+".csv")
	body, marked := strings.CutPrefix(string(a.body), "\ufeff") // without it, Excel shows the letters with accents wrongly
	lines := strings.Split(body, "\r\n")
	if !marked || len(lines) != 306 || lines[0] != "line,outcome,title,reason,book_id" || !strings.HasPrefix(lines[1], "2,created,'=1+1,,") ||
		!strings.HasPrefix(lines[3], `4,created,"a,""b",,`) || !strings.HasPrefix(lines[4], "5,created,'＝Émile,,") {
		t.Errorf("the report has %d lines and begins with %q", len(lines), lines[:5])
	}
	s.get("/imports/"+i.ID+"/rows?outcome=lost&format=xls", ada.Token).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,
		"error":{"format":"must be json or csv","outcome":"must be created, updated, skipped or failed"}}`)
}

// The progress is sent as events. A client that reconnects gets no event again.
func TestImportEvents(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	i := s.importFile(ada.Token, "title\nEmma\n")
	stop := make(chan struct{})
	s.services.Stopping = stop
	s.start()
	close(stop)
	events := "/imports/" + i.ID + "/events"
	a := s.get(events, ada.Token).wantStatus(http.StatusOK)
	if got := string(a.body); !strings.HasPrefix(got, "id: 0-queued\nevent: progress\ndata: {\"_id\":\""+i.ID) || strings.Count(got, "\n\n") != 1 {
		t.Errorf("the events are %q", got)
	}
	again := call{method: "GET", path: events, token: ada.Token, header: map[string]string{"Last-Event-ID": "0-queued"}}
	if a := s.do(again); string(a.body) != ": waiting\n\n" {
		t.Errorf("the events are %q", a.body)
	}
	s.runImports()
	a = s.do(again)
	if got := string(a.body); !strings.HasPrefix(got, "id: 1-done-end\nevent: end\ndata: {") || strings.Count(got, "\n\n") != 1 {
		t.Errorf("the events are %q", got)
	}
}

// With look-up, the sources give what a line does not have, and the cover. A line whose ISBN nobody knows fails only without
// a title.
func TestImportLookUp(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		file := isbntest.PrideAndPrejudice + "\n" + isbntest.Unknown + "\n"
		i := s.finishImport(ada.Token, file, "0 0 0 2")
		if got := fmt.Sprint(s.importRows(ada.Token, i.ID, "")); got != "[1 failed the line has no title 2 failed the line has no title]" {
			s.Errorf("the report is %s", got)
		}
		i = s.finishImport(ada.Token, file, "1 0 0 1", option("lookup", "true"), option("covers", "true"))
		if got := fmt.Sprint(s.importRows(ada.Token, i.ID, "")); !strings.Contains(got, "no source knows this ISBN") {
			s.Errorf("the report is %s", got)
		}
		if got := s.library(ada.Token); !strings.Contains(got, `"pages":435`) || s.coverCount() != 1 {
			s.Errorf("the library is %s", got)
		}
		s.finishImport(ada.Token, file, "0 0 1 1", option("lookup", "true"))
	})
}

func TestImportLookUpOff(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": ""})
	ada := s.signedIn("ada@example.com")
	s.form("POST", "/imports/", ada.Token, option("lookup", "true"), field{name: "file", value: "title\nEmma\n", file: "a.csv"}).
		wantCode(http.StatusBadRequest, "invalid_fields")
}

// faultyImports is a store in which the n-th call of a method of imports fails, as if the server had been killed.
type faultyImports struct {
	models.Store
	calls *int
	n     int
}

var errImportKilled = &models.Error{Code: models.Unavailable, Err: errors.New("killed")}

func (s faultyImports) fail() error {
	*s.calls++
	if *s.calls == s.n {
		return errImportKilled
	}
	return nil
}

func (s faultyImports) Imports() models.Imports   { return faultyJobs{s.Store.Imports(), s} }
func (s faultyImports) Books() models.Books       { return faultyBooks{s.Store.Books(), s} }
func (s faultyImports) Readings() models.Readings { return faultyReadings{s.Store.Readings(), s} }
func (s faultyImports) Shelves() models.Shelves   { return faultyShelves{s.Store.Shelves(), s} }
func (s faultyImports) Loans() models.Loans       { return faultyLoans{s.Store.Loans(), s} }

type faultyJobs struct {
	models.Imports
	store faultyImports
}

func (j faultyJobs) PutBatch(ctx context.Context, b models.ImportBatch) error {
	return cmp.Or(j.store.fail(), j.Imports.PutBatch(ctx, b), j.store.fail())
}

func (j faultyJobs) Update(ctx context.Context, before, after models.Import) error {
	return cmp.Or(j.store.fail(), j.Imports.Update(ctx, before, after), j.store.fail())
}

type faultyBooks struct {
	models.Books
	store faultyImports
}

func (b faultyBooks) CreateAll(ctx context.Context, owner models.ID, list []models.Book) ([]int, error) {
	if err := b.store.fail(); err != nil {
		_, _ = b.Books.CreateAll(ctx, owner, list[:len(list)/2])
		return nil, err
	}
	conflicts, err := b.Books.CreateAll(ctx, owner, list)
	return conflicts, cmp.Or(err, b.store.fail())
}

type faultyReadings struct {
	models.Readings
	store faultyImports
}

func (r faultyReadings) CreateAll(ctx context.Context, user models.ID, list []models.Reading) error {
	if err := r.store.fail(); err != nil {
		return cmp.Or(r.Readings.CreateAll(ctx, user, list[:len(list)/2]), err)
	}
	return cmp.Or(r.Readings.CreateAll(ctx, user, list), r.store.fail())
}

type faultyShelves struct {
	models.Shelves
	store faultyImports
}

func (s faultyShelves) Put(
	ctx context.Context, shelf models.ShelfKey, bookID models.ID, place models.Place, limits models.ShelfLimits,
) (models.Book, error) {
	b, err := s.Shelves.Put(ctx, shelf, bookID, place, limits)
	return b, cmp.Or(err, s.store.fail())
}

func (s faultyShelves) PutAll(
	ctx context.Context, userID models.ID, list []models.ShelfEntry, limits models.ShelfLimits,
) ([]int, error) {
	full, err := s.Shelves.PutAll(ctx, userID, list, limits)
	return full, cmp.Or(err, s.store.fail())
}

type faultyLoans struct {
	models.Loans
	store faultyImports
}

func (l faultyLoans) Create(ctx context.Context, loan models.Loan, copies int) error {
	return cmp.Or(l.Loans.Create(ctx, loan, copies), l.store.fail())
}

// Wherever the server is killed during an import, it goes on when it starts again, and imports no line twice.
func TestImportAfterCrash(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		file := "title,authors,isbn,status,review,shelves,lent_to\n"
		for n := range 199 { // with the two lines below two batches
			file += fmt.Sprintf("Line %d,A,,%s,,,\n", n, map[bool]string{true: "read"}[n%10 == 0])
		}
		file += "Lent,A,,want,,attic,Grace\nLent,A,9780141439587,,,,\n"
		var want string
		for n := range 100 {
			user := s.signedIn(fmt.Sprintf("ada%d@example.com", n))
			i := s.importFile(user.Token, file)
			calls, killed := 0, s.services
			killed.Store = faultyImports{s.services.Store, &calls, n}
			err := NewImports(killed).Run(s.Context(), "killed")
			if n > 0 && calls >= n && !errors.Is(err, errImportKilled) {
				s.Fatalf("call %d failed, and Run returned %v", n, err)
			}
			s.clock.move(time.Minute) // the lease ends
			s.runImports()
			i = s.getImport(user.Token, i.ID)
			if got := fmt.Sprint(i.State, " ", i.Created, i.Skipped, i.Failed, i.Done); got != "done 200 1 0 201" {
				s.Fatalf("after call %d failed, the import is %s: %v", n, got, s.importRows(user.Token, i.ID, ""))
			}
			seen := map[string]bool{}
			for _, row := range s.importRows(user.Token, i.ID, "") {
				seen[strings.Fields(row)[0]] = true
			}
			if len(seen) != 201 {
				s.Fatalf("after call %d failed, the report has %d lines", n, len(seen))
			}
			got := s.library(user.Token) + s.shelfTitles(user.Token, "attic") + s.loans("/loans", user.Token)
			if want == "" {
				want = got
			}
			if got != want {
				s.Fatalf("after call %d failed, the library is\n%s\nwant\n%s", n, got, want)
			}
			if calls < n {
				return
			}
		}
		s.Fatal("there is no end of calls")
	})
}

// Two copies of the server share the imports: each line is imported by one of them.
func TestImportByTwoCopies(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		var files []imported
		for n := range 3 {
			user := s.signedIn(fmt.Sprintf("ada%d@example.com", n))
			for m := range 2 {
				i := s.importFile(user.Token, "title\n"+strings.Repeat(fmt.Sprintf("Line %d\n", m), 201))
				i.token = user.Token
				files = append(files, i)
			}
		}
		var running sync.WaitGroup
		for copies := range 3 {
			running.Go(func() {
				if err := NewImports(s.services).Run(s.Context(), fmt.Sprint(copies)); err != nil {
					s.Error(err)
				}
			})
		}
		running.Wait()
		for _, i := range files {
			if got := s.getImport(i.token, i.ID); got.State != "done" || got.Created != 1 || got.Skipped != 200 {
				s.Errorf("the import is %+v", got)
			}
		}
	})
}

// An erased account has no imports, and a disabled one's import fails.
func TestImportOfFormerAccounts(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		erased, disabled := s.importFile(ada.Token, "title\nEmma\n"), s.importFile(bob.Token, "title\nEmma\n")
		s.deleteAccount(bob.Token, "").wantStatus(http.StatusNoContent)
		s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"`+password+`"}`).wantStatus(http.StatusNoContent)
		s.runImports()
		if _, err := s.services.Store.Imports().Get(s.Context(), models.ID(erased.ID)); models.CodeOf(err) != models.NotFound {
			s.Errorf("the import of an erased account: %v", err)
		}
		i, err := s.services.Store.Imports().Get(s.Context(), models.ID(disabled.ID))
		if err != nil || i.State != models.ImportFailed || i.Reason != "the account is disabled" || i.Outcomes.Failed != 1 || !i.Finished() {
			s.Errorf("the import of a disabled account is %+v: %v", i, err)
		}
	})
}

// A repeated Idempotency-Key queues one import.
func TestImportIdempotency(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	c := formCall(t, "/imports/", ada.Token, field{name: "file", value: "title\nEmma\n", file: "a.csv"})
	s.wantReplay("a", c, s.withKey("a", c).wantStatus(http.StatusAccepted))
	if n := len(data[[]imported](s.get("/imports", ada.Token), "successfully retrieved all imports")); n != 1 {
		t.Errorf("%d imports, want 1", n)
	}
}
