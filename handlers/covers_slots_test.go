package handlers

import (
	"bytes"
	"net/http"
	"sync"
	"testing"
	"time"

	"bookplate/covers"
)

// stuckFile is a picture of which the second half, which only its decoder reads, does not come until it may.
type stuckFile struct {
	*bytes.Reader
	once           sync.Once
	reached, comes chan struct{}
}

func (f *stuckFile) Read(p []byte) (int, error) {
	if f.Len()-len(p) < int(f.Size())/2 {
		f.once.Do(func() {
			close(f.reached)
			<-f.comes
		})
	}
	return f.Reader.Read(p)
}

// Who waits too long for memory is told to come again, and when.
func TestUploadThatFindsNoSlot(t *testing.T) {
	s := newServer(t, nil)
	s.services.Covers = covers.New(s.blobs, covers.Options{MaxPixels: 1_000_000, Memory: 1 << 20}) // one at a time
	s.start()
	ada := s.signedIn("ada@example.com")
	stuck := &stuckFile{
		Reader: bytes.NewReader([]byte(picture(t, 900, 900))), reached: make(chan struct{}), comes: make(chan struct{}),
	}
	added := make(chan error, 1)
	go func() {
		_, err := s.services.Covers.Add(t.Context(), stuck)
		added <- err
	}()
	select {
	case <-stuck.reached:
	case err := <-added:
		t.Fatalf("nobody reads the second half: %v", err)
	}

	impatient := *s
	impatient.services.CoverBudget = 50 * time.Millisecond
	impatient.start()
	a := impatient.form("POST", "/books/", ada.Token, bookForm(t, "Notes")...)
	a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"error":"Service Unavailable"}`)
	a.wantHeader("Retry-After", "2")

	close(stuck.comes)
	if err := <-added; err != nil {
		t.Fatal(err)
	}
	s.addBook(ada.Token, "Notes")
}
