package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// access is who may make a request.
type access int

const (
	anybody       access = iota
	ownThings            // whoever is signed in, and it is about what is the caller's
	everyonesRead        // whoever is signed in; it reads anybody's book
	owner                // only the owner of what the path names: to others it is not there
	administrator
)

// rules say who may make which request. A request of the document that is not here fails the tests.
var rules = map[string]access{
	"POST /users":                anybody,
	"POST /users/login":          anybody,
	"GET /users":                 ownThings,
	"PUT /users":                 ownThings,
	"PATCH /users":               ownThings,
	"DELETE /users":              ownThings,
	"PUT /users/email":           ownThings,
	"PUT /users/password":        ownThings,
	"GET /users/all":             administrator,
	"GET /users/{id}":            administrator,
	"PUT /users/{id}":            administrator,
	"GET /audit":                 administrator,
	"POST /auth/refresh":         anybody,
	"POST /auth/logout":          ownThings,
	"POST /auth/logout-all":      ownThings,
	"GET /auth/sessions":         ownThings,
	"DELETE /auth/sessions/{id}": owner,
	"POST /books":                ownThings,
	"GET /books":                 ownThings,
	"GET /books/{id}":            everyonesRead,
	"PUT /books/{id}":            owner,
	"DELETE /books/{id}":         owner,
	"GET /books/{id}/cover":      everyonesRead,
	"PUT /books/{id}/cover":      owner,
	"DELETE /books/{id}/cover":   owner,

	"POST /users/activate":              anybody,
	"GET /users/activate/{token}":       anybody, // with the token of a mail
	"GET /users/email/{token}":          anybody, // likewise
	"POST /users/password/forgot":       anybody,
	"GET /users/password/reset/{token}": anybody, // it is a form, whatever the token
	"POST /users/password/reset":        anybody, // with the token of a mail

	"GET /shelves":                           ownThings,
	"GET /shelves/{name}/books":              ownThings,
	"GET /shelves/{name}/books/{book_id}":    ownThings,
	"PUT /shelves/{name}/books/{book_id}":    everyonesRead,
	"DELETE /shelves/{name}/books/{book_id}": ownThings,

	"POST /auth":                   anybody,
	"GET /protected":               ownThings,
	"POST /login":                  anybody,
	"GET /get_name":                ownThings,
	"POST /v1/user/register":       anybody,
	"POST /v1/user/login":          anybody,
	"GET /v1/user/user_info":       ownThings,
	"POST /v1/user/refresh_token":  anybody, // with a refresh token
	"POST /v1/user/signout_access": ownThings,

	"GET /static/books/{name}": anybody,
	"GET /":                    anybody,
	"GET /livez":               anybody,
	"GET /readyz":              anybody,
	"GET /docs":                anybody,
	"GET /docs/{file}":         anybody,
	"GET /openapi.json":        anybody,
	"GET /openapi.yaml":        anybody,
	"GET /static/page/{file}":  anybody,
}

// intended is what a request is there to change of the caller's own account: nothing else of it may change.
var intended = map[string]func(before *models.User, after models.User){
	"PUT /users": func(u *models.User, _ models.User) { u.Name = "Ada King" },
	"PATCH /users": func(u *models.User, _ models.User) {
		u.Name, u.Username, u.FirstName, u.LastName = "Ada King", "ada", "Ada", "King"
	},
	"PUT /users/password": func(u *models.User, after models.User) { u.PasswordHash = after.PasswordHash },
	"DELETE /users":       func(u *models.User, _ models.User) { u.Active = false },
}

// forbidden are fields that no client may set on the way, with what an attacker would like them to be.
func forbidden(victim owned) map[string]any {
	return map[string]any{
		"role": "admin", "_id": victim.ID, "id": victim.ID, "active": false, "password": "Eve@1234", "password_hash": "x",
		"pending": true, "user_id": victim.ID, "owner": victim.ID, "created_at": "2001-01-01T00:00:00.000Z",
	}
}

// owned is a user with something of everything.
type owned struct {
	user
	book, cover, shelf, session string
}

// someone makes a user of that address. Its shelf has a name that nobody else's has.
func (s *testServer) someone(email string) owned {
	s.Helper()
	o := owned{user: s.signedIn(email), shelf: strings.ReplaceAll(email, "@example.com", "-secret-shelf")}
	b := s.addBook(o.Token, "A Book")
	o.book, o.cover, o.session = b.ID, s.pathOf(b.ImageURL), claimsOf(s, o.Token)["sid"].(string)
	s.shelve(o.Token, o.shelf, o.book)
	return o
}

