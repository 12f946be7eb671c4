package handlers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/handlers/web"
	"bookplate/library/isbn/isbntest"
	"bookplate/models"
	"bookplate/storage/storagetest"
)

// operation is an operation of a batch.
type operation struct{ method, path, body string }

// batchBody returns the body of a batch.
func batchBody(atomic bool, operations ...operation) string {
	list := make([]string, len(operations))
	for i, o := range operations {
		list[i] = fmt.Sprintf(`{"method":%q,"path":%q,"body":%s}`, o.method, o.path, cmp.Or(o.body, "null"))
	}
	return fmt.Sprintf(`{"operations":[%s],"atomic":%t}`, strings.Join(list, ","), atomic)
}

// batch sends operations in a batch that is not atomic, and returns their answers.
func (s *testServer) batch(token string, operations ...operation) []operationAnswer {
	s.Helper()
	a := s.json("POST", "/batch", token, batchBody(false, operations...)).wantStatus(http.StatusOK)
	return data[[]operationAnswer](a, "the batch is done")
}

// atomic sends operations in an atomic batch, and returns the answer to the batch.
func (s *testServer) atomic(token string, operations ...operation) answer {
	s.Helper()
	return s.json("POST", "/batch", token, batchBody(true, operations...))
}

// operationAnswer is the answer to an operation as clients see it.
type operationAnswer struct {
	Status int             `json:"status"`
	ETag   string          `json:"etag"`
	Body   json.RawMessage `json:"body"`
}

// wantStatuses checks the statuses of the answers to operations.
func (s *testServer) wantStatuses(answers []operationAnswer, want ...int) {
	s.Helper()
	got := make([]int, len(answers))
	for i, a := range answers {
		got[i] = a.Status
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("the statuses are %v, want %v: %s", got, want, answers)
	}
}

// String formats the answer for the messages of failed tests.
func (a operationAnswer) String() string { return fmt.Sprintf("%d %s %s", a.Status, a.ETag, a.Body) }

// someBatch returns operations of every kind, some of which are rejected. The argument id is that of a book of the caller,
// and missing is an id without a book.
func someBatch(id, missing string) []operation {
	return []operation{
		{"POST", "/books", `{"title":"Persuasion","authors":["Jane Austen"],"colour":"red"}`},
		{"POST", "/books/", `{"title":"Sanditon"}`},
		{"POST", "/books", `{"title":"Sanditon"}`},
		{"POST", "/books", `{}`},
		{"POST", "/books", ``},
		{"POST", "/books", `[]`},
		{"POST", "/books?x=1", `{"title":"Sense and Sensibility"}`},
		{"POST", "/books", `{"title":"` + strings.Repeat("a", web.MaxText) + `"}`},
		{"PATCH", "/books/" + id, `{"pages":300,"subtitle":null}`},
		{"PATCH", "/books/" + id, `{"pages":-1,"colour":"red"}`},
		{"PATCH", "/books/" + id, `{}`},
		{"PATCH", "/books/" + id, `"text"`},
		{"PATCH", "/books/" + missing, `{"pages":1}`},
		{"PUT", "/books/" + id + "/reading", `{"status":"reading"}`},
		{"PATCH", "/books/" + id + "/reading/", `{"rating":5.25}`},
		{"PATCH", "/books/" + id + "/reading", `{"rating":4.5}`},
		{"PUT", "/shelves/to%20read/books/" + id, ``},
		{"PUT", "/shelves/cart/books/" + missing, ``},
		{"PATCH", "/books/" + id, `{"title":"Sanditon"}`},
		{"DELETE", "/shelves/to%20read/books/" + id, ``},
		{"DELETE", "/books/" + id + "/reading", ``},
		{"DELETE", "/books/" + missing, ``},
		{"DELETE", "/books/" + id + "?trash=maybe", ``},
		{"DELETE", "/books/" + id + "?trash=true", ``},
		{"DELETE", "/books/" + id, ``},
	}
}

var (
	anyID  = regexp.MustCompile(`[0-9a-f]{24}`)
	anySum = regexp.MustCompile(`-[0-9a-f]{8}"|[0-9a-f]{48}-`)
)

