package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// reading sends a request for the caller's reading record of a book.
func (s *testServer) reading(method, token, bookID, body string) answer {
	s.Helper()
	return s.json(method, "/books/"+bookID+"/reading", token, body)
}

// wantSaved checks that an answer has this reading record. It does not compare the times.
func (a answer) wantSaved(want string) {
	a.Helper()
	got := data[map[string]any](a.wantStatus(http.StatusOK), "the reading is saved")
	delete(got, "created_at")
	delete(got, "updated_at")
	if got, want := fmt.Sprint(got), fmt.Sprint(decode(a.TB, want)); got != want {
		a.Errorf("the reading is %s, want %s", got, want)
	}
}

// decode decodes a JSON object.
func decode(t testing.TB, text string) (object map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

const noReading = `{"message":"Reading not found","data":null,"error":"You have no reading of this book"}`

func TestReading(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		id := s.addBook(bob.Token, "Emma").ID // a user may have a reading of any owner's book
		s.get("/books/"+id+"/reading", ada.Token).want(http.StatusNotFound, noReading)

		const full = `{"status":"read","rating":4.25,"progress":{"page":12},"review":"It was good.",
			"reads":[{"started":"2004-02-28","finished":"2004-02-29"},{"started":null,"finished":"2020-01-01"}]}`
		s.reading("PUT", ada.Token, id, full).wantSaved(full)
		s.reading("PATCH", ada.Token, id, `{"rating":0.25,"progress":{"percent":100},"review":null}`).wantSaved(
			strings.NewReplacer("4.25", "0.25", `"page":12`, `"percent":100`, "It was good.", "").Replace(full))
		s.reading("PATCH", ada.Token, id, `{"rating":null,"progress":null,"reads":null,"status":"want"}`).wantSaved(
			`{"status":"want","rating":null,"progress":null,"reads":[],"review":""}`)
		s.reading("PUT", ada.Token, id, full).wantSaved(full)
		s.reading("PUT", ada.Token, id, `{"status":"reading","reads":[{"started":"2026-01-01"},{}]}`).wantSaved(
			`{"status":"reading","rating":null,"progress":null,"review":"",
			"reads":[{"started":"2026-01-01","finished":null},{"started":null,"finished":null}]}`)

		s.get("/books/"+id+"/reading", bob.Token).want(http.StatusNotFound, noReading)
		s.reading("PATCH", bob.Token, id, `{"status":"abandoned","rating":5}`).wantSaved(
			`{"status":"abandoned","rating":5,"progress":null,"reads":[],"review":""}`)
		for range 2 { // deleting it twice is no error
			s.reading("DELETE", ada.Token, id, "").wantStatus(http.StatusNoContent)
			s.get("/books/"+id+"/reading", ada.Token).want(http.StatusNotFound, noReading)
		}
		s.get("/books/"+id+"/reading", bob.Token).wantStatus(http.StatusOK)
	})
}