// fill puts the ids of somebody's things into a path of the document.
func (o owned) fill(t testing.TB, path string) string {
	t.Helper()
	things := map[string]string{
		"/users/{id}": "/users/" + o.ID, "/books/{id}": "/books/" + o.book,
		"/books/{id}/cover": "/books/" + o.book + "/cover", "/static/books/{name}": o.cover,
		"/auth/sessions/{id}": "/auth/sessions/" + o.session, "/docs/{file}": "/docs/docs.js", "/static/page/{file}": "/static/page/page.css",
	}
	if filled, found := things[path]; found {
		return filled
	}
	path = strings.Replace(path, "{token}", strings.Repeat("A", 43), 1) // that of no mail
	if strings.HasPrefix(path, "/shelves/") {
		path = strings.NewReplacer("{name}", o.shelf, "{book_id}", o.book).Replace(path)
	}
	if strings.Contains(path, "{") {
		t.Fatalf("%s names something: say here what", path)
	}
	return path
}

// operations are the requests of the document, written "METHOD /path".
func operations() map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	doc, _ := document()
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			all[method+" "+path] = operation
		}
	}
	return all
}

// attack is a request on somebody's things, right in every way, but for fields that are not the caller's to set.
func (s *testServer) attack(operation, token string, on, victim owned) answer {
	s.Helper()
	method, path, _ := strings.Cut(operation, " ")
	c := call{method: method, path: on.fill(s.TB, path), token: token}
	body := operations()[operation].RequestBody
	if body == nil {
		return s.do(c)
	}
	fields := forbidden(victim)
	if media := body.Value.Content["application/json"]; media != nil {
		for name, schema := range media.Schema.Value.Properties {
			fields[name] = exampleOf(s.TB, name, schema.Value)
		}
		text, err := json.Marshal(fields)
		if err != nil {
			s.Fatal(err)
		}
		c.contentType, c.body = "application/json", string(text)
		return s.do(c)
	}
	var form []field
	for name, value := range fields {
		form = append(form, field{name: name, value: fmt.Sprint(value)})
	}
	for name, schema := range body.Value.Content["multipart/form-data"].Schema.Value.Properties {
		if schema.Value.Format == "binary" {
			form = append(form, field{name: name, value: picture(s.TB, 20, 20), file: "c.jpg"})
			continue
		}
		form = append(form, field{name: name, value: fmt.Sprint(exampleOf(s.TB, name, schema.Value))})
	}
	c.contentType, c.body = formBody(s.TB, form...)
	return s.do(c)
}

// exampleOf is a value that the document says a field may have.
func exampleOf(t testing.TB, name string, schema *openapi3.Schema) any {
	t.Helper()
	switch {
	case len(schema.Examples) > 0:
		return schema.Examples[0]
	case len(schema.Enum) > 0:
		return schema.Enum[len(schema.Enum)-1]
	case schema.Type.Is("boolean"):
		return false
	case schema.Type.Is("string"):
		return "of no meaning"
	}
	t.Fatalf("the document has no example of %s", name)
	return nil
}

