package handlers

import (
	"net/http"
	"testing"
	"time"
)

// Who waits too long for memory is told to come again, and when.
func TestUploadThatFindsNoSlot(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	letGo := s.holdCovers()

	impatient := *s
	impatient.services.CoverBudget = 50 * time.Millisecond
	impatient.start()
	a := impatient.form("POST", "/books/", ada.Token, bookForm(t, "Notes")...)
	a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"error":"Service Unavailable"}`)
	a.wantHeader("Retry-After", "2")

	letGo()
	s.addBook(ada.Token, "Notes")
}
