package handlers

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// bookCovers has the fields of a book that are about its cover.
type bookCovers struct {
	ID       string            `json:"_id"`
	Title    string            `json:"title"`
	ImageURL string            `json:"image_url"`
	Covers   map[string]string `json:"covers"`
}

// readCovers gets a book and returns its fields about the cover.
func (s *testServer) readCovers(id, token string) bookCovers {
	s.Helper()
	return data[bookCovers](s.get("/books/"+id, token), "successfully retrieved a book")
}

func (s *testServer) pictureSize(url string) image.Point {
	s.Helper()
	config, err := jpeg.DecodeConfig(bytes.NewReader(s.get(s.pathOf(url), "").wantStatus(http.StatusOK).body))
	if err != nil {
		s.Fatal(err)
	}
	return image.Pt(config.Width, config.Height)
}

func TestCoverSizes(t *testing.T) {
	for _, c := range []struct {
		setting string
		want    map[string]image.Point // for a picture of 500×1000 pixels
	}{
		{"", map[string]image.Point{"150": {X: 75, Y: 150}, "300": {X: 150, Y: 300}, "600": {X: 300, Y: 600}}},
		{"150", map[string]image.Point{"150": {X: 75, Y: 150}}},
		{"64, 1200", map[string]image.Point{"64": {X: 32, Y: 64}, "150": {X: 75, Y: 150}, "1200": {X: 500, Y: 1000}}},
	} {
		s := newServer(t, map[string]string{"COVER_SIZES": c.setting})
		ada := s.signedIn("ada@example.com")
		form := bookForm(t, "Notes")
		form[3].value = picture(t, 500, 1000)
		a := s.form("POST", "/books/", ada.Token, form...)
		added := data[bookCovers](a.wantStatus(http.StatusCreated), "successfully created a new book")
		if got, want := slices.Sorted(maps.Keys(added.Covers)), slices.Sorted(maps.Keys(c.want)); !slices.Equal(got, want) {
			t.Fatalf("COVER_SIZES=%s: %v, want %v", c.setting, got, want)
		}
		for size, want := range c.want {
			if got := s.pictureSize(added.Covers[size]); got != want {
				t.Errorf("COVER_SIZES=%s: %s is %v, want %v", c.setting, size, got, want)
			}
		}
		if added.ImageURL != added.Covers["150"] {
			t.Errorf("image_url %s, covers %v", added.ImageURL, added.Covers)
		}
	}
}

func TestReplaceCoverAlone(t *testing.T) {
	eachStore(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		before := s.readCovers(s.addBook(ada.Token, "Notes").ID, ada.Token)
		a := s.form("PUT", "/books/"+before.ID+"/cover", ada.Token,
			field{name: "cover_image", value: picture(s.TB, 400, 100), file: "c.png"}, field{name: "title", value: "Letters"})
		after := data[bookCovers](a.wantStatus(http.StatusOK), "successfully replaced the cover")
		if after.Title != "Notes" || after.ImageURL == before.ImageURL {
			s.Errorf("%+v became %+v", before, after)
		}
		if got := s.pictureSize(after.Covers["300"]); got != image.Pt(300, 75) {
			s.Errorf("the new cover is %v", got)
		}
		for _, url := range before.Covers {
			s.get(s.pathOf(url), "").wantStatus(http.StatusNotFound)
		}
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers for one book", n)
		}
	})
}

func TestDeleteCover(t *testing.T) {
	eachStore(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		before := s.readCovers(s.addBook(ada.Token, "Notes").ID, ada.Token)
		for range 2 { // deleting twice is no error
			a := s.do(call{method: "DELETE", path: "/books/" + before.ID + "/cover/", token: ada.Token})
			if a.wantStatus(http.StatusNoContent); len(a.body) != 0 {
				s.Errorf("204 with a body: %s", a.body)
			}
		}
		after := s.readCovers(before.ID, ada.Token)
		if after.Title != "Notes" || len(after.Covers) != 0 || !strings.HasSuffix(after.ImageURL, "/static/books/placeholder.jpg") {
			s.Errorf("without a cover: %+v", after)
		}
		if n := s.coverCount(); n != 0 {
			s.Errorf("%d covers are left", n)
		}
		picture := s.get(s.pathOf(after.ImageURL), "").wantStatus(http.StatusOK)
		picture.wantHeader("Content-Type", "image/jpeg")
		picture.wantHeader("Cache-Control", "no-cache")
		picture.wantHeader("Cross-Origin-Resource-Policy", "cross-origin")
		if _, err := jpeg.Decode(bytes.NewReader(picture.body)); err != nil {
			s.Errorf("the placeholder: %v", err)
		}
	})
}

