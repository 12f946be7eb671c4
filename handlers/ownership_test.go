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

	"bookplate/library/isbn/isbntest"
	"bookplate/models"
	"bookplate/static"
	"bookplate/storage/storagetest"
)

// access says who may make a request to an operation.
type access int

const (
	everyone  access = iota
	ownData          // any signed-in user; concerns only the caller's data
	anyBook          // any signed-in user; reads a book of any owner
	ownerOnly        // only the owner of the book or the other thing in the path; others get 404
	adminOnly
)

// accessRules has the access of each operation in the OpenAPI document. The tests fail for an operation that is missing
// here.
var accessRules = map[string]access{
	"POST /users":                everyone,
	"POST /users/login":          everyone,
	"GET /users":                 ownData,
	"PUT /users":                 ownData,
	"PATCH /users":               ownData,
	"DELETE /users":              ownData,
	"PUT /users/email":           ownData,
	"PUT /users/password":        ownData,
	"GET /users/all":             adminOnly,
	"GET /users/{id}":            adminOnly,
	"PUT /users/{id}":            adminOnly,
	"POST /invitations":          adminOnly,
	"GET /audit":                 adminOnly,
	"POST /auth/refresh":         everyone,
	"POST /auth/logout":          ownData,
	"POST /auth/logout-all":      ownData,
	"GET /auth/sessions":         ownData,
	"DELETE /auth/sessions/{id}": ownerOnly,
	"POST /books":                ownData,
	"GET /books":                 ownData,
	"POST /batch":                ownData,
	"GET /books/facets":          ownData,
	"GET /books/duplicates":      ownData,
	"POST /books/{id}/merge":     ownerOnly,
	"GET /books/{id}":            anyBook,
	"PUT /books/{id}":            ownerOnly,
	"PATCH /books/{id}":          ownerOnly,
	"GET /categories":            ownData,
	"GET /export":                ownData,
	"GET /isbn":                  ownData,
	"GET /isbn/{isbn}":           ownData,
	"POST /imports":              ownData,
	"GET /imports":               ownData,
	"GET /imports/{id}":          ownerOnly,
	"DELETE /imports/{id}":       ownerOnly,
	"GET /imports/{id}/rows":     ownerOnly,
	"GET /imports/{id}/events":   ownerOnly,
	"DELETE /books/{id}":         ownerOnly,
	"GET /books/{id}/cover":      anyBook,
	"PUT /books/{id}/cover":      ownerOnly,
	"POST /books/{id}/cover":     ownerOnly,
	"DELETE /books/{id}/cover":   ownerOnly,
	"GET /books/{id}/reading":    anyBook,
	"PUT /books/{id}/reading":    anyBook,
	"PATCH /books/{id}/reading":  anyBook,
	"DELETE /books/{id}/reading": anyBook,
	"GET /stats":                 ownData,
	"PUT /stats/goals/{year}":    ownData,
	"GET /reading":               ownData,
	"POST /books/{id}/loans":     ownerOnly,
	"GET /books/{id}/loans":      ownerOnly,
	"GET /loans":                 ownData,
	"PATCH /loans/{id}":          ownerOnly,
	"POST /loans/{id}/return":    ownerOnly,
	"POST /loans/{id}/remind":    ownerOnly,
	"GET /trash":                 ownData,
	"DELETE /trash":              ownData,
	"DELETE /trash/{id}":         ownerOnly,
	"POST /trash/{id}/restore":   ownerOnly,

	"POST /users/activate":              everyone,
	"GET /users/activate/{token}":       everyone, // with the token of a mail
	"GET /users/email/{token}":          everyone, // with the token of a mail
	"POST /users/password/forgot":       everyone,
	"GET /users/password/reset/{token}": everyone, // shows a form without checking the token
	"POST /users/password/reset":        everyone, // with the token of a mail

	"GET /shelves":                           ownData,
	"GET /shelves/{name}/books":              ownData,
	"GET /shelves/{name}/books/{book_id}":    ownData,
	"PUT /shelves/{name}/books/{book_id}":    anyBook,
	"PATCH /shelves/{name}/books/{book_id}":  ownData,
	"DELETE /shelves/{name}/books/{book_id}": ownData,

	"POST /auth":                   everyone,
	"GET /protected":               ownData,
	"POST /login":                  everyone,
	"GET /get_name":                ownData,
	"POST /v1/user/register":       everyone,
	"POST /v1/user/login":          everyone,
	"GET /v1/user/user_info":       ownData,
	"POST /v1/user/refresh_token":  everyone, // with a refresh token
	"POST /v1/user/signout_access": ownData,

	"GET /static/books/{name}":         everyone,
	"GET /":                            everyone,
	"GET /livez":                       everyone,
	"GET /readyz":                      everyone,
	"GET /docs":                        everyone,
	"GET /docs/{file}":                 everyone,
	"GET /openapi.json":                everyone,
	"GET /openapi.yaml":                everyone,
	"GET /sw.js":                       everyone,
	"GET /plain":                       ownData,
	"GET /plain/login":                 everyone,
	"POST /plain/login":                everyone,
	"POST /plain/logout":               ownData,
	"GET /plain/password":              everyone,
	"POST /plain/password":             everyone,
	"GET /app":                         everyone,
	"GET /app/{page}":                  everyone,
	"GET /app/{page}/{item}":           everyone,
	"GET /static/app/{version}/{file}": everyone,
}

