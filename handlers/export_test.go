package handlers

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// An export has everything that the account owns, and nothing of other accounts.
func TestExport(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.addResources("ada@example.com"), s.addResources("bob@example.com")
		day := s.clock.now().Format(time.DateOnly)
		for format, want := range map[string]struct{ mediaType, name string }{
			"":          {"application/json; charset=utf-8", "bookplate-" + day + ".json"},
			"json":      {"application/json; charset=utf-8", "bookplate-" + day + ".json"},
			"zip":       {"application/zip", "bookplate-" + day + ".zip"},
			"csv":       {"text/csv; charset=utf-8", "bookplate-" + day + ".csv"},
			"goodreads": {"text/csv; charset=utf-8", "bookplate-" + day + "-goodreads.csv"},
		} {
			path := "/export"
			if format != "" {
				path += "?format=" + format
			}
			a := s.get(path, ada.Token).wantStatus(http.StatusOK)
			a.wantHeader("Content-Type", want.mediaType)
			a.wantHeader("Content-Disposition", "attachment; filename="+want.name)
			text := string(a.body)
			if format == "zip" {
				text = unzipped(t, a.body)
			}
			for _, own := range []string{"A Book", ada.review} {
				if !strings.Contains(text, own) {
					s.Errorf("%s lacks %q: %s", path, own, text)
				}
			}
			for _, private := range []string{bob.review, bob.shelf, bob.book, "argon2"} {
				s.wantAbsent(text, private)
			}
			head := s.do(call{method: "HEAD", path: path, token: ada.Token}).wantStatus(http.StatusOK)
			head.wantHeader("Content-Disposition", "attachment; filename="+want.name)
			if len(head.body) > 0 {
				s.Errorf("HEAD has a body: %s", head.body)
			}
		}
		s.get("/export?format=pdf", ada.Token).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"format":"must be json, zip, csv or goodreads"}}`)
	})
}

// unzipped returns the contents of all files of an archive.
func unzipped(t testing.TB, archive []byte) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, file := range r.File {
		content, err := file.Open()
		if err == nil {
			_, err = io.Copy(&text, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// The server accepts an archive that it has sent, and the archive has the covers.
func TestExportedArchiveIsWhole(t *testing.T) {
	eachStore(t, func(s *testServer) {
		ada := s.addResources("ada@example.com")
		archive := s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body
		s.previewArchive(ada.Token, archive)
		if text := unzipped(s.TB, archive); strings.Count(text, "\xff\xd8\xff") != 3 {
			s.Errorf("the archive has %d pictures", strings.Count(text, "\xff\xd8\xff"))
		}
	})
}

// archivePreview is what a dry run tells of an archive.
type archivePreview struct {
	Format                  string
	Total, Created, Updated int
	Skipped, Failed         int
	Records                 map[string]int
	Sample                  []struct {
		importedRow
		Book map[string]any
	}
}

// previewArchive does a dry run of the import of an archive.
func (s *testServer) previewArchive(token string, archive []byte, options ...field) archivePreview {
	s.Helper()
	fields := append(options, field{name: "file", value: string(archive), file: "export.zip"}, option("dry_run", "true"))
	a := s.form("POST", "/imports/", token, fields...)
	return data[archivePreview](a.wantStatus(http.StatusOK), "successfully read a file")
}

// An export as ZIP is imported into another account. A second import changes nothing.
func TestImportArchive(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.addResources("ada@example.com"), s.signedIn("bob@example.com")
		s.json("PATCH", "/users/", ada.Token, `{"last_name":"King"}`).wantStatus(http.StatusOK)
		archive := s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body
		p := s.previewArchive(bob.Token, archive)
		if p.Format != "bookplate_zip" || p.Created != p.Total-1 || p.Updated != 1 || p.Records["books"] != len(p.Sample) || p.Sample[0].Book["title"] == "" {
			s.Errorf("the dry run says %+v", p)
		}
		for _, kind := range []string{"profile", "books", "readings", "shelves", "loans", "trash"} {
			if p.Records[kind] == 0 {
				s.Errorf("the archive has no %s", kind)
			}
		}
		s.finishImport(bob.Token, string(archive), fmt.Sprint(p.Created, 1, 0, 0))
		profile := string(s.get("/users/", bob.Token).wantStatus(http.StatusOK).body)
		for _, want := range []string{`"last_name":"King"`, `"email":"bob@example.com"`} {
			if !strings.Contains(profile, want) {
				s.Errorf("the profile lacks %s: %s", want, profile)
			}
		}
		if got, want := s.library(bob.Token), s.library(ada.Token); got != want {
			s.Errorf("the library is\n%s\nwant\n%s", got, want)
		}
		if again := s.previewArchive(bob.Token, archive); again.Created != 0 || again.Skipped != p.Total {
			s.Errorf("the second dry run says %+v", again)
		}
		i := s.finishImport(bob.Token, string(archive), fmt.Sprint(0, 0, p.Total, 0))
		if rows := s.importRows(bob.Token, i.ID, "skipped"); len(rows) != p.Total || !strings.Contains(fmt.Sprint(rows), "the account has a book with this title") {
			s.Errorf("the report is %s", rows)
		}
	})
}

// A dry run counts what the import then does, also if the account has some of the titles.
func TestImportArchiveWithTakenTitles(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.addResources("ada@example.com"), s.signedIn("bob@example.com")
		archive := s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body
		s.addBook(bob.Token, "A Book")
		s.addBook(bob.Token, "A Book in the Trash")
		p := s.previewArchive(bob.Token, archive)
		const skipped = 5 // the profile, the two books, and the reading of one of them and its place on a shelf
		if p.Skipped != skipped {
			s.Errorf("the dry run says %+v, want %d skipped", p, skipped)
		}
		s.finishImport(bob.Token, string(archive), fmt.Sprint(p.Created, 0, p.Skipped, p.Failed))
	})
}

// A book of an archive that the account has is updated, or added as a further one. Its reading follows.
func TestImportArchiveOnDuplicate(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.addResources("ada@example.com"), s.signedIn("bob@example.com")
		s.json("PATCH", "/books/"+ada.book, ada.Token, `{"publisher":"Ace","authors":["Ada"]}`).wantStatus(http.StatusOK)
		archive := s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body
		own := s.addBook(bob.Token, "A Book").ID
		s.json("PATCH", "/books/"+own, bob.Token, `{"location":"Hall"}`).wantStatus(http.StatusOK)

		update := option("on_duplicate", "update")
		p := s.previewArchive(bob.Token, archive, update)
		if p.Updated != 1 || p.Skipped != 1 { // the profile is skipped
			s.Errorf("the dry run says %+v", p)
		}
		s.finishImport(bob.Token, string(archive), fmt.Sprint(p.Created, p.Updated, p.Skipped, p.Failed), update)
		shown := string(s.get("/books/"+own, bob.Token).wantStatus(http.StatusOK).body)
		for _, want := range []string{`"publisher":"Ace"`, `"location":"Hall"`, ada.review} {
			if !strings.Contains(shown, want) {
				s.Errorf("the book lacks %s: %s", want, shown)
			}
		}
		s.finishImport(bob.Token, string(archive), fmt.Sprint(0, 0, p.Total, 0), update)

		s.json("PATCH", "/books/"+own, bob.Token, `{"authors":["Ada","Bob"]}`).wantStatus(http.StatusOK)
		s.finishImport(bob.Token, string(archive), fmt.Sprint(3, 0, p.Total-3, 0), option("on_duplicate", "add")) // with its reading and place
	})
}

// A book in the trash is restored from an archive with its loans and its places on shelves.
func TestImportArchiveRestoresTrash(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		b := s.addBook(ada.Token, "A Book").ID
		s.lend(ada.Token, b, `{"to":"Fay"}`)
		s.shelve(ada.Token, "later", b)
		s.moveToTrash(ada.Token, b)
		archive := string(s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body)
		i := s.finishImport(bob.Token, archive, fmt.Sprint(1, 0, 1, 0))
		rows := data[[]importedRow](s.get("/imports/"+i.ID+"/rows", bob.Token), "successfully retrieved the lines of an import")
		restored := *rows[1].BookID // after the profile
		s.restore(bob.Token, restored).wantStatus(http.StatusOK)
		for path, want := range map[string]string{"/books/" + restored + "/loans": `"to":"Fay"`, "/shelves/later/books": restored} {
			if a := s.get(path, bob.Token).wantStatus(http.StatusOK); !strings.Contains(string(a.body), want) {
				s.Errorf("%s: %s", path, a.body)
			}
		}
	})
}

// The export of an empty library has no record to import.
func TestImportEmptyArchive(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		archive := string(s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body)
		for _, dryRun := range []string{"true", "false"} {
			a := s.form("POST", "/imports/", ada.Token, field{name: "file", value: archive, file: "export.zip"}, option("dry_run", dryRun))
			a.wantCode(http.StatusBadRequest, "import_unreadable")
		}
		s.runImports()
	})
}

// The other options of an import cannot be combined with an archive.
func TestImportArchiveOptions(t *testing.T) {
	s := newServer(t, nil)
	ada := s.addResources("ada@example.com")
	archive := string(s.get("/export?format=zip", ada.Token).wantStatus(http.StatusOK).body)
	for name, value := range map[string]string{"lookup": "true", "covers": "true", "mapping": `{"a":"title"}`} {
		a := s.form("POST", "/imports/", ada.Token, field{name: "file", value: archive, file: "export.zip"}, option(name, value))
		if a.wantStatus(http.StatusBadRequest); !strings.Contains(string(a.body), "for an export of Bookplate, which is imported as it is") {
			s.Errorf("with %s: %s", name, a.body)
		}
	}
}

// If an export fails after its first byte was sent, the connection is closed. If it fails earlier, the answer is an error.
func TestInterruptedExport(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for range 400 {
		s.storeBookAbout(ada.ID, randomText())
	}
	store := s.services.Store
	for format := range map[string]bool{"json": true, "zip": true, "csv": true} {
		s.services.Store = failingStore{store, &failingBooks{store.Books(), 2}}
		s.start()
		body := s.open("/export?format="+format, ada.Token, nil).Body
		if n, err := io.Copy(io.Discard, body); !errors.Is(err, io.ErrUnexpectedEOF) || n == 0 {
			s.Errorf("%s: read %d bytes with error %v; want the connection aborted", format, n, err)
		}
		s.services.Store = failingStore{store, &failingBooks{store.Books(), 0}}
		s.start()
		s.get("/export?format="+format, ada.Token).wantCode(http.StatusServiceUnavailable, "unavailable")
	}
}

// randomText returns a text of 1,000 characters that hardly gets smaller by compression.
func randomText() (text string) {
	for len(text) < 1000 {
		text += rand.Text()
	}
	return text
}

// storeBookAbout stores a book with this description.
func (s *testServer) storeBookAbout(owner, description string) {
	s.Helper()
	now := s.clock.now()
	b := models.Book{ID: models.NewID(now), UserID: models.ID(owner), CreatedAt: now, UpdatedAt: now}
	b.BookTexts = models.BookTexts{Title: rand.Text(), Description: description}
	if err := s.services.Store.Books().Create(s.Context(), b); err != nil {
		s.Fatal(err)
	}
}

// Clients that stop reading their exports do not hold the store: meanwhile, others can read and write.
func TestStalledExports(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for range 60 {
		s.storeBookAbout(ada.ID, strings.Repeat(rand.Text(), 20_000))
	}
	exports := make([]io.Reader, 8)
	for i := range exports {
		exports[i] = s.open("/export?format=csv", ada.Token, nil).Body
	}
	for range 3 {
		s.addBook(ada.Token, rand.Text())
		s.get("/books/?limit=1", ada.Token).wantStatus(http.StatusOK)
	}
	for _, export := range exports {
		if n, err := io.Copy(io.Discard, export); err != nil || n < 20<<20 {
			s.Errorf("%d bytes, error %v", n, err)
		}
	}
}