func TestReadingRefusals(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	id := s.addBook(ada.Token, "Emma").ID
	const (
		rating   = "must be a number from 0.25 to 5 in steps of 0.25"
		progress = `must be {\"page\": n} or {\"percent\": n} with a whole number`
	)
	for body, want := range map[string]string{
		`{"status":"read","rating":5.25}`:  `{"rating":"` + rating + `"}`,
		`{"status":"read","rating":0}`:     `{"rating":"` + rating + `"}`,
		`{"status":"read","rating":-1}`:    `{"rating":"` + rating + `"}`,
		`{"status":"read","rating":"x"}`:   `{"rating":"` + rating + `"}`,
		`{"status":"read","rating":4.3}`:   `{"rating":"` + rating + `"}`,
		`{"status":"read","rating":1e400}`: `{"rating":"` + rating + `"}`,
		`{"status":"read","reads":[{},{"started":"2004-02-02","finished":"2004-02-01"}]}`: `{"reads":"read 2: ends before it begins"}`,
		`{"status":"read","reads":[{"started":"2004-02-30"}]}`:                            `{"reads":"read 1: a date must exist and be written as YYYY-MM-DD"}`,
		`{"status":"read","reads":[{"started":20040229}]}`:                                `{"reads":"read 1: a date must exist and be written as YYYY-MM-DD"}`,
		`{"status":"read","reads":[{"finished":""}]}`:                                     `{"reads":"read 1: a date must exist and be written as YYYY-MM-DD"}`,
		`{"status":"read","reads":["2004-02-29"]}`:                                        `{"reads":"read 1: must be {started, finished}"}`,
		`{"status":"read","reads":{}}`:                                                    `{"reads":"must be a list of {started, finished}"}`,
		`{"status":"read","reads":[{}` + strings.Repeat(",{}", 100) + `]}`:                `{"reads":"must be at most 100"}`,
		`{"status":"finished"}`:                                                           `{"status":"must be want, reading, read or abandoned"}`,
		`{"status":7}`:                                                                    `{"status":"must be text"}`,
		`{"status":null}`:                                                                 `{"status":"is required"}`,
		`{"rating":5}`:                                                                    `{"status":"is required"}`,
		`{"status":"reading","progress":{"percent":101}}`:                                 `{"progress":"percent must be 0 to 100"}`,
		`{"status":"reading","progress":{"page":-1}}`:                                     `{"progress":"page must be 0 to 100000"}`,
		`{"status":"reading","progress":{"page":1.5}}`:                                    `{"progress":"` + progress + `"}`,
		`{"status":"reading","progress":40}`:                                              `{"progress":"` + progress + `"}`,
		`{"status":"reading","progress":{}}`:                                              `{"progress":"` + progress + `"}`,
		`{"status":"reading","progress":{"chapter":1}}`:                                   `{"progress":"` + progress + `"}`,
		`{"status":"reading","progress":{"page":1,"percent":1}}`:                          `{"progress":"` + progress + `"}`,
		`{"status":"read","review":"` + strings.Repeat("a", 100<<10) + `"}`:               `{"review":"must have at most 10000 characters"}`,
		`{"status":"read","review":"\u0000"}`:                                             `{"review":"must have no NUL character"}`,
		`{"status":"x","rating":9}`:                                                       `{"rating":"` + rating + `","status":"must be want, reading, read or abandoned"}`,
	} {
		for _, method := range []string{"PUT", "PATCH"} {
			s.reading(method, ada.Token, id, body).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":`+want+`}`)
		}
	}
	const nothing = `{"message":"Invalid data","data":null,"error":"give a status, rating, progress, reads or review"}`
	for _, body := range []string{"", "{}", "[]", `{"_id":"x"}`} {
		s.reading("PATCH", ada.Token, id, body).want(http.StatusBadRequest, nothing)
		s.reading("PUT", ada.Token, id, body).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"status":"is required"}}`)
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		for _, id := range []string{"emma", "0123456789abcdef01234567"} {
			s.reading(method, ada.Token, id, `{"status":"read"}`).want(http.StatusNotFound,
				`{"message":"Book not found","data":null,"error":"Not Found"}`)
		}
	}
	s.get("/books/"+id+"/reading", ada.Token).want(http.StatusNotFound, noReading)
}

// Every answer with a book has the caller's reading record of the book.
func TestBooksShowTheReading(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		for _, id := range ids {
			s.shelve(ada.Token, "cart", id)
		}
		s.reading("PUT", ada.Token, ids[0], `{"status":"read","rating":4}`).wantStatus(http.StatusOK)
		s.reading("PUT", ada.Token, ids[2], `{"status":"want"}`).wantStatus(http.StatusOK)
		s.reading("PUT", bob.Token, ids[1], `{"status":"abandoned"}`).wantStatus(http.StatusOK)
		for path, want := range map[string]string{
			"/books/":                "Emma:read Dune: Carrie:want",
			"/books/?limit=1":        "Emma:read",
			"/books/?sort=-title":    "Emma:read Dune: Carrie:want",
			"/shelves/cart/books":    "Emma:read Dune: Carrie:want",
			"/reading/?sort=updated": "Emma:read Carrie:want",
			"/reading/?status=want":  "Carrie:want",
			"/reading/?sort=-rating": "Emma:read Carrie:want",
		} {
			if got := s.get(path, ada.Token).statuses(); got != want {
				s.Errorf("%s has %s, want %s", path, got, want)
			}
		}
		if got := s.get("/books/?scope=all", bob.Token).statuses(); got != "Emma: Dune:abandoned Carrie:" {
			s.Errorf("bob's list has %s", got)
		}
		for _, a := range []answer{
			s.get("/books/"+ids[0], ada.Token),
			s.get("/shelves/cart/books/"+ids[0], ada.Token),
			s.do(call{method: "PUT", path: "/shelves/cart/books/" + ids[0], token: ada.Token}),
			s.json("PUT", "/books/"+ids[0], ada.Token, `{"description":"New"}`),
		} {
			if b := decode(s.TB, string(a.body))["data"].(map[string]any); b["reading"].(map[string]any)["rating"] != 4.0 {
				s.Errorf("the book is %v", b)
			}
		}
		s.get("/books/"+ids[0]+"/reading", ada.Token).wantStatus(http.StatusOK)
	})
}

// statuses returns the titles of the books in a list, each with the status of the caller's reading record.
func (a answer) statuses() string {
	a.Helper()
	a.wantStatus(http.StatusOK)
	var all []string
	for _, item := range decode(a.TB, string(a.body))["data"].([]any) {
		b, status := item.(map[string]any), any("")
		if r, ok := b["reading"].(map[string]any); ok {
			status = r["status"]
		}
		all = append(all, fmt.Sprintf("%s:%s", b["title"], status))
	}
	return strings.Join(all, " ")
}

func TestReadingList(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for i := range 7 {
			b := s.addBook(ada.Token, fmt.Sprintf("V%d", i))
			s.reading("PUT", ada.Token, b.ID, fmt.Sprintf(`{"status":"read","rating":%d,"reads":[{"finished":"20%d-01-0%d"}]}`,
				1+i%3, 20+i%2, 7-i)).wantStatus(http.StatusOK)
		}
		for query, want := range map[string]string{
			"sort=rating":                        "V0 V3 V6 V1 V4 V2 V5",
			"sort=-rating":                       "V5 V2 V4 V1 V6 V3 V0",
			"sort=finished":                      "V6 V4 V2 V0 V5 V3 V1",
			"sort=-finished&year=2021":           "V1 V3 V5",
			"year=2020&sort=updated&status=read": "V0 V2 V4 V6",
			"year=1999":                          "",
			"status=want":                        "",
		} {
			var got []string
			for path := "/reading?limit=2&" + query; path != ""; {
				a := s.get(path, ada.Token)
				for _, b := range data[[]book](a, "successfully retrieved your reading") {
					got = append(got, b.Title)
				}
				path = s.nextPath(a)
			}
			if strings.Join(got, " ") != want {
				s.Errorf("%s has %v, want %s", query, got, want)
			}
		}
		s.get("/reading?sort=title&status=done&year=MMXX", ada.Token).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{
				"sort":"must be updated, -updated, finished, -finished, rating or -rating",
				"status":"must be want, reading, read or abandoned","year":"must be a year from 1 to 9999"}}`)
	})
}

