package isbn_test

import (
	"context"
	"image/jpeg"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/library/isbn"
	"bookplate/library/isbn/isbntest"
	"bookplate/models"
	"bookplate/storage/sqlite"
)

// library is a Finder with fake sources and a real store. Its clock advances only when a test sets it or the Finder
// waits.
type library struct {
	testing.TB
	*isbn.Finder
	sources *isbntest.Server
	options isbn.Options
	now     time.Time
}

func newLibrary(t *testing.T, sources ...string) *library {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	l := &library{TB: t, sources: isbntest.NewServer(t), now: time.Date(2026, time.May, 6, 7, 8, 9, 0, time.UTC)}
	l.options = isbn.Options{
		Sources: sources, Contact: "books@example.com", Version: "1.2.3",
		Answers: store.SourceAnswers(), Tallies: store.Throttles(),
		Network: l.sources.Network(func(d time.Duration) { l.now = l.now.Add(d) }),
		Now:     func() time.Time { return l.now }, Log: slog.New(slog.DiscardHandler),
	}
	l.Finder = isbn.New(l.options)
	return l
}

func (l *library) mustFind(number string) isbn.Found {
	l.Helper()
	found, err := l.Find(l.Context(), number)
	if err != nil {
		l.Fatal(err)
	}
	return found
}

// wantUnknown checks that a look-up reports an ISBN as unknown.
func (l *library) wantUnknown(number string) {
	l.Helper()
	_ = l.wantError(number, models.NotFound, "isbn_unknown")
}

// wantOutOfReach checks that a look-up fails because sources are out of reach, and that the error has these words. It
// returns the error.
func (l *library) wantOutOfReach(number string, words ...string) *models.Error {
	l.Helper()
	return l.wantError(number, models.Unavailable, "sources_out_of_reach", words...)
}

// wantError checks that a look-up fails with this code and name, and that the error has these words. It returns the
// error.
func (l *library) wantError(number string, code models.Code, name string, words ...string) *models.Error {
	l.Helper()
	_, err := l.Find(l.Context(), number)
	e, ok := err.(*models.Error) //nolint:errorlint // Find returns no wrapped errors
	if !ok || e.Code != code || e.Name != name {
		l.Fatalf("the error is %v, want code %d and name %s", err, code, name)
	}
	for _, text := range words {
		if !strings.Contains(e.Error(), text) {
			l.Errorf("the error is %v, want the words %q", err, text)
		}
	}
	return e
}

