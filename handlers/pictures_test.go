package handlers

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"bookplate/models"
)

func TestCover(t *testing.T) {
	eachStore(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Notes")
		path := s.pathOf(b.ImageURL)
		a := s.get(path, "").wantStatus(http.StatusOK)
		a.wantHeader("Content-Type", "image/jpeg")
		a.wantHeader("Cache-Control", "public, max-age=31536000, immutable")
		a.wantHeader("X-Content-Type-Options", "nosniff")
		a.wantHeader("Cross-Origin-Resource-Policy", "cross-origin")
		img, err := jpeg.Decode(bytes.NewReader(a.body))
		if err != nil {
			s.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 113 || size.Y != 150 {
			s.Errorf("a 300×400 picture has a thumbnail of %v, want 113×150", size)
		}
		etag := a.header.Get("ETag")
		if !strings.HasPrefix(etag, `"`) {
			s.Errorf("ETag: %s, want a strong one", etag)
		}
		s.wantRanges(path, nil)
		s.wantRanges("/static/books/placeholder.jpg", nil)
	})
}

// A picture that is empty or cut off is not served, so that no client caches it.
func TestDamagedCover(t *testing.T) {
	eachStore(t, func(s *testServer) {
		for content, want := range map[string]int{
			"": http.StatusNotFound, "\xff\xd8\xff": http.StatusNotFound, "\xff\xd8\xff\x00\x00": http.StatusNotFound,
			"\xff\xd8\xff\xd9": http.StatusOK,
		} {
			key := models.NewCover("", nil).Key(models.ThumbnailSize)
			if err := s.blobs.Put(s.Context(), key, []byte(content)); err != nil {
				s.Fatal(err)
			}
			s.get("/static/books/"+key, "").wantStatus(want)
		}
	})
}

func TestNoSuchCover(t *testing.T) {
	s := newServer(t, nil)
	for _, name := range []string{"0123456789abcdef.jpg", "%2e%2e%2fsecret.key", "..%2f..%2fsecret.key", "secret.key", strings.Repeat("a", 4096)} {
		a := s.get("/static/books/"+name, "").wantStatus(http.StatusNotFound)
		a.wantHeader("Cache-Control", "no-store")
		if bytes.Contains(a.body, []byte(s.services.Config.DataDir)) {
			t.Errorf("%s: the answer has a file path: %s", name, a.body)
		}
	}
}

// The image_url of a book begins with the server's address as the client knows it.
func TestImageURL(t *testing.T) {
	forwarded := map[string]string{"X-Forwarded-Proto": "HTTPS, http", "X-Forwarded-Host": "books.example.com, 10.0.0.1"}
	for _, c := range []struct {
		env  map[string]string
		want string // the start of the URL; empty for the test server
	}{
		{nil, ""},
		{map[string]string{"TRUSTED_PROXIES": "10.0.0.0/8"}, ""},
		{map[string]string{"TRUSTED_PROXIES": "127.0.0.1"}, "https://books.example.com"},
		{map[string]string{"PUBLIC_URL": "https://library.example.com/api/"}, "https://library.example.com/api"},
	} {
		s := newServer(t, c.env)
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Notes")
		if c.want == "" {
			c.want = s.url
		}
		a := s.do(call{method: "GET", path: "/books/" + b.ID, token: ada.Token, header: forwarded})
		got := data[book](a, "successfully retrieved a book").ImageURL
		if !strings.HasPrefix(got, c.want+"/static/books/") {
			t.Errorf("%v: image_url %s, want %s/static/books/…", c.env, got, c.want)
		}
	}
}

// A malformed host in a request is not copied into any link.
func TestForgedHost(t *testing.T) {
	s := newServer(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.1"})
	ada := s.signedIn("ada@example.com")
	s.addBook(ada.Token, "Notes")
	s.addBook(ada.Token, "More Notes")
	a := s.do(call{
		method: "GET", path: "/books/?limit=1", token: ada.Token,
		header: map[string]string{"X-Forwarded-Host": `evil>; rel="x"`},
	})
	if link := a.header.Get("Link"); !strings.HasPrefix(link, "<http://localhost/books/?") {
		t.Errorf("Link: %s", link)
	}
}
