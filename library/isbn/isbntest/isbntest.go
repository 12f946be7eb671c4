// Package isbntest is a fake of the sources that package isbn asks. Its server runs in the test process, answers in the
// format of each source, and can simulate faults.
package isbntest

import (
	"bytes"
	"context"
	"embed"
	"image"
	"image/jpeg"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/library/isbn"
)

// The hosts of the sources.
const (
	OpenLibrary       = "openlibrary.org"
	OpenLibraryCovers = "covers.openlibrary.org"
	Archive           = "ia800100.us.archive.org"
	GoogleBooks       = "www.googleapis.com"
	GoogleCovers      = "books.google.com"
	DNB               = "services.dnb.de"
	DNBCovers         = "portal.dnb.de"
	BnF               = "catalogue.bnf.fr"
)

// ISBNs of the books that the sources have. The answers are in the folder testdata.
const (
	PrideAndPrejudice = "9780141439518" // Open Library has all fields
	TheTimeMachine    = "9780141439976" // Open Library has no publisher and no cover; Google Books has both
	Emma              = "9780199535644" // only Google Books has it
	DerProzess        = "9783150096765" // only the DNB has it
	LesMiserables     = "9782070409228" // only the BnF has it
	AnotherBook       = "9783150000014" // Open Library and Google Books answer with data of other books
	Placeholder       = "9780000000002" // Open Library has only a placeholder for the title
	Unknown           = "9780306406157" // no source has it
)

//go:embed testdata
var testdata embed.FS

// Server is a fake of all sources.
type Server struct {
	t   testing.TB
	url *url.URL

	mu       sync.Mutex
	requests []*http.Request
	faults   map[string]http.HandlerFunc // by host
}

// NewServer starts a Server that stops when the test ends.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, faults: map[string]http.HandlerFunc{}}
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	var err error
	if s.url, err = url.Parse(listener.URL); err != nil {
		t.Fatal(err)
	}
	return s
}

// Network returns a network that sends all requests to this server. Instead of waiting, it calls waited.
func (s *Server) Network(waited func(time.Duration)) isbn.Network {
	return isbn.Network{
		Transport: transport{s},
		Timeout:   time.Minute,
		Wait: func(ctx context.Context, d time.Duration) error {
			waited(d)
			return ctx.Err()
		},
	}
}

type transport struct{ server *Server }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	r := request.Clone(request.Context())
	r.Host, r.URL.Scheme, r.URL.Host = request.URL.Host, t.server.url.Scheme, t.server.url.Host
	return http.DefaultTransport.RoundTrip(r)
}

// Fail makes fault the handler of all requests to a host.
func (s *Server) Fail(host string, fault http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[host] = fault
}

// Recover ends all faults.
func (s *Server) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

// Requests returns the requests to a host.
func (s *Server) Requests(host string) (requests []*http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		if r.Host == host {
			requests = append(requests, r)
		}
	}
	return requests
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	fault := s.faults[r.Host]
	s.mu.Unlock()
	if fault != nil {
		fault(w, r)
		return
	}
	query := r.URL.Query()
	switch r.Host {
	case OpenLibrary:
		openLibrary(w, r)
	case GoogleBooks:
		send(w, "googlebooks/"+number(query.Get("q"), "isbn:")+".json", "googlebooks/none.json")
	case DNB:
		send(w, "dnb/"+number(query.Get("query"), "isbn=")+".xml", "dnb/none.xml")
	case BnF:
		send(w, "bnf/"+number(query.Get("query"), "bib.isbn adj ")+".xml", "bnf/none.xml")
	case OpenLibraryCovers:
		http.Redirect(w, r, "https://"+Archive+"/cover.jpg", http.StatusFound)
	case Archive, GoogleCovers:
		Picture(w, r)
	case DNBCovers:
		http.NotFound(w, r)
	default:
		s.t.Errorf("a request to %s", r.Host)
	}
}

// searches maps the queries of searches to the ISBN of the book that is found.
var searches = map[string]string{
	"time wells":                         TheTimeMachine,
	"woe=Prozeß and woe=Kafka":           DerProzess,
	`bib.anywhere all "misérables hugo"`: LesMiserables,
}

// number returns the ISBN in a query, which is behind the prefix, or the ISBN that a search finds.
func number(query, prefix string) string {
	if isbn, found := searches[query]; found {
		return isbn
	}
	return strings.Trim(strings.TrimPrefix(query, prefix), `"`)
}

// openLibrary simulates Open Library. It rejects requests whose User-Agent does not name this program.
func openLibrary(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.UserAgent(), "Bookplate/") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.URL.Path == "/api/books" {
		number := strings.TrimPrefix(r.URL.Query().Get("bibkeys"), "ISBN:")
		if !send(w, "openlibrary/"+number+".json") {
			_, _ = w.Write([]byte("{}"))
		}
		return
	}
	if r.URL.Path == "/search.json" && r.URL.Query().Get("q") != "jane austen" {
		_, _ = w.Write([]byte(`{"numFound":0,"docs":[]}`))
		return
	}
	if !send(w, "openlibrary/"+path.Base(r.URL.Path)) {
		http.NotFound(w, r)
	}
}

// send sends the first of these files that exists. It returns false if none does.
func send(w http.ResponseWriter, names ...string) bool {
	for _, name := range names {
		if content, err := fs.ReadFile(testdata, "testdata/"+name); err == nil {
			_, _ = w.Write(content)
			return true
		}
	}
	return false
}

// Picture is a handler that answers with a JPEG.
func Picture(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 200, 300)), nil); err != nil {
		panic(err)
	}
	_, _ = w.Write(b.Bytes())
}

// Hang is a handler that never answers.
func Hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// Endless is a handler that sends spaces until the client disconnects.
func Endless(w http.ResponseWriter, _ *http.Request) {
	for spaces := bytes.Repeat([]byte(" "), 1<<20); ; {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}

// Page is a handler that answers with an HTML page, as a captive portal does.
func Page(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(`<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Log in</p></body></html>`))
}

// Status returns a handler that answers with a status and, if retryAfter is not empty, with that Retry-After header.
func Status(status int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
	}
}

// RedirectTo returns a handler that redirects to a URL.
func RedirectTo(url string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusFound) }
}
