package handlers

import (
	"net/http"
	"testing"

	"bookplate/storage/storagetest"
)

// TestRoundTrips counts the commands to MongoDB of the most frequent requests. Each command is a round trip.
func TestRoundTrips(t *testing.T) {
	url, commands := storagetest.CountCommands(t)
	s := newServer(t, map[string]string{"DATABASE_URL": url})
	ada := s.signedIn("ada@example.com")
	book := s.addBook(ada.Token, "Notes").ID
	authentication := 1
	if !storagetest.HasLookup(t, url) {
		authentication = 2 // the session and the account, at the same time
	}
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/users/", "", authentication},
		{http.MethodGet, "/books/" + book, "", authentication + 1},
		{http.MethodGet, "/books/?limit=20", "", authentication + 1},
		{http.MethodPatch, "/books/" + book, `{"title":"Letters"}`, authentication + 3}, // whose it is; its words; the change
	} {
		commands.Take()
		s.json(test.method, test.path, ada.Token, test.body).wantStatus(http.StatusOK)
		if got := commands.Take(); len(got) != test.want {
			t.Errorf("%s %s: got the commands %q, want %d", test.method, test.path, got, test.want)
		}
	}
}
