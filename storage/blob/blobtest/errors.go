package blobtest

import (
	"context"
	"strings"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob"
)

func unknown(t *testing.T, s blob.Store) {
	wantNotFound(t, s, "unknown.jpg")
	put(t, s, "a.jpg", []byte("x"))
	wantNotFound(t, s, "b.jpg")
	wantNotFound(t, s, "a.jpeg")
}

func deletion(t *testing.T, s blob.Store) {
	put(t, s, "a.jpg", []byte("a"))
	put(t, s, "b.jpg", []byte("b"))
	for range 2 { // deleting a missing blob is no error
		if err := s.Delete(t.Context(), "a.jpg"); err != nil {
			t.Fatalf("delete: %v", err)
		}
		wantNotFound(t, s, "a.jpg")
	}
	wantContent(t, s, "b.jpg", []byte("b"))
	put(t, s, "a.jpg", []byte("again"))
	wantContent(t, s, "a.jpg", []byte("again"))
}

// invalidKeys checks the errors for an invalid key. Open returns NotFound. Put and Delete return Internal, because the
// program itself chooses the keys.
func invalidKeys(t *testing.T, s blob.Store) {
	keys := []string{
		"", ".", "..", ".jpg", "a", "a.exe", "a.jpg.exe", "a.part", "../a.jpg", "..\\a.jpg", "/etc/passwd", "/a.jpg",
		"b/a.jpg", "b\\a.jpg", "a.jpg/", "a\x00.jpg", "a.jpg\x00", "a.jpg\n", " a.jpg", "c:a.jpg", "a:b.jpg", "ä.jpg",
		"%2e%2e.jpg", "$a.jpg", strings.Repeat("a", 65) + ".jpg", strings.Repeat("a", 4096) + ".jpg",
	}
	for _, key := range keys {
		wantCode(t, "put", s.Put(t.Context(), key, []byte("x")), models.Internal)
		wantCode(t, "delete", s.Delete(t.Context(), key), models.Internal)
		wantNotFound(t, s, key)
	}
	longest := strings.Repeat("a", 64) + ".jpg"
	put(t, s, longest, []byte("x"))
	wantContent(t, s, longest, []byte("x"))
}

func tooLarge(t *testing.T, s blob.Store) {
	put(t, s, "a.jpg", make([]byte, blob.MaxSize))
	wantContent(t, s, "a.jpg", make([]byte, blob.MaxSize))
	wantCode(t, "put", s.Put(t.Context(), "b.jpg", make([]byte, blob.MaxSize+1)), models.Internal)
	wantNotFound(t, s, "b.jpg")
}

func endedContext(t *testing.T, s blob.Store) {
	put(t, s, "a.jpg", []byte("a"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	wantCode(t, "put", s.Put(ended, "b.jpg", []byte("b")), models.Unavailable)
	wantNotFound(t, s, "b.jpg")
	wantCode(t, "delete", s.Delete(ended, "a.jpg"), models.Unavailable)
	wantContent(t, s, "a.jpg", []byte("a"))
	wantCode(t, "ping", s.Ping(ended), models.Unavailable)
	o, err := s.Open(ended, "a.jpg")
	if err == nil {
		_ = o.Close()
	}
	wantCode(t, "open", err, models.Unavailable)
	_, err = collect(s.List(ended))
	wantCode(t, "list", err, models.Unavailable)
}