// intendedChanges has, for each operation that may change the caller's account, a function that makes the same change.
// Other changes to the account fail the tests.
var intendedChanges = map[string]func(before *models.User, after models.User){
	"PUT /users": func(u *models.User, _ models.User) { u.Name = "Ada King" },
	"PATCH /users": func(u *models.User, _ models.User) {
		u.Name, u.Username, u.FirstName, u.LastName = "Ada King", "ada", "Ada", "King"
	},
	"PUT /users/password": func(u *models.User, after models.User) { u.PasswordHash = after.PasswordHash },
	"DELETE /users":       func(u *models.User, _ models.User) { u.Active = false },
}

// forbiddenFields returns fields that no client may set, with values that an attacker would choose.
func forbiddenFields(victim resources) map[string]any {
	return map[string]any{
		"role": "admin", "_id": victim.ID, "id": victim.ID, "active": false, "password": "Eve@1234", "password_hash": "x",
		"pending": true, "user_id": victim.ID, "owner": victim.ID, "created_at": "2001-01-01T00:00:00.000Z",
	}
}

// resources is a user with a book, a cover, a shelf, a reading record of the book, a session, a loan of another book, and a
// book in the trash.
type resources struct {
	user
	book, cover, shelf, review, session, loan, lent, loanToAccount, trashed, imported string
}

// addResources creates a user with resources. The name of the shelf and the text of the review are unique.
func (s *testServer) addResources(email string) resources {
	s.Helper()
	o := resources{user: s.signedIn(email), shelf: strings.ReplaceAll(email, "@example.com", "-secret-shelf")}
	o.review = o.shelf + "'s review"
	b := s.addBook(o.Token, "A Book")
	o.book, o.cover, o.session = b.ID, s.pathOf(b.ImageURL), claimsOf(s, o.Token)["sid"].(string)
	s.shelve(o.Token, o.shelf, o.book)
	s.json("PUT", "/books/"+o.book+"/reading", o.Token, fmt.Sprintf(`{"status":"read","review":%q}`, o.review)).wantStatus(http.StatusOK)
	o.lent = s.addBook(o.Token, "A Lent Book").ID
	o.loan = s.lend(o.Token, o.lent, `{"to":"`+o.borrower()+`"}`).ID
	o.trashed = s.addBook(o.Token, "A Book in the Trash").ID
	s.moveToTrash(o.Token, o.trashed)
	o.imported = s.importNamed(o.Token, o.shelf+".csv", "title,isbn\n,\n").ID
	s.runImports()
	return o
}

// addTarget creates a user with resources for each operation: the book also has an ISBN, and another one is lent to an account.
func (s *testServer) addTarget(email string) resources {
	s.Helper()
	o := s.addResources(email)
	s.json("PATCH", "/books/"+o.book, o.Token, `{"isbn":"`+isbntest.PrideAndPrejudice+`"}`).wantStatus(http.StatusOK)
	borrower := s.signUp(unique("borrower")).Email
	o.loanToAccount = s.lend(o.Token, s.addBook(o.Token, "A Book Lent to an Account").ID, `{"to":"`+borrower+`"}`).ID
	return o
}

// borrower returns the name of the person to whom the user has lent a book. The name is different for each user.
func (o resources) borrower() string { return "borrower of " + o.shelf }