// withoutIDs replaces ids and checksums, which differ between two libraries.
func withoutIDs(text string) string {
	return anyID.ReplaceAllString(anySum.ReplaceAllString(text, "-"), "ID")
}

// An operation in a batch has the same effect and the same answer as the same request sent on its own.
func TestOperationsAreRequests(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob, missing := s.signedIn("ada@example.com"), s.signedIn("bob@example.com"), strings.Repeat("a", 24)
		book, other := s.addBook(ada.Token, "Emma").ID, s.addBook(bob.Token, "Emma").ID
		answers := s.batch(ada.Token, someBatch(book, missing)...)
		for i, o := range someBatch(other, missing) {
			a := s.json(o.method, o.path, bob.Token, o.body)
			want := operationAnswer{a.status, a.header.Get("ETag"), a.body}.String()
			if a.status == http.StatusNoContent {
				want = "204  null"
			}
			if got := answers[i].String(); withoutIDs(got) != withoutIDs(want) {
				s.Errorf("%+v: got %s\nwant %s", o, got, want)
			}
		}
		for _, path := range []string{"/books/?count=true", "/shelves/", "/reading/", "/trash/"} {
			got, want := s.get(path, ada.Token), s.get(path, bob.Token)
			if withoutIDs(string(got.body)) != withoutIDs(string(want.body)) {
				s.Errorf("%s: got %s\nwant %s", path, got.body, want.body)
			}
		}
	})
}

// A later operation finds what an earlier one has stored, even the caller's first reading record.
func TestOperationsSeeEarlierOnes(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		answers := s.batch(ada.Token,
			operation{"PATCH", "/books/" + id, `{"title":"Emma II"}`},
			operation{"POST", "/books", `{"title":"Emma"}`},
			operation{"POST", "/books", `{"title":"Emma II"}`},
			operation{"PUT", "/books/" + id + "/reading", `{"status":"read","rating":5}`},
			operation{"PUT", "/shelves/cart/books/" + id, ""},
		)
		s.wantStatuses(answers, 200, 201, 400, 200, 200)
		if last := string(answers[4].Body); !strings.Contains(last, `"title":"Emma II"`) || !strings.Contains(last, `"rating":5`) {
			s.Errorf("the last operation answers %s", last)
		}
	})
}

// The If-Match of an operation is compared with the version of its book. The If-Match of the whole batch is ignored.
func TestIfMatchOfAnOperation(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		tag, err := json.Marshal(s.tagOf(ada.Token, id))
		if err != nil {
			s.Fatal(err)
		}
		patch := fmt.Sprintf(`{"method":"PATCH","path":"/books/%s","body":{"pages":3},"if_match":%s}`, id, tag)
		a := s.ifMatch(`"other"`, "POST", "/batch", ada.Token, `{"operations":[`+patch+","+patch+`]}`).wantStatus(http.StatusOK)
		answers := data[[]operationAnswer](a, "the batch is done")
		s.wantStatuses(answers, 200, 412)
		if got := s.tagOf(ada.Token, id); answers[0].ETag != got || answers[1].ETag != got {
			s.Errorf("the ETags are %s and %s, want %s", answers[0].ETag, answers[1].ETag, got)
		}
	})
}