// With BOOKS_VISIBLE=owner, users cannot use their reading records of other users' books, even those recorded before
// the setting was changed.
func TestReadingOfHiddenBooks(t *testing.T) {
	s := newServer(t, nil)
	ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
	hidden, own := s.addBook(bob.Token, "Hidden").ID, s.addBook(ada.Token, "Own").ID
	for _, id := range []string{hidden, own} {
		s.reading("PUT", ada.Token, id, `{"status":"read","reads":[{"finished":"2026-01-01"}]}`).wantStatus(http.StatusOK)
	}
	s.json("PATCH", "/books/"+hidden, bob.Token, `{"pages":300}`).wantStatus(http.StatusOK)
	s.json("PATCH", "/books/"+own, ada.Token, `{"pages":200}`).wantStatus(http.StatusOK)
	s.services.Config.OwnersOnly = true
	s.start()
	if got := s.get("/reading?limit=1&sort=updated", ada.Token).statuses(); got != "Own:read" {
		s.Errorf("the list has %s", got)
	}
	if a := s.get("/stats?year=2026", ada.Token).wantStatus(http.StatusOK); !strings.Contains(string(a.body), `"Own"`) ||
		strings.Contains(string(a.body), `"Hidden"`) {
		s.Errorf("the statistics are %s", a.body)
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		s.reading(method, ada.Token, hidden, `{"status":"read"}`).want(http.StatusNotFound,
			`{"message":"Book not found","data":null,"error":"Not Found"}`)
	}
}

// Deleting a book deletes all reading records of the book. Erasing an account deletes its reading records, and those of
// its books.
func TestDeletedReadings(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		emma, dune := s.addBook(ada.Token, "Emma").ID, s.addBook(ada.Token, "Dune").ID
		bobs := s.addBook(bob.Token, "Carrie").ID
		for _, id := range []string{emma, dune, bobs} {
			s.reading("PUT", ada.Token, id, `{"status":"read"}`).wantStatus(http.StatusOK)
			s.reading("PUT", bob.Token, id, `{"status":"want"}`).wantStatus(http.StatusOK)
		}
		s.do(call{method: "DELETE", path: "/books/" + emma, token: ada.Token}).wantStatus(http.StatusNoContent)
		for _, u := range []user{ada, bob} {
			if got := s.get("/reading?sort=updated", u.Token).statuses(); !strings.HasPrefix(got, "Dune:") {
				s.Errorf("the list has %s", got)
			}
		}
		s.json("DELETE", "/users/?erase=true", ada.Token, fmt.Sprintf(`{"password":%q}`, password)).wantStatus(http.StatusNoContent)
		if got := s.get("/reading", bob.Token).statuses(); got != "Carrie:want" {
			s.Errorf("the list has %s", got)
		}
		for _, key := range []models.ReadingKey{
			{UserID: models.ID(ada.ID), BookID: models.ID(bobs)}, {UserID: models.ID(bob.ID), BookID: models.ID(dune)},
		} {
			if _, err := s.services.Store.Readings().Get(s.Context(), key); models.CodeOf(err) != models.NotFound {
				s.Errorf("%v: error %v, want not found", key, err)
			}
		}
	})
}