func (l *library) wantRequests(host string, want int) {
	l.Helper()
	if got := len(l.sources.Requests(host)); got != want {
		l.Errorf("%d requests to %s, want %d", got, host, want)
	}
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		isbn, sources string
		title         string
		description   string
		details       models.BookDetails
		cover         string
		by            map[string]string // the sources of fields that are not from the first source
	}{
		{
			isbntest.PrideAndPrejudice, "openlibrary,googlebooks", "Pride and Prejudice",
			"Elizabeth Bennet and Mr Darcy.\n\nA comedy of manners.",
			models.BookDetails{
				Authors: []string{"Jane Austen"}, Publisher: "Penguin Classics", Published: "2002-12-31", Language: "en", Pages: 435,
				Series: "Penguin classics", SeriesNumber: 12,
			},
			"https://covers.openlibrary.org/b/id/11-L.jpg?default=false", nil,
		},
		{
			isbntest.TheTimeMachine, "openlibrary,googlebooks", "The Time Machine", "A traveller and the year 802,701.",
			models.BookDetails{
				Subtitle: "An Invention", Authors: []string{"H. G. Wells"}, Publisher: "William Heinemann", Published: "1895",
				Language: "en", Pages: 104,
			},
			"https://books.google.com/books/content?id=bbbbbbbbbbbb&printsec=frontcover&img=1&zoom=1&source=gbs_api",
			map[string]string{"publisher": "googlebooks", "cover": "googlebooks"},
		},
		{
			isbntest.TheTimeMachine, "googlebooks", "THE TIME MACHINE", "A traveller.\n\nEloi & Morlocks",
			models.BookDetails{
				Authors: []string{"Herbert George Wells"}, Publisher: "William Heinemann", Published: "1895-05-07", Language: "en",
				Pages: 152,
			},
			"https://books.google.com/books/content?id=bbbbbbbbbbbb&printsec=frontcover&img=1&zoom=1&source=gbs_api", nil,
		},
		{
			isbntest.Emma, "googlebooks,openlibrary,dnb,bnf", "Emma", "Emma Woodhouse, handsome, clever, and rich <3\n\nA novel.",
			models.BookDetails{Authors: []string{"Jane Austen"}, Published: "2008-06"},
			"", nil,
		},
		{
			isbntest.DerProzess, "dnb,openlibrary,googlebooks,bnf", "Der Prozess", "",
			models.BookDetails{
				Subtitle: "Roman", Authors: []string{"Franz Kafka"}, Publisher: "Reclam", Published: "1998", Language: "de", Pages: 282,
				Series: "Universal-Bibliothek", SeriesNumber: 9676,
			},
			"https://portal.dnb.de/opac/mvb/cover?isbn=9783150096765", nil,
		},
		{
			isbntest.LesMiserables, "bnf,dnb", "Les misérables", "",
			models.BookDetails{
				Subtitle: "roman", Authors: []string{"Victor Hugo"}, Publisher: "Gallimard", Published: "1999", Language: "fr", Pages: 955,
			},
			"", nil,
		},
	} {
		t.Run(test.isbn+" by "+test.sources, func(t *testing.T) {
			l := newLibrary(t, strings.Split(test.sources, ",")...)
			found := l.mustFind(test.isbn)
			got := found.Fields.Apply(models.Book{})
			test.details.ISBN = test.isbn
			if got.Title != test.title || got.Description != test.description || !reflect.DeepEqual(got.BookDetails, test.details) {
				t.Errorf("found %+v\n%q", got, got.Description)
			}
			if found.CoverURL != test.cover || len(found.OutOfReach) > 0 {
				t.Errorf("the cover is %s, out of reach are %v", found.CoverURL, found.OutOfReach)
			}
			want := map[string]string{}
			for name := range found.Fields.Changes() {
				want[name] = l.options.Sources[0]
			}
			if test.cover != "" {
				want["cover"] = l.options.Sources[0]
			}
			maps.Copy(want, test.by)
			if !maps.Equal(found.Sources, want) {
				t.Errorf("the sources are %v, want %v", found.Sources, want)
			}
			if again := l.mustFind(test.isbn); !reflect.DeepEqual(again, found) {
				t.Errorf("the stored answers are %+v\nwant %+v", again, found)
			}
		})
	}
}

// The next source is not asked if the first one has all fields. No source is asked again about an ISBN before its
// answer expires.
func TestAnswersAreStored(t *testing.T) {
	l := newLibrary(t, models.OpenLibrary, models.GoogleBooks)
	for range 2 {
		l.mustFind(isbntest.PrideAndPrejudice)
		l.wantUnknown(isbntest.Unknown)
	}
	l.wantRequests(isbntest.OpenLibrary, 2)
	l.wantRequests(isbntest.GoogleBooks, 1)
	l.now = l.now.Add(24*time.Hour + time.Minute)
	l.mustFind(isbntest.PrideAndPrejudice)
	l.wantUnknown(isbntest.Unknown)
	l.wantRequests(isbntest.OpenLibrary, 3)
	l.now = l.now.Add(30 * 24 * time.Hour)
	l.mustFind(isbntest.PrideAndPrejudice)
	l.wantRequests(isbntest.OpenLibrary, 4)
}

// An answer about another book is ignored.
func TestOtherBooksAreRefused(t *testing.T) {
	l := newLibrary(t, models.MetadataSources...)
	l.wantUnknown(isbntest.AnotherBook)
	l.wantUnknown(isbntest.Placeholder)
}

func TestOff(t *testing.T) {
	l := newLibrary(t)
	if l.On() {
		t.Error("look-up is on without sources")
	}
	_ = l.wantError(isbntest.Emma, models.Forbidden, "lookup_off", "METADATA_SOURCES")
}