// state is all that is stored of somebody.
func (s *testServer) state(id string) (models.User, string) {
	s.Helper()
	store, userID := s.services.Store, models.ID(id)
	u, err := store.Users().Get(s.Context(), userID)
	if err != nil {
		s.Fatal(err)
	}
	sessions, err := store.Sessions().List(s.Context(), models.SessionFilter{UserID: userID, At: s.clock.now(), Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	books, err := store.Books().List(s.Context(), models.BookFilter{UserID: userID, Sort: models.SortCreated, Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	shelves, err := store.Shelves().List(s.Context(), userID)
	if err != nil {
		s.Fatal(err)
	}
	return u, fmt.Sprintf("%+v\n%+v\n%+v\n%+v", u, sessions, books, shelves)
}

// wantUnharmed checks that all of somebody's is as it was, and that an answer tells nothing that only she may know.
func (s *testServer) wantUnharmed(victim owned, before string, a answer) {
	s.Helper()
	if _, after := s.state(victim.ID); after != before {
		s.Errorf("it made\n%s\nof\n%s", after, before)
	}
	for _, private := range []string{victim.Email, victim.shelf, victim.Token, "argon2"} {
		if strings.Contains(string(a.body), private) {
			s.Errorf("it told %q: %s", private, a.body)
		}
	}
}

// eachOperation runs a test for every request of the document, on both engines. All have their server in common.
func eachOperation(t *testing.T, test func(s *testServer, operation string, who access)) {
	t.Helper()
	for engine, url := range map[string]string{"sqlite": "", "mongo": storagetest.MongoURL(t)} {
		s := newServer(t, map[string]string{"THROTTLE": "off", "DATABASE_URL": url, "COVER_SIZES": "150"})
		for _, operation := range slices.Sorted(maps.Keys(operations())) {
			t.Run(engine+" "+operation, func(t *testing.T) {
				who, found := rules[operation]
				if !found {
					t.Fatal("no rule says who may make this request: add one")
				}
				one := *s
				one.TB = t
				test(&one, operation, who)
			})
		}
	}
}

func TestRulesAreTheDocuments(t *testing.T) {
	for operation := range rules {
		if operations()[operation] == nil {
			t.Errorf("the rule for %s is for no request of the document", operation)
		}
	}
}

// Whatever a stranger asks for, nothing of hers changes, and nothing of hers that is private is told.
func TestStrangersDoNoHarm(t *testing.T) {
	eachOperation(t, func(s *testServer, operation string, who access) {
		ada, bob := s.someone(unique("ada")), s.someone(unique("bob"))
		_, before := s.state(ada.ID)
		for name, token := range map[string]string{"nobody": "", "bob": bob.Token} {
			a := s.attack(operation, token, ada, ada)
			s.wantUnharmed(ada, before, a)
			if who == ownThings && strings.Contains(string(a.body), ada.ID) {
				s.Errorf("%s was told of what is hers: %s", name, a.body)
			}
			if want := refusedWith(who, token != ""); want != 0 && a.status != want {
				s.Errorf("%s was answered %d, want %d: %s", name, a.status, want, a.body)
			}
			if a.status >= http.StatusInternalServerError {
				s.Errorf("%s was answered %d: %s", name, a.status, a.body)
			}
		}
	})
}

// refusedWith is the status that a stranger is refused with, or 0 if that is not so.
func refusedWith(who access, signedIn bool) int {
	switch {
	case who == anybody:
		return 0
	case !signedIn:
		return http.StatusUnauthorized
	case who == administrator:
		return http.StatusForbidden
	case who == owner:
		return http.StatusNotFound
	}
	return 0
}

// What is hers she may do. It changes what it is there for: the role, the id, the password and the rest stay, however
// much of them she sends along, and nothing becomes another's.
func TestFieldsThatNobodyMaySet(t *testing.T) {
	eachOperation(t, func(s *testServer, operation string, who access) {
		ada, bob := s.someone(unique("ada")), s.someone(unique("bob"))
		_, bobBefore := s.state(bob.ID)
		before, _ := s.state(ada.ID)
		a := s.attack(operation, ada.Token, ada, bob)
		s.wantUnharmed(bob, bobBefore, a)
		if (who == ownThings || who == owner || who == everyonesRead) && a.status >= http.StatusBadRequest {
			s.Errorf("it was answered %d: %s", a.status, a.body)
		}
		after, all := s.state(ada.ID)
		if change := intended[operation]; change != nil {
			change(&before, after)
		}
		if after.UpdatedAt = before.UpdatedAt; after != before {
			s.Errorf("it made\n%+v\nof\n%+v", after, before)
		}
		if strings.Contains(all, bob.ID) {
			s.Errorf("something has become another's: %s", all)
		}
	})
}

// Other methods than the document's do nothing, whoever tries them.
func TestMethodsThatAreNotThere(t *testing.T) {
	doc, _ := document()
	s := newServer(t, map[string]string{"THROTTLE": "off"})
	ada, bob := s.someone(unique("ada")), s.someone(unique("bob"))
	_, before := s.state(ada.ID)
	for path, item := range doc.Paths.Map() {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
			if item.GetOperation(method) != nil {
				continue
			}
			for _, token := range []string{"", ada.Token, bob.Token} {
				a := s.do(call{method: method, path: ada.fill(t, path), token: token})
				if a.status != http.StatusMethodNotAllowed {
					t.Errorf("%s %s was answered %d", method, path, a.status)
				}
				s.wantUnharmed(ada, before, a)
			}
		}
	}
}

// unique is an e-mail address that no other test on the same server has.
func unique(name string) string {
	return fmt.Sprintf("%s-%s@example.com", name, models.NewID(time.Now()))
}