func TestStats(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		s.clock.move(time.Date(2026, time.February, 15, 12, 0, 0, 0, time.UTC).Sub(s.clock.now()))
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		var ids []string
		for i, body := range []string{
			`{"status":"read","rating":3.5,"reads":[{"finished":"2004-02-29"},{"finished":"2026-01-31"}]}`,
			`{"status":"read","rating":5,"reads":[{"finished":"2025-12-31"},{"finished":"2026-01-01"}]}`,
			`{"status":"read","reads":[{"finished":"2025-11-01"},{"started":"2026-02-01"}]}`,
			`{"status":"reading","rating":1,"reads":[{"started":"2026-02-01"}]}`,
		} {
			b := s.addBook(ada.Token, fmt.Sprint(i))
			ids = append(ids, b.ID)
			s.reading("PUT", ada.Token, b.ID, body).wantStatus(http.StatusOK)
		}
		s.json("PATCH", "/books/"+ids[0], ada.Token, `{"pages":100,"language":"en","authors":["Ada","Bob"]}`).wantStatus(http.StatusOK)
		s.json("PATCH", "/books/"+ids[1], ada.Token, `{"pages":300,"authors":["Bob"],"category":"poetry"}`).wantStatus(http.StatusOK)
		goal := func(body string) answer { return s.json("PUT", "/stats/goals/2026", ada.Token, body) }
		goal(`{"books":24}`).want(http.StatusOK, `{"message":"the goal is saved","data":{"year":2026,"books":24}}`)
		const years = `"years":[{"year":2004,"books":1,"pages":100},{"year":2025,"books":2,"pages":300},
			{"year":2026,"books":2,"pages":400}],"streak":3`
		wantStats := func(token, query, want string) {
			s.Helper()
			s.get("/stats"+query, token).want(http.StatusOK, `{"message":"successfully retrieved your statistics","data":`+want+`}`)
		}
		none := func(months int) string { return strings.Repeat(`,{"books":0,"pages":0}`, months) }
		short := `{"_id":"` + ids[0] + `","title":"0","pages":100}`
		wantStats(ada.Token, "", `{"year":2026,"books":2,"pages":400,"goal":24,"months":[{"books":2,"pages":400}`+none(11)+`],
			"ratings":[{"rating":3.5,"books":1},{"rating":5,"books":1}],
			"categories":[{"name":"poetry","books":1},{"name":"science","books":1}],"languages":[{"name":"en","books":1}],
			"authors":[{"name":"Bob","books":2},{"name":"Ada","books":1}],
			"longest":{"_id":"`+ids[1]+`","title":"1","pages":300},"shortest":`+short+`,`+years+`}`)
		wantStats(ada.Token, "?year=2004", `{"year":2004,"books":1,"pages":100,"goal":null,
			"months":[{"books":0,"pages":0},{"books":1,"pages":100}`+none(10)+`],"ratings":[{"rating":3.5,"books":1}],
			"categories":[{"name":"science","books":1}],"languages":[{"name":"en","books":1}],
			"authors":[{"name":"Ada","books":1},{"name":"Bob","books":1}],"longest":`+short+`,"shortest":`+short+`,`+years+`}`)
		wantStats(bob.Token, "?year=2026", `{"year":2026,"books":0,"pages":0,"goal":null,"months":[`+none(12)[1:]+`],
			"ratings":[],"categories":[],"languages":[],"authors":[],"longest":null,"shortest":null,"years":[],"streak":0}`)

		goal(`{"books":null}`).want(http.StatusOK, `{"message":"the goal is saved","data":{"year":2026,"books":null}}`)
		const wrong = `{"message":"Invalid data","data":null,"error":{"books":"must be a whole number from 1 to 10000, or null"}}`
		for _, body := range []string{`{"books":0}`, `{"books":-1}`, `{"books":1.5}`, `{"books":"x"}`, `{"books":10001}`, `{"books":1e400}`} {
			goal(body).want(http.StatusBadRequest, wrong)
		}
		goal(`{}`).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"books":"is required"}}`)
		const year = `{"message":"Invalid data","data":null,"error":{"year":"must be a year from 1 to 9999"}}`
		for _, s := range []answer{
			s.get("/stats?year=0", ada.Token), s.get("/stats?year=x", ada.Token), s.get("/stats?year=10000", ada.Token),
			s.json("PUT", "/stats/goals/MMXX", ada.Token, `{"books":24}`),
		} {
			s.want(http.StatusBadRequest, year)
		}
	})
}