func TestInvalidBatches(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		const (
			shape   = "must be a list of objects, each with method and path, and perhaps body and if_match"
			number  = "must be a list of 1 to 100 operations"
			allowed = "must be one of POST /books, PATCH /books/{id}, DELETE /books/{id}, PUT /books/{id}/reading, PATCH /books/{id}/reading, " +
				"DELETE /books/{id}/reading, PUT /shelves/{name}/books/{book_id}, DELETE /shelves/{name}/books/{book_id}"
		)
		book := operation{"POST", "/books", `{"title":"Sanditon"}`}
		remove := operation{"DELETE", "/books/" + id, ""}
		tooMany := make([]operation, 101)
		for i := range tooMany {
			tooMany[i] = remove
		}
		for body, want := range map[string]map[string]string{
			``:                                 {"operations": "is required"},
			`{}`:                               {"operations": "is required"},
			`{"operations":null}`:              {"operations": number},
			`{"operations":[]}`:                {"operations": number},
			batchBody(false, tooMany...):       {"operations": number},
			`{"operations":{}}`:                {"operations": shape},
			`{"operations":"all"}`:             {"operations": shape},
			`{"operations":["DELETE /books"]}`: {"operations": shape},
			`{"operations":[{"method":"DELETE","path":7}]}`:                                              {"operations": shape},
			`{"operations":[{"method":"DELETE","path":"/books/` + id + `","headers":{"If-Match":"*"}}]}`: {"operations": shape},
			`{"operations":[{"method":"DELETE","path":"/books/` + id + `"}],"atomic":"perhaps"}`:         {"atomic": "must be true or false"},

			batchBody(false, remove, operation{"POST", "/batch", batchBody(false, book)}): {"operations[1]": allowed},
			batchBody(true, operation{"GET", "/books/" + id, ""}, remove, operation{"POST", "/users", `{}`}): {
				"operations[0]": allowed, "operations[2]": allowed,
			},
			batchBody(false, operation{"PUT", "/books/" + id, "{}"}):                  {"operations[0]": allowed},
			batchBody(false, operation{"delete", "/books/" + id, ""}):                 {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "books/" + id, ""}):                  {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "//books/" + id, ""}):                {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "/books/" + id + "//", ""}):          {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "/books//", ""}):                     {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "/books/%zz", ""}):                   {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "/x/../books/" + id, ""}):            {"operations[0]": allowed},
			batchBody(false, operation{"DELETE", "http://localhost/books/" + id, ""}): {"operations[0]": allowed},
			batchBody(false, operation{"", "", ""}):                                   {"operations[0]": allowed},
		} {
			s.json("POST", "/batch", ada.Token, body).want(http.StatusBadRequest, fmt.Sprintf(
				`{"message":"Invalid data","data":null,"code":"invalid_fields","error":%s}`, marshal(s.TB, want)))
		}
		s.json("POST", "/batch", ada.Token, `{"operations":[{"method":"POST","path":"/books","body":{"title":"`+strings.Repeat("a", 1<<20)+`"}}]}`).
			want(http.StatusRequestEntityTooLarge, `{"message":"Request Entity Too Large","data":null,"code":"too_large",
				"error":"the limit is 1 MiB (1048576 bytes)"}`)
		s.get("/books/"+id, ada.Token).wantStatus(http.StatusOK)
		s.wantBooks(1)
	})
}

func TestLargestBatch(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		operations := make([]operation, 100)
		want := make([]int, len(operations))
		for i := range operations {
			operations[i] = operation{"POST", "/books", fmt.Sprintf(`{"title":"Volume %02d","description":%q}`, i, strings.Repeat("a", 10_000))}
			want[i] = http.StatusCreated
		}
		s.wantStatuses(s.batch(ada.Token, operations...), want...)
		if got := s.get("/books/", ada.Token).titles(); len(got) != 100 || got[0] != "Volume 00" || got[99] != "Volume 99" {
			s.Errorf("the books are %v", got)
		}
	})
}

// A batch looks up no ISBNs.
func TestBatchWithISBN(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		answers := s.batch(ada.Token,
			operation{"POST", "/books", `{"isbn":"` + isbntest.PrideAndPrejudice + `"}`},
			operation{"POST", "/books", `{"isbn":"` + isbntest.PrideAndPrejudice + `","title":"Pride"}`},
		)
		s.wantStatuses(answers, 400, 201)
		want := `{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"title":"is required, because a batch does not look up ISBNs"}}`
		if got := string(answers[0].Body); got != want {
			s.Errorf("got %s, want %s", got, want)
		}
	})
}

