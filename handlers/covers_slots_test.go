package handlers

import (
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
