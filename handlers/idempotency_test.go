package handlers

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/auth"
	"bookplate/models"
)

// jsonCall is a call with a JSON body.
func jsonCall(path, token, body string) call {
	return call{method: "POST", path: path, token: token, contentType: "application/json", body: body}
}

// formCall is a call with a form. Each call has another multipart boundary.
func formCall(t testing.TB, path, token string, fields ...field) call {
	t.Helper()
	contentType, body := formBody(t, fields...)
	return call{method: "POST", path: path, token: token, contentType: contentType, body: body}
}

// withKey makes a call with an Idempotency-Key.
func (s *testServer) withKey(key string, c call) answer {
	s.Helper()
	c.header = map[string]string{"Idempotency-Key": key}
	return s.do(c)
}

// wantReplay repeats a call and checks that it gets the first answer again, marked as a replay.
func (s *testServer) wantReplay(key string, c call, first answer) {
	s.Helper()
	again := s.withKey(key, c).wantStatus(first.status)
	if string(again.body) != string(first.body) {
		s.Errorf("replayed %s, want %s", again.body, first.body)
	}
	again.wantHeader("Idempotency-Replayed", "true")
	first.wantHeader("Idempotency-Replayed", "")
	for _, name := range []string{"Content-Type", "ETag", "Location"} {
		again.wantHeader(name, first.header.Get(name))
	}
}

// bookCount returns the number of books of all accounts.
func (s *testServer) bookCount() int64 {
	s.Helper()
	n, err := s.services.Store.Books().Count(s.Context(), models.BookFilter{})
	if err != nil {
		s.Fatal(err)
	}
	return n
}

func (s *testServer) wantBooks(want int64) {
	s.Helper()
	if got := s.bookCount(); got != want {
		s.Errorf("%d books, want %d", got, want)
	}
}

// killedStore simulates a server that is killed after it has created something and before it has stored the answer.
type killedStore struct{ models.Store }

func (s killedStore) KeyedRequests() models.KeyedRequests {
	return killedRequests{s.Store.KeyedRequests()}
}

type killedRequests struct{ models.KeyedRequests }

func (killedRequests) End(context.Context, models.KeyedRequest) error { return errKilled }

// killed returns a server on the same store that is killed before it stores the answer to a request with a key.
func (s *testServer) killed() *testServer {
	s.Helper()
	return s.withStores(killedStore{s.services.Store}, s.blobs)
}

func TestRepeatedRequests(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		admin := s.signedInAs("root@example.com", models.RoleAdmin)
		id := s.addBook(admin.Token, "Lent").ID
		for key, calls := range map[string][2]call{
			"json": {
				jsonCall("/books/", admin.Token, `{"title":"Emma","pages":300,"colour":"red"}`),
				jsonCall("/books", admin.Token, `{ "colour": "red", "pages": 300, "title": "Emma" }`),
			},
			"form": {
				formCall(t, "/books/", admin.Token, bookForm(t, "Dune")...), formCall(t, "/books/", admin.Token, bookForm(t, "Dune")...),
			},
			"loan": {
				jsonCall("/books/"+id+"/loans", admin.Token, `{"to":"Grace"}`), jsonCall("/books/"+id+"/loans/", admin.Token, `{"to":"Grace"}`),
			},
			"invitation": {
				jsonCall("/invitations", admin.Token, `{"email":"a@example.com"}`),
				jsonCall("/invitations", admin.Token, `{"email":"a@example.com"}`),
			},
		} {
			s.subtest(key, func(s *testServer) {
				first := s.withKey(key, calls[0]).wantStatus(http.StatusCreated)
				s.wantReplay(`"`+key+`"`, calls[1], first)
				s.clock.move(5 * time.Second)
				s.anotherCopy().wantReplay(key, calls[0], first)
			})
		}
		s.wantBooks(3)
		if got := s.coverCount(); got != 2 {
			s.Errorf("%d covers, want 2", got)
		}
		if got := s.loans("/loans/", admin.Token); got != "Lent:open" {
			s.Errorf("the loans are %s", got)
		}
		s.nextMessage("a@example.com", invitationSubject)
		s.wantNoMessage()
	})
}

