package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bookplate/models"
)

// ownerIn returns the JSON of the owner in an answer with one book, or of all owners in an answer with a list of books.
func (a answer) ownerIn() string {
	a.Helper()
	type owned struct {
		Owner json.RawMessage `json:"owner"`
	}
	var list struct{ Data []owned }
	if json.Unmarshal(a.body, &list) != nil {
		var one struct{ Data owned }
		if err := json.Unmarshal(a.body, &one); err != nil {
			a.Fatal(err)
		}
		list.Data = []owned{one.Data}
	}
	owners := make([]string, len(list.Data))
	for i, b := range list.Data {
		owners[i] = string(b.Owner)
	}
	return strings.Join(owners, " ")
}

// A book of another account shows the id and the name of its owner.
func TestBooksOfOthersHaveTheirOwner(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedInAs("bob@example.com", models.RoleLibrarian)
		s.json("PUT", "/users/", ada.Token, `{"name":"Ada King"}`).wantStatus(http.StatusCreated)
		id := s.addBook(ada.Token, "Emma").ID
		wantOwner := func(user user, want string) {
			s.Helper()
			for _, path := range []string{
				"/books/" + id, "/books/?scope=all", "/books/?scope=all&limit=1", "/shelves/cart/books", "/shelves/cart/books/" + id,
				"/reading/",
			} {
				if got := s.get(path, user.Token).ownerIn(); got != want {
					s.Errorf("%s: the owner is %q, want %q", path, got, want)
				}
			}
		}
		for _, u := range []user{ada, bob} {
			s.shelve(u.Token, "cart", id)
			s.reading("PUT", u.Token, id, `{"status":"read"}`).wantStatus(http.StatusOK)
		}
		wantOwner(ada, "")
		wantOwner(bob, `{"_id":"`+ada.ID+`","name":"Ada King"}`)
		if got := s.json("PATCH", "/books/"+id, bob.Token, `{"pages":300}`).ownerIn(); got != `{"_id":"`+ada.ID+`","name":"Ada King"}` {
			s.Errorf("the owner of the changed book is %s", got)
		}
		s.deleteAccount(ada.Token, "").wantStatus(http.StatusNoContent) // which disables it
		wantOwner(bob, `{"_id":"`+ada.ID+`","name":null}`)
	})
}

// The fourth tutorial's clients sign up with their e-mail address as the user name. Other users must not see such a name.
func TestOwnersAddressIsHidden(t *testing.T) {
	s := newServer(t, nil)
	s.json("POST", "/v1/user/register/", "", `{"username":"eve@example.com","email":"eve@example.com","password":"`+password+`"}`).
		wantStatus(http.StatusCreated)
	eve := s.login("eve@example.com")
	id := s.addBook(eve.Token, "Emma").ID
	if got := s.get("/books/"+id, s.signedIn("ada@example.com").Token).ownerIn(); got != `{"_id":"`+eve.ID+`","name":null}` {
		s.Errorf("the owner is %s", got)
	}
}