// A source that is out of reach causes another error than an unknown ISBN. The ISBN is not stored as unknown.
func TestOutOfReach(t *testing.T) {
	for name, test := range map[string]struct {
		fault  http.HandlerFunc
		reason string
	}{
		"error":             {isbntest.Status(http.StatusInternalServerError, ""), "answered 500"},
		"page":              {isbntest.Page, "sent an answer that cannot be read"},
		"endless":           {isbntest.Endless, "sent an answer that cannot be read"},
		"empty":             {func(http.ResponseWriter, *http.Request) {}, "sent an answer that cannot be read"},
		"wrong type":        {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[]`)) }, "sent an answer that cannot be read"},
		"redirect":          {isbntest.RedirectTo("https://books.example.com/"), "did not answer"},
		"redirect inside":   {isbntest.RedirectTo("https://169.254.169.254/latest/meta-data/"), "did not answer"},
		"redirect to HTTP":  {isbntest.RedirectTo("http://openlibrary.org/"), "did not answer"},
		"redirect to port":  {isbntest.RedirectTo("https://openlibrary.org:8443/"), "did not answer"},
		"redirect to self":  {isbntest.RedirectTo("https://openlibrary.org/api/books"), "did not answer"},
		"redirect to user":  {isbntest.RedirectTo("https://a:b@openlibrary.org/"), "did not answer"},
		"redirect to other": {isbntest.RedirectTo("https://openlibrary.org.example.com/"), "did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t, models.OpenLibrary, models.GoogleBooks)
			l.sources.Fail(isbntest.OpenLibrary, test.fault)
			_ = l.wantOutOfReach(isbntest.PrideAndPrejudice, "Open Library "+test.reason, "title")
			found := l.mustFind(isbntest.TheTimeMachine) // only Google Books answers
			if !slices.Equal(found.OutOfReach, []string{models.OpenLibrary}) {
				t.Errorf("out of reach are %v", found.OutOfReach)
			}
			l.sources.Recover()
			l.now = l.now.Add(time.Minute)
			l.mustFind(isbntest.PrideAndPrejudice)
		})
	}
}

// The national libraries count as out of reach if they send no valid XML.
func TestNationalLibrariesOutOfReach(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"page": isbntest.Page, "endless": isbntest.Endless, "empty": func(http.ResponseWriter, *http.Request) {},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t, models.DNB, models.BnF)
			l.sources.Fail(isbntest.DNB, fault)
			l.sources.Fail(isbntest.BnF, fault)
			_ = l.wantOutOfReach(isbntest.DerProzess,
				"The DNB sent an answer that cannot be read", "The BnF sent an answer that cannot be read")
		})
	}
}

// The time for an answer may be over before the source is asked, because the server is busy, or while it is asked.
func TestHangingSource(t *testing.T) {
	for _, timeout := range []time.Duration{time.Nanosecond, 50 * time.Millisecond} {
		l := newLibrary(t, models.OpenLibrary, models.GoogleBooks)
		l.sources.Fail(isbntest.OpenLibrary, isbntest.Hang)
		l.options.Network.Timeout = timeout
		l.options.Sources = []string{models.OpenLibrary}
		l.Finder = isbn.New(l.options)
		e := l.wantOutOfReach(isbntest.PrideAndPrejudice, "Open Library did not answer")
		if strings.Contains(e.Error(), isbntest.PrideAndPrejudice) {
			t.Errorf("the error, which is logged, has the ISBN: %v", e)
		}
	}
}

// If a source asks for fewer requests, no server sends it a request until the wait is over.
func TestThrottledSource(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		retryAfter string
		wait       time.Duration
	}{
		"429":                  {http.StatusTooManyRequests, "", time.Minute},
		"403":                  {http.StatusForbidden, "", time.Minute},
		"503":                  {http.StatusServiceUnavailable, "120", 2 * time.Minute},
		"a date":               {http.StatusTooManyRequests, "Wed, 06 May 2026 08:08:09 GMT", time.Hour},
		"too long":             {http.StatusTooManyRequests, "99999999999", 24 * time.Hour},
		"nonsense":             {http.StatusTooManyRequests, "soon", time.Minute},
		"500 with Retry-After": {http.StatusInternalServerError, "30", 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t, models.OpenLibrary)
			l.sources.Fail(isbntest.OpenLibrary, isbntest.Status(test.status, test.retryAfter))
			e := l.wantOutOfReach(isbntest.PrideAndPrejudice, "Open Library answered")
			if e.RetryAfter != test.wait {
				t.Errorf("Retry-After is %s, want %s", e.RetryAfter, test.wait)
			}
			l.sources.Recover()
			l.Finder = isbn.New(l.options) // simulates another server
			l.now = l.now.Add(test.wait - 10*time.Second)
			_ = l.wantOutOfReach(isbntest.PrideAndPrejudice, "has asked for fewer requests")
			l.wantRequests(isbntest.OpenLibrary, 1)
			l.now = l.now.Add(10 * time.Second)
			l.mustFind(isbntest.PrideAndPrejudice)
		})
	}
}

// Open Library allows three requests a second if the User-Agent has a contact, and otherwise one a second. Further
// requests wait.
func TestRateLimit(t *testing.T) {
	for contact, want := range map[string]time.Duration{"books@example.com": time.Second, "": 5 * time.Second} {
		l := newLibrary(t, models.OpenLibrary)
		l.options.Contact = contact
		l.Finder = isbn.New(l.options)
		start := l.now
		for _, number := range []string{
			isbntest.Emma, isbntest.DerProzess, isbntest.LesMiserables, isbntest.AnotherBook, isbntest.Placeholder, isbntest.Unknown,
		} {
			l.wantUnknown(number)
		}
		if took := l.now.Sub(start).Round(time.Millisecond); took != want {
			t.Errorf("with the contact %q, six requests took %s, want %s", contact, took, want)
		}
	}
}

func TestUserAgent(t *testing.T) {
	l := newLibrary(t, models.OpenLibrary)
	l.mustFind(isbntest.PrideAndPrejudice)
	if got := l.sources.Requests(isbntest.OpenLibrary)[0].UserAgent(); got != "Bookplate/1.2.3 (books@example.com)" {
		t.Errorf("the User-Agent is %s", got)
	}
}

// wantCover checks whether the cover of a book can be fetched.
func (l *library) wantCover(number string, want bool) {
	l.Helper()
	file := l.Cover(l.Context(), l.mustFind(number))
	if file == nil {
		if want {
			l.Error("there is no cover")
		}
		return
	}
	defer file.Close() //nolint:errcheck // the file was only read
	_, err := file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = jpeg.Decode(file)
	}
	if err != nil || !want {
		l.Errorf("there is a cover (%v)", err)
	}
}

func TestCover(t *testing.T) {
	l := newLibrary(t, models.MetadataSources...)
	l.wantCover(isbntest.PrideAndPrejudice, true) // redirected to the Internet Archive
	l.wantCover(isbntest.TheTimeMachine, true)
	l.wantCover(isbntest.DerProzess, false) // the DNB has no picture
	l.wantCover(isbntest.Emma, false)
}

// If a cover cannot be fetched, the book is found without it.
func TestCoverOutOfReach(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"error": isbntest.Status(http.StatusBadGateway, ""), "endless": isbntest.Endless,
		"redirect inside": isbntest.RedirectTo("https://169.254.169.254/"), "missing": http.NotFound,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t, models.OpenLibrary)
			l.sources.Fail(isbntest.OpenLibraryCovers, fault)
			l.wantCover(isbntest.PrideAndPrejudice, false)
		})
	}
}

// fullStore stores no answers, as on a full disk.
type fullStore struct{ models.SourceAnswers }

func (fullStore) Put(context.Context, models.SourceAnswer) error {
	return &models.Error{Code: models.InsufficientStorage}
}

// On a full disk, a look-up finds the book nevertheless. The source is asked again the next time.
func TestAnswerThatCannotBeStored(t *testing.T) {
	l := newLibrary(t, "openlibrary")
	l.options.Answers = fullStore{l.options.Answers}
	l.Finder = isbn.New(l.options)
	for asked := 1; asked <= 2; asked++ {
		if found := l.mustFind(isbntest.PrideAndPrejudice); *found.Fields.Title != "Pride and Prejudice" {
			t.Errorf("found %q", *found.Fields.Title)
		}
		l.wantRequests(isbntest.OpenLibrary, asked)
	}
}