// The answer to a request that made a loan can be replayed after the book was deleted.
func TestRepeatedAfterTheBookIsGone(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		c := jsonCall("/books/"+id+"/loans", ada.Token, `{"to":"Grace"}`)
		first := s.withKey("a", c).wantStatus(http.StatusCreated)
		s.do(call{method: "DELETE", path: "/books/" + id, token: ada.Token}).wantStatus(http.StatusNoContent)
		s.wantReplay("a", c, first)
		s.withKey("b", c).wantStatus(http.StatusNotFound)
	})
}

// If 100 requests with the same key reach two copies of the server at once, one creates the book. The others get its answer
// or are told to wait.
func TestRepeatedAtOnce(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		copies := []*testServer{s, s.anotherCopy()}
		c := jsonCall("/books/", ada.Token, `{"title":"Emma"}`)
		c.header = map[string]string{"Idempotency-Key": "a"}
		bodies := map[string]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				a := copies[i%2].do(c)
				if a.status == http.StatusConflict {
					a.wantCode(http.StatusConflict, "request_in_progress")
					a.wantHeader("Retry-After", "1")
					return
				}
				mu.Lock()
				defer mu.Unlock()
				bodies[string(a.wantStatus(http.StatusCreated).body)]++
			})
		}
		wg.Wait()
		if len(bodies) != 1 {
			s.Errorf("%d different answers, want 1", len(bodies))
		}
		s.wantBooks(1)
	})
}

func TestKeyOfAnotherBody(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.withKey("a", jsonCall("/books/", ada.Token, `{"title":"Emma"}`)).wantStatus(http.StatusCreated)
		form := bookForm(t, "Dune")
		s.withKey("b", formCall(t, "/books/", ada.Token, form...)).wantStatus(http.StatusCreated)
		otherCover := append(form[:3:3], field{name: "cover_image", value: picture(t, 300, 401), file: "cover.jpg"})
		for _, c := range []struct {
			key string
			call
		}{
			{"a", jsonCall("/books/", ada.Token, `{"title":"Dune"}`)},
			{"a", jsonCall("/books/", ada.Token, `{"title":"Emma","description":""}`)},
			{"a", jsonCall("/books/", ada.Token, ``)},
			{"b", formCall(t, "/books/", ada.Token, otherCover...)},
			{"b", formCall(t, "/books/", ada.Token, form[:3]...)},
			{"b", formCall(t, "/books/", ada.Token, append(form, field{name: "title", value: "Emma"})...)},
		} {
			s.withKey(c.key, c.call).want(http.StatusUnprocessableEntity, `{"message":"Unprocessable Content","data":null,
				"code":"idempotency_key_reused","error":"this Idempotency-Key was used for another request"}`)
		}
		s.wantBooks(2)
	})
}

func TestKeyInProgress(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		c := formCall(t, "/books/", ada.Token, bookForm(t, "Emma")...)
		var calls atomic.Int32
		busy := s.withHook(func() {
			calls.Add(1)
			a := s.withKey("a", c)
			a.want(http.StatusConflict, `{"message":"Conflict","data":null,"code":"request_in_progress",
				"error":"a request with this Idempotency-Key is in progress"}`)
			a.wantHeader("Retry-After", "1")
			s.withKey("a", jsonCall("/books/", ada.Token, `{"title":"Dune"}`)).wantStatus(http.StatusUnprocessableEntity)
		}, nil)
		first := busy.withKey("a", c).wantStatus(http.StatusCreated)
		if calls.Load() != 1 {
			s.Errorf("%d books were created", calls.Load())
		}
		s.wantReplay("a", c, first)
	})
}

// Two requests with the same key are independent if their accounts or paths differ.
func TestKeysAreIndependent(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		s.withKey("a", jsonCall("/books/", ada.Token, `{"title":"Notes"}`)).wantStatus(http.StatusCreated)
		s.withKey("a", jsonCall("/books/", bob.Token, `{"title":"Dune"}`)).wantStatus(http.StatusCreated)
		ids := s.addThreeBooks(ada.Token)
		for _, id := range ids[:2] {
			s.withKey("a", jsonCall("/books/"+id+"/loans", ada.Token, `{"to":"Grace"}`)).wantStatus(http.StatusCreated).
				wantHeader("Idempotency-Replayed", "")
		}
		s.withKey("a", jsonCall("/invitations", ada.Token, `{}`)).wantCode(http.StatusForbidden, "admin_required")
		s.withKey("a", jsonCall("/books/", "", `{"title":"Notes"}`)).wantCode(http.StatusUnauthorized, "token_missing")
	})
}