// fillPath replaces the parameters of a path in the OpenAPI document by the ids of the user's resources.
func (o resources) fillPath(t testing.TB, path string) string {
	t.Helper()
	things := map[string]string{
		"/users/{id}": "/users/" + o.ID, "/books/{id}": "/books/" + o.book,
		"/books/{id}/cover": "/books/" + o.book + "/cover", "/books/{id}/reading": "/books/" + o.book + "/reading",
		"/books/{id}/merge": "/books/" + o.book + "/merge",
		"/books/{id}/loans": "/books/" + o.book + "/loans", "/loans/{id}": "/loans/" + o.loan, "/loans/{id}/return": "/loans/" + o.loan + "/return",
		"/loans/{id}/remind": "/loans/" + o.loanToAccount + "/remind",
		"/imports/{id}":      "/imports/" + o.imported, "/imports/{id}/rows": "/imports/" + o.imported + "/rows",
		"/imports/{id}/events": "/imports/" + o.imported + "/events",
		"/static/books/{name}": o.cover, "/stats/goals/{year}": "/stats/goals/2026", "/auth/sessions/{id}": "/auth/sessions/" + o.session,
		"/trash/{id}": "/trash/" + o.trashed, "/trash/{id}/restore": "/trash/" + o.trashed + "/restore",
		"/isbn": "/isbn?q=jane+austen", "/isbn/{isbn}": "/isbn/" + isbntest.PrideAndPrejudice, "/docs/{file}": "/docs/docs.js", "/app/{page}": "/app/reading", "/app/{page}/{item}": "/app/books/1",
		"/static/app/{version}/{file}": static.AppPath + "app.css",
	}
	if filled, found := things[path]; found {
		return filled
	}
	path = strings.Replace(path, "{token}", strings.Repeat("A", 43), 1) // well-formed but unknown
	if strings.HasPrefix(path, "/shelves/") {
		path = strings.NewReplacer("{name}", o.shelf, "{book_id}", o.book).Replace(path)
	}
	if strings.Contains(path, "{") {
		t.Fatalf("%s has an unknown parameter: add it here", path)
	}
	return path
}

// operations returns the operations of the OpenAPI document by "METHOD /path".
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

// attack makes a valid request for the resources of target, with additional fields that no client may set and that name
// victim.
func (s *testServer) attack(operation, token string, target, victim resources) answer {
	s.Helper()
	method, path, _ := strings.Cut(operation, " ")
	c := call{method: method, path: target.fillPath(s.TB, path), token: token}
	body := operations()[operation].RequestBody
	if body == nil {
		return s.do(c)
	}
	fields := forbiddenFields(victim)
	if media := body.Value.Content["application/json"]; media != nil {
		for name, schema := range media.Schema.Value.Properties {
			fields[name] = exampleOf(s.TB, name, schema.Value)
		}
		if operation == "POST /books/{id}/merge" {
			fields["from"] = []string{target.lent}
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
			content := picture(s.TB, 20, 20)
			if len(schema.Value.Examples) > 0 {
				content = schema.Value.Examples[0].(string)
			}
			form = append(form, field{name: name, value: content, file: "c.jpg"})
			continue
		}
		form = append(form, field{name: name, value: fmt.Sprint(exampleOf(s.TB, name, schema.Value))})
	}
	c.contentType, c.body = formBody(s.TB, form...)
	return s.do(c)
}

// exampleOf returns a valid value of a field, taken from the OpenAPI document where it has one.
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
		return "text"
	}
	t.Fatalf("the document has no example of %s", name)
	return nil
}

