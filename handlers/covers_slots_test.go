package handlers

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// An upload that waits too long for memory is answered with Retry-After.
func TestUploadWithoutMemory(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	release := s.holdCoverMemory()

	other := *s
	other.services.CoverBudget = 50 * time.Millisecond
	other.start()
	a := other.form("POST", "/books/", ada.Token, bookForm(t, "Notes")...)
	a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"error":"Service Unavailable"}`)
	a.wantHeader("Retry-After", "2")

	release()
	s.addBook(ada.Token, "Notes")
}

// If too many uploads of an account wait for memory, further uploads are rejected with Retry-After. The waiting ones
// succeed.
func TestTooManyWaitingUploads(t *testing.T) {
	const mostWaiting = 16
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	release := s.holdCoverMemory()
	answers := make(chan answer)
	for i := range mostWaiting + 1 {
		go func() { answers <- s.form("POST", "/books/", ada.Token, bookForm(t, fmt.Sprint("Notes ", i))...) }()
	}
	a := <-answers
	a.want(http.StatusTooManyRequests,
		`{"message":"Too Many Requests","data":null,"error":"too many uploads at the same time; try again later"}`)
	a.wantHeader("Retry-After", "2")
	release()
	for range mostWaiting {
		(<-answers).wantStatus(http.StatusCreated)
	}
}