// An atomic batch does all of its operations or none. It deletes covers only after the batch is stored.
func TestAtomicBatch(t *testing.T) {
	s := newServer(t, nil)
	ada, librarian := s.signedIn("ada@example.com"), s.signedInAs("lib@example.com", models.RoleLibrarian)
	old, id := s.addBook(ada.Token, "Emma"), s.addBook(ada.Token, "Dune").ID
	operations := []operation{
		{"POST", "/books", `{"title":"Sanditon"}`},
		{"DELETE", "/books/" + old.ID, ""},
		{"POST", "/books", `{"title":"Emma"}`}, // the title is free again
		{"PATCH", "/books/" + id, `{"title":"Dune II"}`},
		{"PUT", "/books/" + id + "/reading", `{"status":"read"}`},
		{"PUT", "/shelves/cart/books/" + id, ""},
	}
	_, before := s.state(ada.ID)
	missing := strings.Repeat("a", 24)
	s.atomic(ada.Token, append(operations[:len(operations):len(operations)], operation{"DELETE", "/books/" + missing, ""})...).
		want(http.StatusBadRequest, `{"message":"Batch failed","code":"batch_failed","error":"operations[6] failed, so nothing was changed",
			"data":{"operation":6,"status":404,"body":{"message":"Book not found for user","data":null,"code":"not_found","error":"Not found"}}}`)
	if _, after := s.state(ada.ID); after != before {
		s.Errorf("the data is\n%s\nwant\n%s", after, before)
	}
	s.get(s.pathOf(old.ImageURL), "").wantStatus(http.StatusOK)
	s.atomic(librarian.Token, operation{"PATCH", "/books/" + id, `{"title":"Dune II"}`}, operation{"DELETE", "/books/" + id, ""}).
		wantCode(http.StatusBadRequest, "batch_failed")
	if entries, err := s.services.Store.Audit().List(s.Context(), models.AuditFilter{Limit: 9}); err != nil || len(entries) != 0 {
		s.Errorf("the audit log has %+v, %v", entries, err)
	}

	answers := data[[]operationAnswer](s.atomic(ada.Token, operations...), "the batch is done")
	s.wantStatuses(answers, 201, 204, 201, 200, 200, 200)
	if got := strings.Join(s.get("/books/", ada.Token).titles(), " "); got != "Dune II Sanditon Emma" {
		s.Errorf("the books are %s", got)
	}
	s.get(s.pathOf(old.ImageURL), "").wantStatus(http.StatusNotFound)
	s.atomic(ada.Token, operation{"DELETE", "/books/" + id + "?trash=true", ""}).wantStatus(http.StatusOK)
	s.wantTrash(ada.Token, "Dune II")
}

// A MongoDB server that is not in a replica set, such as the one of these tests, has no atomic batches.
func TestAtomicBatchWithoutTransactions(t *testing.T) {
	s := newServer(t, map[string]string{"DATABASE_URL": storagetest.MongoURL(t)})
	ada := s.signedIn("ada@example.com")
	s.atomic(ada.Token, operation{"POST", "/books", `{"title":"Emma"}`}).want(http.StatusNotImplemented, `{"message":"Not Implemented","data":null,
		"code":"atomic_unsupported","error":"this server's database has no transactions, which an atomic batch needs"}`)
	s.wantBooks(0)
	s.wantStatuses(s.batch(ada.Token, operation{"POST", "/books", `{"title":"Emma"}`}), 201)
}

// brokenStore is a store that cannot store reading records.
type brokenStore struct{ models.Store }

func (s brokenStore) Readings() models.Readings { return brokenReadings{s.Store.Readings()} }

type brokenReadings struct{ models.Readings }

func (brokenReadings) Put(context.Context, models.ReadingKey, models.ReadingUpdate) (models.Reading, error) {
	return models.Reading{}, &models.Error{Code: models.Unavailable, Err: errors.New("the store is broken")}
}