func TestInvalidKeys(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		c := jsonCall("/books/", ada.Token, `{"title":"Emma"}`)
		for _, key := range []string{
			"", `""`, `"`, `"a`, `a"`, `"a"b"`, `"\a"`, `"a\"`, "a b", "a,b", `"a", "b"`, `"a";b=1`, "a;b", `a\b`, "é", `"é"`, "a\tb",
			strings.Repeat("a", 256), `"` + strings.Repeat("a", 256) + `"`,
		} {
			s.withKey(key, c).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"Idempotency-Key":
				"must be one text of 1 to 255 ASCII characters in double quotes, such as \"8e03978e-40d5-43dd-bc93-6894a57f9324\""}}`)
		}
		s.wantBooks(0)
		for i, key := range []string{
			"a", "8e03978e-40d5-43dd-bc93-6894a57f9324", "bWFueQ+/==", "a:b", "~", `"a b"`, `"a,b;c"`, `"\"\\"`,
			strings.Repeat("b", 255), `"` + strings.Repeat("c", 255) + `"`,
		} {
			c.body = `{"title":"Volume ` + string(rune('A'+i)) + `"}`
			s.wantReplay(key, c, s.withKey(key, c).wantStatus(http.StatusCreated))
		}
	})
}

// An answer is kept if the request succeeded or was refused with 409. An answer of 400 leaves the key free for another
// request. After a server error, only the same request can be sent again with the key.
func TestAnswersThatAreKept(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		emma, dune := jsonCall("/books/", ada.Token, `{"title":"Emma"}`), jsonCall("/books/", ada.Token, `{"title":"Dune"}`)
		for _, body := range []string{`{"title":""}`, `{"title":"Emma","pages":-1}`, `{`, ``} {
			s.withKey("invalid", jsonCall("/books/", ada.Token, body)).wantStatus(http.StatusBadRequest)
		}
		id := data[book](s.withKey("invalid", emma).wantStatus(http.StatusCreated), "successfully created a new book").ID
		s.withKey("taken", emma).wantCode(http.StatusBadRequest, "title_taken")
		s.withKey("taken", dune).wantStatus(http.StatusCreated)

		loan := jsonCall("/books/"+id+"/loans", ada.Token, `{"to":"Grace"}`)
		lent := s.lend(ada.Token, id, `{"to":"Eve"}`)
		lentAlready := s.withKey("lent", loan).wantStatus(http.StatusConflict)
		s.returnLoan(ada.Token, lent.ID)
		s.wantReplay("lent", loan, lentAlready)
		s.withKey("later", loan).wantStatus(http.StatusCreated)

		broken := s.crashAfter(0)
		broken.withKey("broken", jsonCall("/books/", ada.Token, `{"title":"Ulysses"}`)).wantStatus(http.StatusServiceUnavailable)
		s.withKey("broken", dune).wantStatus(http.StatusUnprocessableEntity)
		s.withKey("broken", jsonCall("/books/", ada.Token, `{"title":"Ulysses"}`)).wantStatus(http.StatusCreated)
	})
}

// A panic is answered with an internal error, and the request can be repeated after its lease has expired.
func TestPanicWithKey(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		c := jsonCall("/books/", ada.Token, `{"title":"Emma"}`)
		s.withHook(func() { panic("a bug") }, nil).withKey("a", c).wantCode(http.StatusInternalServerError, "internal_error")
		s.withKey("a", c).wantCode(http.StatusConflict, "request_in_progress")
		s.clock.move(2 * time.Minute)
		s.withKey("a", c).wantStatus(http.StatusCreated)
	})
}

func TestAnswersAreKeptForADay(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		first := s.withKey("a", jsonCall("/books/", s.login("ada@example.com").Token, `{"title":"Emma"}`)).wantStatus(http.StatusCreated)
		s.clock.move(24*time.Hour - time.Second)
		s.wantReplay("a", jsonCall("/books/", s.login("ada@example.com").Token, `{"title":"Emma"}`), first)
		s.clock.move(time.Second)
		ada := s.login("ada@example.com")
		s.withKey("a", jsonCall("/books/", ada.Token, `{"title":"Dune"}`)).wantStatus(http.StatusCreated)
		s.wantBooks(2)
	})
}

// If a server is killed after it has created something, the repeated request does not create it twice.
func TestRepeatedAfterACrash(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		s.signUp("ada@example.com")
		ada := s.login("ada@example.com")
		id := s.addBook(ada.Token, "Lent").ID
		s.json("PATCH", "/books/"+id, ada.Token, `{"copies":2}`).wantStatus(http.StatusOK)
		for key, c := range map[string]call{
			"form": formCall(t, "/books/", ada.Token, bookForm(t, "Emma")...),
			"json": jsonCall("/books/", ada.Token, `{"title":"Dune"}`),
			"loan": jsonCall("/books/"+id+"/loans", ada.Token, `{"to":"Grace"}`),
		} {
			s.killed().withKey(key, c).wantStatus(http.StatusServiceUnavailable)
			s.withKey(key, c).wantCode(http.StatusConflict, "request_in_progress")
			s.clock.move(2 * time.Minute)
			first := s.withKey(key, c).wantStatus(http.StatusCreated)
			s.wantReplay(key, c, first)
		}
		s.wantBooks(3)
		if got := s.coverCount(); got != 2 {
			s.Errorf("%d covers, want 2", got)
		}
		if got := s.loans("/loans/", ada.Token); got != "Lent:open" {
			s.Errorf("the loans are %s", got)
		}
	})
}

// The database keeps no secret of an answer in plain text.
func TestKeptAnswersAreEncrypted(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		admin := s.signedInAs("root@example.com", models.RoleAdmin)
		store := &answerStore{Store: s.services.Store}
		s.services.Store = store
		s.start()
		c := jsonCall("/invitations", admin.Token, `{}`)
		first := data[invitation](s.withKey("a", c).wantStatus(http.StatusCreated), "successfully created an invitation")
		s.wantAbsent(store.answer, first.token())
		if store.answer == "" {
			s.Error("no answer was kept")
		}
		s.services.Sealer = auth.NewSealer([]byte(strings.Repeat("another ", 4)))
		s.start()
		s.withKey("a", c).want(http.StatusConflict, `{"message":"Conflict","data":null,"code":"answer_not_kept",
			"error":"a request with this Idempotency-Key was done before, but its answer was not kept"}`)
	})
}

// answerStore is a store that remembers the last answer that was kept.
type answerStore struct {
	models.Store
	answer string
}

func (s *answerStore) KeyedRequests() models.KeyedRequests {
	return answerRequests{s.Store.KeyedRequests(), s}
}

type answerRequests struct {
	models.KeyedRequests
	store *answerStore
}

func (r answerRequests) End(ctx context.Context, record models.KeyedRequest) error {
	r.store.answer = string(record.Answer)
	return r.KeyedRequests.End(ctx, record)
}

// A request without an Idempotency-Key does not use the store of keys.
func TestRequestsWithoutAKey(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.services.Store = noKeyedStore{s.services.Store}
	s.start()
	id := s.addBook(ada.Token, "Emma").ID
	s.lend(ada.Token, id, `{"to":"Grace"}`)
}

// noKeyedStore is a store on which every call for a request with a key panics.
type noKeyedStore struct{ models.Store }

func (noKeyedStore) KeyedRequests() models.KeyedRequests { return nil }

func TestErasedKeys(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		for _, u := range []user{ada, bob} {
			s.withKey("a", jsonCall("/books/", u.Token, `{"title":"Emma"}`)).wantStatus(http.StatusCreated)
		}
		s.deleteAccount(ada.Token, "?erase=true").wantStatus(http.StatusNoContent)
		n, err := s.services.Store.KeyedRequests().DeleteExpired(s.Context(), s.clock.now().Add(25*time.Hour))
		if err != nil || n != 1 {
			s.Errorf("%d records are left (%v), want bob's", n, err)
		}
	})
}

func TestPagesMaySendKeys(t *testing.T) {
	s := newServer(t, nil)
	s.do(call{method: "OPTIONS", path: "/books/", header: map[string]string{
		"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST",
		"Access-Control-Request-Headers": "authorization,idempotency-key",
	}}).wantHeader("Access-Control-Allow-Headers", "authorization,idempotency-key")
	a := s.do(call{method: "GET", path: "/books/", header: map[string]string{"Origin": "http://localhost:3000"}})
	if exposed := a.header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "Idempotency-Replayed") {
		s.Errorf("pages can read only %s", exposed)
	}
}