// A book may have a cover from an earlier version of the server, which stored only a thumbnail and no list of sizes.
func TestCoverOfAnEarlierBuild(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef.jpg"
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := models.NewID(s.clock.now())
		err := errors.Join(
			s.blobs.Put(s.Context(), key, []byte(picture(s.TB, 100, 150))),
			s.services.Store.Books().Create(s.Context(), models.Book{
				ID: id, UserID: models.ID(ada.ID), BookTexts: models.BookTexts{Title: "Notes"}, Cover: models.Cover{Name: key},
			}))
		if err != nil {
			s.Fatal(err)
		}
		s.sweep()
		b := s.readCovers(string(id), ada.Token)
		if got := s.pictureSize(b.ImageURL); got != image.Pt(100, 150) || len(b.Covers) != 0 {
			s.Errorf("the thumbnail is %v: %+v", got, b)
		}
		s.get("/books/"+b.ID+"/cover?size=300", ada.Token).wantHeader("Location", b.ImageURL)
		s.form("PUT", "/books/"+b.ID+"/cover", ada.Token, bookForm(s.TB, "")[3]).wantStatus(http.StatusOK)
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusNotFound)
	})
}

func TestCoverRedirect(t *testing.T) {
	s := newServer(t, nil)
	ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
	b := s.readCovers(s.addBook(ada.Token, "Notes").ID, ada.Token)
	for query, want := range map[string]string{
		"": "150", "?size=1": "150", "?size=150": "150", "?size=151": "300", "?size=600": "600", "?size=99999": "600",
	} {
		a := s.get("/books/"+b.ID+"/cover"+query, bob.Token).wantStatus(http.StatusFound)
		a.wantHeader("Location", b.Covers[want])
	}
	for _, size := range []string{"0", "-1", "large", "150px", "99999999999999999999"} {
		s.get("/books/"+b.ID+"/cover?size="+size, ada.Token).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"size":"must be a number of pixels"}}`)
	}
	s.do(call{method: "DELETE", path: "/books/" + b.ID + "/cover", token: ada.Token}).wantStatus(http.StatusNoContent)
	s.get("/books/"+b.ID+"/cover?size=300", ada.Token).wantHeader("Location", s.url+"/static/books/placeholder.jpg")
}

func TestCoverRefusals(t *testing.T) {
	const notFound = `{"message":"Book not found for user","data":null,"error":"Not found"}`
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		b := s.readCovers(s.addBook(ada.Token, "Notes").ID, ada.Token)
		file := field{name: "cover_image", value: picture(s.TB, 10, 10), file: "c.jpg"}
		for _, path := range []string{"/books/no-id/cover", "/books/0123456789abcdef01234567/cover"} {
			s.form("PUT", path, ada.Token, file).want(http.StatusNotFound, notFound)
			s.do(call{method: "DELETE", path: path, token: ada.Token}).want(http.StatusNotFound, notFound)
			s.get(path, ada.Token).want(http.StatusNotFound, `{"message":"Book not found","data":null,"error":"Not Found"}`)
		}
		path := "/books/" + b.ID + "/cover"
		s.form("PUT", path, bob.Token, file).want(http.StatusNotFound, notFound)
		s.do(call{method: "DELETE", path: path, token: bob.Token}).want(http.StatusNotFound, notFound)
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			s.do(call{method: method, path: path}).wantStatus(http.StatusUnauthorized)
		}
		s.form("PUT", path, ada.Token, field{name: "title", value: "Letters"}).
			want(http.StatusBadRequest, `{"message":"cover image is required","data":null,"error":{"cover_image":"is required"}}`)
		s.form("PUT", path, ada.Token, file, file).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"cover_image":"must be one file"}}`)
		if after := s.readCovers(b.ID, ada.Token); after.ImageURL != b.ImageURL || s.coverCount() != 1 {
			s.Errorf("rejected changes changed %+v to %+v, and there are %d covers", b, after, s.coverCount())
		}
	})
}

func TestCheckAndSweepCovers(t *testing.T) {
	eachStore(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		thumbnail := path.Base(s.addBook(ada.Token, "Notes").ImageURL)
		s.addBook(ada.Token, "Letters")
		orphan := models.NewCover("", nil).Key(300)
		err := errors.Join(s.blobs.Put(s.Context(), orphan, nil), s.blobs.Delete(s.Context(), thumbnail))
		if err != nil {
			s.Fatal(err)
		}
		wantReport := func(at time.Time, orphaned ...string) {
			s.Helper()
			report, err := s.services.Covers.Check(s.Context(), s.services.Store.Books(), at)
			if err != nil || report.Books != 2 || !slices.Equal(report.Missing, []string{thumbnail}) ||
				!slices.Equal(report.Orphaned, orphaned) {
				s.Errorf("%+v, error %v; want %s missing, %v orphaned", report, err, thumbnail, orphaned)
			}
		}
		later := time.Now().Add(2 * time.Hour)
		wantReport(time.Now())
		wantReport(later, orphan)
		s.sweep()
		wantReport(later)
	})
}