// A server error ends the batch, and the batch is answered with that error. SQLite then stores nothing of the batch.
func TestBatchWithAnErrorOfTheServer(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		old := s.addBook(ada.Token, "Emma")
		broken := s.withStores(brokenStore{s.services.Store}, s.blobs)
		a := broken.json("POST", "/batch", ada.Token, batchBody(false,
			operation{"POST", "/books", `{"title":"Sanditon"}`},
			operation{"PUT", "/books/" + old.ID + "/reading", `{"status":"read"}`},
			operation{"DELETE", "/books/" + old.ID, ""},
		))
		a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"code":"unavailable","error":"Service Unavailable"}`)
		a.wantHeader("Retry-After", "2")
		s.get(s.pathOf(old.ImageURL), "").wantStatus(http.StatusOK)
		want := int64(1)
		if s.services.Store.Name() != "SQLite" {
			want = 2
		}
		s.wantBooks(want)
		if log := s.log.String(); !strings.Contains(log, "operation 1: the store is broken") {
			s.Errorf("the log does not have the cause: %s", log)
		}
	})
}

// A panic in an operation undoes the whole batch on SQLite, and the database can still be used.
func TestPanicInABatch(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	id := s.addBook(ada.Token, "Emma").ID
	panics := s.withHook(func() { panic("hook") }, nil)
	panics.json("POST", "/batch", ada.Token, batchBody(false,
		operation{"DELETE", "/books/" + id, ""}, operation{"PUT", "/shelves/cart/books/" + id, ""}, operation{"POST", "/books", `{"title":"Dune"}`},
	)).wantCode(http.StatusInternalServerError, "internal_error")
	s.wantBooks(1)
	s.addBook(ada.Token, "Dune")
}

// A batch has one line in the log, with the error of the last operation that was rejected.
func TestBatchInTheLog(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	before := strings.Count(s.log.String(), `"msg":"request"`)
	s.batch(ada.Token, operation{"DELETE", "/books/nothing", ""}, operation{"POST", "/books", `{"title":"Emma"}`})
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	last := lines[len(lines)-1]
	for _, want := range []string{`"route":"/batch"`, `"status":200`, `"error":"operation 0: Book not found for user`} {
		if !strings.Contains(last, want) {
			s.Errorf("the line %s does not have %s", last, want)
		}
	}
	if n := strings.Count(s.log.String(), `"msg":"request"`) - before; n != 1 {
		s.Errorf("%d lines, want one", n)
	}
}

// Batches and other requests that run at the same time do not block each other and lose no writes.
func TestBatchesAtOnce(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				s.wantStatuses(s.batch(ada.Token,
					operation{"POST", "/books", fmt.Sprintf(`{"title":"Volume %d"}`, i)},
					operation{"POST", "/books", `{"title":"Emma"}`},
				)[:1], 201)
			})
			wg.Go(func() {
				s.json("POST", "/books", ada.Token, fmt.Sprintf(`{"title":"Number %d"}`, i)).wantStatus(http.StatusCreated)
			})
		}
		wg.Wait()
		s.wantBooks(41)
	})
}

func TestRepeatedBatch(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		old := s.addBook(ada.Token, "Emma").ID
		s.clock.move(time.Second) // ids of the same second are in no order
		operations := []operation{
			{"POST", "/books", `{"title":"Sanditon"}`},
			{"POST", "/books", `{"title":"Dune"}`},
			{"POST", "/books", `{"title":"Emma"}`},
			{"PATCH", "/books/" + old, `{"pages":3}`},
		}
		c := jsonCall("/batch", ada.Token, batchBody(false, operations...))
		s.killed().withKey("a", c).wantStatus(http.StatusServiceUnavailable) // all is done, but the answer is not kept
		s.wantBooks(3)
		s.clock.move(2 * time.Minute)
		first := s.withKey("a", c).wantStatus(http.StatusOK)
		s.wantStatuses(data[[]operationAnswer](first, "the batch is done"), 201, 201, 400, 200)
		s.clock.move(5 * time.Second)
		s.anotherCopy().wantReplay("a", c, first)
		s.wantBooks(3)
		if got := strings.Join(s.get("/books/", ada.Token).titles(), " "); got != "Emma Sanditon Dune" {
			s.Errorf("the books are %s", got)
		}
		other := jsonCall("/batch", ada.Token, batchBody(false, operations[:2]...))
		s.withKey("a", other).wantCode(http.StatusUnprocessableEntity, "idempotency_key_reused")
		s.withKey("b", other).wantStatus(http.StatusOK)
		s.wantBooks(3)
	})
}

// After an atomic batch that failed, its key can be used again, because nothing was stored. If the batch was stored but its
// answer was lost, the repeated batch finds the books and adds none twice.
func TestRepeatedAtomicBatch(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	id := s.addBook(ada.Token, "Emma").ID
	c := jsonCall("/batch", ada.Token, batchBody(true,
		operation{"POST", "/books", `{"title":"Sanditon"}`}, operation{"POST", "/books", `{"title":"Emma"}`}))
	s.withKey("a", c).wantCode(http.StatusBadRequest, "batch_failed")
	s.json("PATCH", "/books/"+id, ada.Token, `{"title":"Emma II"}`).wantStatus(http.StatusOK)
	s.killed().withKey("a", c).wantStatus(http.StatusServiceUnavailable)
	s.clock.move(2 * time.Minute)
	s.wantReplay("a", c, s.withKey("a", c).wantStatus(http.StatusOK))
	s.wantBooks(3)
}

