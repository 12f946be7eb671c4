package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bookplate/handlers/web"
	"bookplate/models"
	"bookplate/static"
)

// open makes a request and returns the answer without decompressing its body. The body is closed when the test ends.
func (s *testServer) open(path, token string, header map[string]string) *http.Response {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = response.Body.Close() }) // only read
	return response
}

// wireAnswer is an answer as it was sent: its body is not decompressed.
type wireAnswer struct {
	status int
	header http.Header
	body   []byte
}

// raw is like open, but reads the whole body.
func (s *testServer) raw(path, token string, header map[string]string) wireAnswer {
	s.Helper()
	response := s.open(path, token, header)
	return wireAnswer{response.StatusCode, response.Header, readAll(s, response.Body)}
}

func TestCompression(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Notes")
	for i := range 20 {
		s.storeBook(ada.ID, fmt.Sprintf("Volume %d", i), "science")
	}
	for path, compressed := range map[string]bool{
		"/books/":                       true,
		"/openapi.json":                 true,
		"/openapi.yaml":                 true,
		"/docs/swagger-ui.css":          true,
		static.AppPath + "main.js":      true,
		"/livez":                        false, // short
		"/books/" + b.ID:                false, // short
		"/users/":                       false, // short
		s.pathOf(b.ImageURL):            false, // a picture
		"/static/books/placeholder.jpg": false, // a picture
		"/nothing":                      false, // an error
		"/books/?" + longQuery(2_000):   false, // a long error
		"/books/?limit=1":               false, // short
	} {
		plain := s.raw(path, ada.Token, nil)
		packed := s.raw(path, ada.Token, map[string]string{"Accept-Encoding": "gzip"})
		for _, response := range []wireAnswer{plain, packed} {
			if vary := response.header.Values("Vary"); !slices.Contains(vary, "Accept-Encoding") {
				t.Errorf("%s: Vary is %q", path, vary)
			}
			if response.header.Get("No-Gzip-Compression") != "" {
				t.Errorf("%s: the client sees a header that is for the server", path)
			}
		}
		if encoding := plain.header.Get("Content-Encoding"); encoding != "" {
			t.Errorf("%s: a client that does not accept gzip gets %s", path, encoding)
		}
		if encoding := packed.header.Get("Content-Encoding"); (encoding == "gzip") != compressed {
			t.Errorf("%s: Content-Encoding is %q, want gzip: %t", path, encoding, compressed)
		}
		want, got := plain.body, packed.body
		if compressed {
			if len(got) > len(want)/2 {
				t.Errorf("%s: %d bytes become %d", path, len(want), len(got))
			}
			got = gunzip(t, got)
		}
		if !bytes.Equal(got, want) && !strings.Contains(string(want), "request_id") {
			t.Errorf("%s: the two answers differ", path)
		}
	}
}

// The compressed and the plain form of a file have the same ETag.
func TestCompressedETag(t *testing.T) {
	s := newServer(t, nil)
	gzipped := map[string]string{"Accept-Encoding": "gzip"}
	etag := s.raw("/openapi.json", "", gzipped).header.Get("ETag")
	for _, header := range []map[string]string{
		{"If-None-Match": etag},
		{"If-None-Match": etag, "Accept-Encoding": "gzip"},
	} {
		response := s.raw("/openapi.json", "", header)
		if response.status != http.StatusNotModified || response.header.Get("ETag") != etag ||
			response.header.Get("Content-Encoding") != "" || len(response.body) > 0 {
			t.Errorf("%v: %d %v, want 304 with the ETag %s", header, response.status, response.header, etag)
		}
	}
	part := s.raw("/openapi.json", "", map[string]string{"Accept-Encoding": "gzip", "Range": "bytes=2-2000"})
	if got := part.body; part.status != http.StatusPartialContent || !bytes.Equal(got, static.OpenAPIJSON("1.2.3")[2:2001]) {
		t.Errorf("a range is %d with %d bytes, want these bytes of the file", part.status, len(got))
	}
}

// gatedBooks is a models.Books whose List waits for the gate to open before it returns a second page.
type gatedBooks struct {
	models.Books
	gate chan struct{}
}

func (b gatedBooks) List(ctx context.Context, f models.BookFilter) ([]models.Book, error) {
	if f.After != nil {
		<-b.gate
	}
	return b.Books.List(ctx, f)
}

// A client receives the first books of a long list before the server has read the rest from the store, with and without
// compression.
func TestListStreams(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for i := range web.Batch + 1 {
		s.storeBook(ada.ID, fmt.Sprintf("Volume %04d", i), "science")
	}
	store := s.services.Store
	for _, encoding := range []string{"identity", "gzip"} {
		gate := make(chan struct{})
		s.services.Store = failingStore{store, gatedBooks{store.Books(), gate}}
		s.start()
		response := s.open("/books/", ada.Token, map[string]string{"Accept-Encoding": encoding})
		var body io.Reader = response.Body
		if encoding == "gzip" {
			unzipped, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unzipped
		}
		var got []byte
		for buffer := make([]byte, 4<<10); !bytes.Contains(got, []byte(fmt.Sprintf("Volume %04d", web.Batch-1))); {
			n, err := body.Read(buffer)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, buffer[:n]...)
		}
		close(gate)
		got = append(got, readAll(t, body)...)
		a := answer{t, response.StatusCode, response.Header, got, s.log}
		if titles := a.titles(); len(titles) != web.Batch+1 {
			t.Errorf("%s: %d books, want %d", encoding, len(titles), web.Batch+1)
		}
	}
}

// longQuery returns a query whose only parameter is unknown and has a name of this length.
func longQuery(length int) string { return strings.Repeat("x", length) + "=1" }

func readAll(t testing.TB, r io.Reader) []byte {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func gunzip(t testing.TB, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	return readAll(t, r)
}