// state returns an account, and a text with everything that is stored for the account.
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
	readings, err := store.Readings().List(s.Context(), models.ReadingFilter{UserID: userID, Sort: models.SortUpdated, Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	var read []models.Reading
	for _, b := range readings {
		read = append(read, *b.Reading)
	}
	loans, err := store.Loans().List(s.Context(), models.LoanFilter{LenderID: userID, Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	trash, err := store.Trash().List(s.Context(), models.TrashFilter{UserID: userID, Limit: 100})
	if err != nil {
		s.Fatal(err)
	}
	return u, fmt.Sprintf("%+v\n%+v\n%+v\n%+v\n%+v\n%+v\n%+v", u, sessions, books, shelves, read, loans, trash)
}

// wantUnchanged checks that the stored data of victim is the same as before, and that the answer contains none of
// victim's private data.
func (s *testServer) wantUnchanged(victim resources, before string, a answer) {
	s.Helper()
	if _, after := s.state(victim.ID); after != before {
		s.Errorf("the data is\n%s\nwant\n%s", after, before)
	}
	for _, private := range []string{victim.Email, victim.shelf, victim.Token, victim.review, "argon2"} {
		if strings.Contains(string(a.body), private) {
			s.Errorf("the answer contains %q: %s", private, a.body)
		}
	}
}

// eachOperation runs a test for every operation of the OpenAPI document, on SQLite and, in the full matrix, on
// MongoDB. All tests of an engine share one server.
func eachOperation(t *testing.T, test func(s *testServer, operation string, who access)) {
	t.Helper()
	urls := map[string]string{"sqlite": ""}
	if storagetest.FullMatrix() {
		urls["mongo"] = storagetest.MongoURL(t)
	}
	for engine, url := range urls {
		s := newServer(t, map[string]string{"THROTTLE": "off", "DATABASE_URL": url, "COVER_SIZES": "150"})
		for _, operation := range slices.Sorted(maps.Keys(operations())) {
			t.Run(engine+" "+operation, func(t *testing.T) {
				who, found := accessRules[operation]
				if !found {
					t.Fatal("accessRules does not have this operation: add it")
				}
				one := *s
				one.TB = t
				test(&one, operation, who)
			})
		}
	}
}

// Every access rule belongs to an operation of the OpenAPI document.
func TestAccessRulesMatchTheDocument(t *testing.T) {
	for operation := range accessRules {
		if operations()[operation] == nil {
			t.Errorf("the document does not have %s", operation)
		}
	}
}

// Requests of other users neither change nor reveal a user's data.
func TestOtherUsersChangeNothing(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(s *testServer, operation string, who access) {
		ada, bob := s.addTarget(unique("ada")), s.addTarget(unique("bob"))
		_, before := s.state(ada.ID)
		for name, token := range map[string]string{"nobody": "", "bob": bob.Token} {
			a := s.attack(operation, token, ada, ada)
			s.wantUnchanged(ada, before, a)
			if who == ownData && strings.Contains(string(a.body), ada.ID) {
				s.Errorf("%s got data of another user: %s", name, a.body)
			}
			if want := rejectedWith(who, token != ""); want != 0 && a.status != want {
				s.Errorf("%s was answered %d, want %d: %s", name, a.status, want, a.body)
			}
			if a.status >= http.StatusInternalServerError {
				s.Errorf("%s was answered %d: %s", name, a.status, a.body)
			}
		}
	})
}

// rejectedWith returns the status of the answer to another user's request, or 0 if such a request may succeed.
func rejectedWith(who access, signedIn bool) int {
	switch {
	case who == everyone:
		return 0
	case !signedIn:
		return http.StatusUnauthorized
	case who == adminOnly:
		return http.StatusForbidden
	case who == ownerOnly:
		return http.StatusNotFound
	}
	return 0
}

// A user may make every request for their own data. Fields that no client may set are sent too, but change nothing and
// move no data to another account.
func TestProtectedFields(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(s *testServer, operation string, who access) {
		ada, bob := s.addTarget(unique("ada")), s.addTarget(unique("bob"))
		_, bobBefore := s.state(bob.ID)
		before, _ := s.state(ada.ID)
		a := s.attack(operation, ada.Token, ada, bob)
		s.wantUnchanged(bob, bobBefore, a)
		if (who == ownData || who == ownerOnly || who == anyBook) && a.status >= http.StatusBadRequest {
			s.Errorf("answered %d: %s", a.status, a.body)
		}
		after, all := s.state(ada.ID)
		if change := intendedChanges[operation]; change != nil {
			change(&before, after)
		}
		if after.UpdatedAt = before.UpdatedAt; after != before {
			s.Errorf("the account is\n%+v\nwant\n%+v", after, before)
		}
		if strings.Contains(all, bob.ID) {
			s.Errorf("data was moved to another account: %s", all)
		}
	})
}

// A request with a method that the OpenAPI document does not list is rejected and changes nothing.
func TestUnsupportedMethods(t *testing.T) {
	doc, _ := document()
	s := newServer(t, map[string]string{"THROTTLE": "off"})
	ada, bob := s.addTarget(unique("ada")), s.addTarget(unique("bob"))
	_, before := s.state(ada.ID)
	for path, item := range doc.Paths.Map() {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
			if item.GetOperation(method) != nil {
				continue
			}
			if (path == "/books/facets" || path == "/books/duplicates") && doc.Paths.Value("/books/{id}").GetOperation(method) != nil {
				continue // no book has such an id, which is answered 404
			}
			for _, token := range []string{"", ada.Token, bob.Token} {
				a := s.do(call{method: method, path: ada.fillPath(t, path), token: token})
				if a.status != http.StatusMethodNotAllowed {
					t.Errorf("%s %s was answered %d", method, path, a.status)
				}
				s.wantUnchanged(ada, before, a)
			}
		}
	}
}

// unique returns an e-mail address that no other test on the same server uses.
func unique(name string) string {
	return fmt.Sprintf("%s-%s@example.com", name, models.NewID(time.Now()))
}