// The answer to a batch may be too large to keep. It is sent, but a repeated batch gets an error instead, and changes nothing.
func TestAnswerTooLargeToKeep(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		const escaped = 6 // bytes of a < in JSON
		long := marshal(s.TB, map[string]string{"description": strings.Repeat("<", 10_000)})
		s.json("PATCH", "/books/"+id, ada.Token, string(long)).wantStatus(http.StatusOK)
		operations := []operation{{"POST", "/books", `{"title":"Dune"}`}}
		for range (1<<20)/(escaped*10_000) + 1 {
			operations = append(operations, operation{"PATCH", "/books/" + id, `{"pages":3}`})
		}
		c := jsonCall("/batch", ada.Token, batchBody(false, operations...))
		first := s.withKey("a", c).wantStatus(http.StatusOK)
		if answers := data[[]operationAnswer](first, "the batch is done"); len(answers) != len(operations) {
			s.Errorf("%d answers, want %d", len(answers), len(operations))
		}
		tag := s.tagOf(ada.Token, id)
		s.withKey("a", c).wantCode(http.StatusConflict, "answer_not_kept")
		if s.wantBooks(2); s.tagOf(ada.Token, id) != tag {
			s.Error("the repeated batch changed the book")
		}
	})
}

// An operation has only the rights of the caller who sent the batch.
func TestOwnershipInABatch(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.addResources("ada@example.com"), s.addResources("bob@example.com")
		librarian, admin := s.signedInAs("lib@example.com", models.RoleLibrarian), s.signedInAs("root@example.com", models.RoleAdmin)
		operations := []operation{
			{"DELETE", "/books/" + ada.book, ""},
			{"DELETE", "/books/" + ada.book + "?trash=true", ""},
			{"PATCH", "/books/" + ada.book, `{"title":"Mine","user_id":"` + bob.ID + `"}`},
			{"PUT", "/books/" + ada.book + "/reading", `{"status":"read","review":"mine"}`},
			{"PATCH", "/books/" + ada.book + "/reading", `{"rating":1}`},
			{"DELETE", "/books/" + ada.book + "/reading", ""},
			{"PUT", "/shelves/" + ada.shelf + "/books/" + ada.book, ""},
			{"DELETE", "/shelves/" + ada.shelf + "/books/" + ada.book, ""},
			{"POST", "/books", `{"title":"For Ada","user_id":"` + ada.ID + `"}`},
		}
		_, before := s.state(ada.ID)
		s.json("POST", "/batch", "", batchBody(false, operations...)).wantCode(http.StatusUnauthorized, "token_missing")
		s.wantStatuses(s.batch(bob.Token, operations...), 404, 404, 404, 200, 200, 204, 200, 204, 201)
		if _, after := s.state(ada.ID); after != before {
			s.Errorf("the data is\n%s\nwant\n%s", after, before)
		}
		for _, editor := range []user{librarian, admin} {
			s.wantStatuses(s.batch(editor.Token, operations[0], operations[2]), 404, 200)
		}
		if entries, err := s.services.Store.Audit().List(s.Context(), models.AuditFilter{Limit: 9}); err != nil || len(entries) != 2 {
			s.Errorf("the audit log has %+v, %v", entries, err)
		}
		s.deleteAccount(bob.Token, "").wantStatus(http.StatusNoContent)
		s.json("POST", "/batch", bob.Token, batchBody(false, operations...)).wantCode(http.StatusForbidden, "account_disabled")
	})
}

// A page of another origin cannot send a batch with the session cookie (CSRF).
func TestBatchOfAnotherOrigin(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	_, cookie := s.cookieLogin("ada@example.com")
	c := jsonCall("/batch", "", batchBody(false, operation{"POST", "/books", `{"title":"Emma"}`}))
	c.header = map[string]string{"Cookie": cookie.Name + "=" + cookie.Value, "Sec-Fetch-Site": "cross-site"}
	s.do(c).wantCode(http.StatusForbidden, "cross_origin")
	c.header["Sec-Fetch-Site"] = "same-origin"
	s.do(c).wantStatus(http.StatusOK)
}
