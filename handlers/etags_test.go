package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const precondition = "the book has been changed since you read it: data is how it is now; merge your change and send its ETag as If-Match"

// ifMatch sends JSON with If-Match.
func (s *testServer) ifMatch(tag, method, path, token, body string) answer {
	s.Helper()
	return s.do(call{
		method: method, path: path, token: token, contentType: "application/json", body: body, header: map[string]string{"If-Match": tag},
	})
}

// tagOf returns the ETag of a book.
func (s *testServer) tagOf(token, id string) string {
	s.Helper()
	return s.get("/books/"+id, token).wantStatus(http.StatusOK).header.Get("ETag")
}

// Every answer with one book has the book's ETag, which the next change of the book can send in If-Match.
func TestETagOfABook(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		a := s.form("POST", "/books/", ada.Token, bookForm(s.TB, "Emma")...).wantStatus(http.StatusCreated)
		id := data[book](a, "successfully created a new book").ID
		cover := field{name: "cover_image", value: picture(s.TB, 20, 20), file: "c.jpg"}
		for _, send := range []func(tag string) answer{
			func(tag string) answer { return s.ifMatch(tag, "PUT", "/books/"+id, ada.Token, `{"title":"Emma II"}`) },
			func(tag string) answer { return s.ifMatch(tag, "PATCH", "/books/"+id, ada.Token, `{"pages":3}`) },
			func(tag string) answer {
				contentType, body := formBody(s.TB, cover)
				return s.do(call{
					method: "PUT", path: "/books/" + id + "/cover", token: ada.Token, contentType: contentType, body: body,
					header: map[string]string{"If-Match": tag},
				})
			},
		} {
			tag := a.header.Get("ETag")
			if got := s.tagOf(ada.Token, id); got != tag || !strings.HasPrefix(tag, `"`+id+"-") {
				s.Errorf("the ETag is %s, and then %s", tag, got)
			}
			a = send(tag)
			if a.status >= 300 || a.header.Get("ETag") == tag {
				s.Errorf("changed with the ETag %s: %d, ETag %s: %s", tag, a.status, a.header.Get("ETag"), a.body)
			}
		}
		s.ifMatch(a.header.Get("ETag"), "DELETE", "/books/"+id+"/cover", ada.Token, "").wantStatus(http.StatusNoContent)
		shelved := s.do(call{method: "PUT", path: "/shelves/cart/books/" + id, token: ada.Token}).wantStatus(http.StatusOK)
		if got, want := shelved.header.Get("ETag"), s.tagOf(ada.Token, id); got != want {
			s.Errorf("on the shelf the ETag is %s, want %s", got, want)
		}
		s.ifMatch(s.tagOf(ada.Token, id), "DELETE", "/books/"+id, ada.Token, "").wantStatus(http.StatusNoContent)
	})
}

// A change whose If-Match has an outdated ETag changes nothing. Its answer shows the current book.
func TestIfMatchOfAnOutdatedBook(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		outdated := s.tagOf(ada.Token, id)
		s.json("PATCH", "/books/"+id, ada.Token, `{"pages":3}`).wantStatus(http.StatusOK)
		current := s.get("/books/"+id, ada.Token)
		var envelope struct{ Data json.RawMessage }
		if err := json.Unmarshal(current.body, &envelope); err != nil {
			s.Fatal(err)
		}
		want := fmt.Sprintf(`{"message":"Precondition Failed","data":%s,"code":"precondition_failed","error":%q}`, envelope.Data, precondition)
		covers := s.coverCount()
		for _, tag := range []string{
			outdated, "W/" + s.tagOf(ada.Token, id), `"other"`, `"` + strings.Repeat("0", 24) + `-1-00000000"`, outdated + `, "a,b" ,,W/"c"`,
		} {
			for _, request := range []struct{ method, path, body string }{
				{"PUT", "", `{"title":"Mine"}`}, {"PATCH", "", `{"title":"Mine"}`}, {"DELETE", "", ""}, {"DELETE", "/cover", ""},
			} {
				a := s.ifMatch(tag, request.method, "/books/"+id+request.path, ada.Token, request.body)
				a.want(http.StatusPreconditionFailed, want)
				a.wantHeader("ETag", current.header.Get("ETag"))
			}
			contentType, body := formBody(s.TB, field{name: "cover_image", value: picture(s.TB, 20, 20), file: "c.jpg"})
			s.do(call{
				method: "PUT", path: "/books/" + id, token: ada.Token, contentType: contentType, body: body,
				header: map[string]string{"If-Match": tag},
			}).want(http.StatusPreconditionFailed, want)
		}
		if got := s.get("/books/"+id, ada.Token); string(got.body) != string(current.body) || s.coverCount() != covers {
			s.Errorf("the book is %s, with %d covers", got.body, s.coverCount())
		}
		// Other errors of the request are reported before the outdated ETag.
		s.ifMatch(outdated, "PATCH", "/books/"+id, ada.Token, `{"pages":-1}`).wantCode(http.StatusBadRequest, "invalid_fields")
		s.ifMatch(outdated, "PATCH", "/books/"+strings.Repeat("0", 24), ada.Token, `{}`).wantCode(http.StatusNotFound, "not_found")
		s.ifMatch(outdated, "DELETE", "/books/"+strings.Repeat("0", 24), ada.Token, "").wantCode(http.StatusNotFound, "not_found")
		for _, tag := range []string{`"x" ,,	W/"y",` + s.tagOf(ada.Token, id), "*", " * "} {
			s.ifMatch(tag, "PATCH", "/books/"+id, ada.Token, `{"pages":4}`).wantStatus(http.StatusOK)
		}
		s.ifMatch("*", "DELETE", "/books/"+id, ada.Token, "").wantStatus(http.StatusNoContent)
	})
}

func TestMalformedIfMatch(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		for _, tag := range []string{
			"", " ", ",", "x", "undefined", `"x`, `x"`, `"x" "y"`, `"x"y`, `w/"x"`, `W/x`, `*,"x"`, `"x",*`, `"a b"`, strings.Repeat("x", 5000),
		} {
			for _, method := range []string{"PUT", "PATCH", "DELETE"} {
				s.ifMatch(tag, method, "/books/"+id, ada.Token, `{"title":"Mine"}`).want(http.StatusBadRequest, `{"message":"Invalid data",
					"data":null,"code":"invalid_fields","error":{"If-Match":"must be * or the ETag of a book, in double quotes"}}`)
			}
		}
		s.get("/books/"+id, ada.Token).wantStatus(http.StatusOK)
	})
}

// A book is not sent again if If-None-Match has its current ETag. The ETag also changes when something changes that is
// not a field of the book but is shown with it, such as the caller's reading record or on_loan. If-Match ignores such
// changes: the older ETag still allows an update.
func TestIfNoneMatch(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		s.do(call{method: "PUT", path: "/shelves/cart/books/" + id, token: bob.Token}).wantStatus(http.StatusOK)
		read := func(method, path, tag string) answer {
			return s.do(call{method: method, path: path, token: bob.Token, header: map[string]string{"If-None-Match": tag}})
		}
		tag := s.tagOf(bob.Token, id)
		for _, path := range []string{"/books/" + id, "/shelves/cart/books/" + id} {
			for _, method := range []string{"GET", "HEAD"} {
				for _, has := range []string{tag, "W/" + tag, "*", `"x", ` + tag} {
					a := read(method, path, has).wantStatus(http.StatusNotModified)
					if a.wantHeader("ETag", tag); len(a.body) > 0 {
						s.Errorf("%s %s with %s has a body: %s", method, path, has, a.body)
					}
				}
				for _, has := range []string{`"x"`, "nonsense", ""} {
					read(method, path, has).wantStatus(http.StatusOK)
				}
			}
		}
		s.json("PUT", "/books/"+id+"/reading", bob.Token, `{"status":"want"}`).wantStatus(http.StatusOK)
		read("GET", "/books/"+id, tag).wantStatus(http.StatusOK) // with the reading
		adas := s.tagOf(ada.Token, id)
		s.lend(ada.Token, id, `{"to":"Grace"}`)
		if s.tagOf(ada.Token, id) == adas {
			s.Error("the ETag does not change with on_loan")
		}
		s.ifMatch(adas, "PATCH", "/books/"+id, ada.Token, `{"pages":3}`).wantStatus(http.StatusOK)
		s.ifMatch(adas, "PATCH", "/books/"+id, ada.Token, `{"pages":4}`).wantStatus(http.StatusPreconditionFailed)
		read("GET", "/books/"+strings.Repeat("0", 24), "*").wantStatus(http.StatusNotFound)
	})
}

// If 100 requests with the same If-Match reach two copies of the server, only one of them changes the book.
func TestOneWriterWins(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		tag := s.tagOf(ada.Token, id)
		copies := []*testServer{s, s.anotherCopy()}
		var wg sync.WaitGroup
		answers := make([]answer, 100)
		for i := range answers {
			wg.Go(func() {
				server := copies[i%2]
				method := []string{"PUT", "PATCH"}[i/2%2]
				answers[i] = server.ifMatch(tag, method, "/books/"+id, ada.Token, fmt.Sprintf(`{"title":"Volume %d"}`, i))
			})
		}
		wg.Wait()
		won := ""
		for i, a := range answers {
			if a.status != http.StatusPreconditionFailed && (a.status > http.StatusCreated || won != "") {
				s.Errorf("after %q, request %d was answered %d: %s", won, i, a.status, a.body)
			} else if a.status <= http.StatusCreated {
				won = fmt.Sprintf("Volume %d", i)
			}
		}
		got := data[book](s.get("/books/"+id, ada.Token), "successfully retrieved a book")
		if got.Title != won || won == "" {
			s.Errorf("the title is %q, want %q", got.Title, won)
		}
	})
}
