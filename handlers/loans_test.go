package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

// loan is a loan as clients see it.
type loan struct {
	ID         string  `json:"_id"`
	BookID     string  `json:"book_id"`
	Title      string  `json:"title"`
	LenderID   string  `json:"lender_id"`
	BorrowerID *string `json:"borrower_id"`
	To         string  `json:"to"`
	Due        *string `json:"due"`
	State      string  `json:"state"`
	LentAt     string  `json:"lent_at"`
	ReturnedAt *string `json:"returned_at"`
}

// lend lends a book.
func (s *testServer) lend(token, book, body string) loan {
	s.Helper()
	a := s.json("POST", "/books/"+book+"/loans", token, body).wantStatus(http.StatusCreated)
	return data[loan](a, "successfully lent a book")
}

func (s *testServer) returnLoan(token, id string) loan {
	s.Helper()
	a := s.do(call{method: "POST", path: "/loans/" + id + "/return", token: token}).wantStatus(http.StatusOK)
	return data[loan](a, "successfully returned a book")
}

// loans gets all pages of a list of loans, two loans a page. It returns the title and the state of each loan.
func (s *testServer) loans(path, token string) string {
	s.Helper()
	var list []string
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	for path += separator + "limit=2"; path != ""; {
		a := s.get(path, token).wantStatus(http.StatusOK)
		for _, l := range data[[]loan](a, "successfully retrieved all loans") {
			list = append(list, l.Title+":"+l.State)
		}
		path = s.nextPath(a)
	}
	return strings.Join(list, " ")
}

// day returns a date: today plus a number of days.
func (s *testServer) day(days int) string {
	return s.clock.now().AddDate(0, 0, days).Format(time.DateOnly)
}

// bookLoans returns the fields on_loan and loan of a book as JSON.
func (s *testServer) bookLoans(token, id string) string {
	s.Helper()
	got := data[struct {
		OnLoan json.RawMessage `json:"on_loan"`
		Loan   json.RawMessage `json:"loan"`
	}](s.get("/books/"+id, token), "successfully retrieved a book")
	return string(got.OnLoan) + " " + string(got.Loan)
}

func TestLoan(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		s.json("PATCH", "/users/", bob.Token, `{"username":"bob","name":"Bob Miller"}`).wantStatus(http.StatusOK)
		id := s.addBook(ada.Token, "Emma").ID
		for _, to := range []string{"bob", "BOB", "Bob@Example.com", " bob "} {
			l := s.lend(ada.Token, id, fmt.Sprintf(`{"to":%q,"due":%q}`, to, s.day(14)))
			if l.BorrowerID == nil || *l.BorrowerID != bob.ID || l.To != "Bob Miller" || l.State != "open" || *l.Due != s.day(14) ||
				l.BookID != id || l.LenderID != ada.ID || l.Title != "Emma" || l.ReturnedAt != nil {
				s.Errorf("lent to %q: %+v", to, l)
			}
			s.clock.move(time.Hour)
			if l = s.returnLoan(ada.Token, l.ID); l.State != "returned" || l.ReturnedAt == nil {
				s.Errorf("returned: %+v", l)
			}
		}
		l := s.lend(ada.Token, id, `{"to":"Grace Hopper","due":null}`)
		if l.BorrowerID != nil || l.To != "Grace Hopper" || l.Due != nil {
			s.Errorf("lent to somebody without an account: %+v", l)
		}
		for body, want := range map[string]string{
			`{"due":"` + s.day(0) + `"}`: s.day(0), `{"due":"9999-12-31"}`: "9999-12-31", `{"due":null}`: "", `{"due":""}`: "",
		} {
			got := data[loan](s.json("PATCH", "/loans/"+l.ID, ada.Token, body).wantStatus(http.StatusOK), "successfully changed a loan")
			if got.Due == nil && want != "" || got.Due != nil && *got.Due != want {
				s.Errorf("%s: %+v", body, got)
			}
		}
		if got, want := s.loans("/books/"+id+"/loans", ada.Token), "Emma:open"+strings.Repeat(" Emma:returned", 4); got != want {
			s.Errorf("the loans of the book are %s", got)
		}
		s.deleteAccount(bob.Token, "").wantStatus(http.StatusNoContent) // disables the account, because erase is not set
		s.returnLoan(ada.Token, l.ID)
		if l = s.lend(ada.Token, id, `{"to":"bob@example.com"}`); l.BorrowerID != nil || l.To != "bob@example.com" {
			s.Errorf("lent to the address of a disabled account: %+v", l)
		}
	})
}

func TestLoanOfEachCopy(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		s.json("PATCH", "/books/"+id, ada.Token, `{"copies":2}`).wantStatus(http.StatusOK)
		first := s.lend(ada.Token, id, `{"to":"Grace"}`)
		s.lend(ada.Token, id, `{"to":"Eve"}`)
		s.json("POST", "/books/"+id+"/loans", ada.Token, `{"to":"Bob"}`).wantStatus(http.StatusConflict)
		if got := s.bookLoans(ada.Token, id); !strings.HasPrefix(got, "2 ") {
			s.Errorf("on loan: %s", got)
		}
		s.returnLoan(ada.Token, first.ID)
		s.json("PATCH", "/books/"+id, ada.Token, `{"copies":null}`).wantStatus(http.StatusOK)
		s.json("POST", "/books/"+id+"/loans", ada.Token, `{"to":"Bob"}`).wantStatus(http.StatusConflict)
	})
}

func TestLoanLists(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.signUp("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		s.lend(ada.Token, ids[0], `{"to":"bob@example.com","due":"`+s.day(1)+`"}`)
		s.lend(ada.Token, ids[1], `{"to":"Grace","due":"`+s.day(1)+`"}`)
		carrie := s.lend(ada.Token, ids[2], `{"to":"bob@example.com"}`)
		s.returnLoan(ada.Token, carrie.ID)
		s.lend(ada.Token, ids[2], `{"to":"bob@example.com"}`)
		s.clock.move(24 * time.Hour)     // a loan is not overdue on the day it is due
		ada = s.login("ada@example.com") // the token has expired
		if got := s.loans("/loans/?state=overdue", ada.Token); got != "" {
			s.Errorf("overdue on the day: %s", got)
		}
		s.clock.move(24 * time.Hour)
		ada, bob := s.login("ada@example.com"), s.login("bob@example.com")
		for query, want := range map[string][2]string{
			"":                                  {"Carrie:open Carrie:returned Dune:overdue Emma:overdue", ""},
			"?state=open":                       {"Carrie:open Dune:overdue Emma:overdue", ""},
			"?state=overdue&direction=lent":     {"Dune:overdue Emma:overdue", ""},
			"?state=returned":                   {"Carrie:returned", ""},
			"?direction=borrowed":               {"", "Carrie:open Carrie:returned Emma:overdue"},
			"?direction=borrowed&state=open":    {"", "Carrie:open Emma:overdue"},
			"?state=overdue&direction=borrowed": {"", "Emma:overdue"},
		} {
			for i, u := range []user{ada, bob} {
				if got := s.loans("/loans"+query, u.Token); got != want[i] {
					s.Errorf("%q of %s: %s, want %s", query, u.Email, got, want[i])
				}
			}
		}
		s.get("/loans?state=late&direction=both", ada.Token).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,
			"error":{"state":"must be open, overdue or returned","direction":"must be lent or borrowed"}}`)
	})
}

// 100 concurrent requests to two servers try to lend a book of which there is one copy. Only one of them succeeds.
func TestBookIsLentOnce(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		copies := []*testServer{s, s.anotherCopy()}
		var wg sync.WaitGroup
		statuses := make([]int, 100)
		for i := range statuses {
			wg.Go(func() {
				server := copies[i%2]
				statuses[i] = server.json("POST", "/books/"+id+"/loans", ada.Token, `{"to":"Bob"}`).status
			})
		}
		wg.Wait()
		count := map[int]int{}
		for _, status := range statuses {
			count[status]++
		}
		if count[http.StatusCreated] != 1 || count[http.StatusConflict] != 99 {
			s.Errorf("the statuses are %v", count)
		}
		if got := s.loans("/loans?state=open", ada.Token); got != "Emma:open" {
			s.Errorf("the open loans are %s", got)
		}
	})
}

func TestLoanRefusals(t *testing.T) {
	const notMine = `{"message":"Book not found for user","data":null,"error":"Not found"}`
	const noLoan = `{"message":"Loan not found","data":null,"error":"Not Found"}`
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		invalid := func(fields string) string { return `{"message":"Invalid data","data":null,"error":{` + fields + `}}` }
		for body, fields := range map[string]string{
			`{"to":"Bob","due":"` + s.day(-1) + `"}`: `"due":"must not be in the past"`,
			`{"to":"Bob","due":"2004-13-01"}`:        `"due":"a date must exist and be written as YYYY-MM-DD"`,
			`{"to":"Bob","due":"tomorrow"}`:          `"due":"a date must exist and be written as YYYY-MM-DD"`,
			`{"to":"Bob","due":20991231}`:            `"due":"must be text"`,
			`{"to":"ada@example.com"}`:               `"to":"must not be the owner of the book"`,
			`{"to":""}`:                              `"to":"is required"`,
			`{"to":"  "}`:                            `"to":"is required"`,
			`{}`:                                     `"to":"is required"`,
			`[]`:                                     `"to":"is required"`,
			`{"to":"` + strings.Repeat("x", 10<<10) + `"}`:    `"to":"must have at most 500 characters"`,
			`{"to":"B\u0000b"}`:                               `"to":"must have no NUL character"`,
			`{"to":"\u202eboB"}`:                              `"to":"must not have control characters or invisible characters"`,
			`{"to":"","due":"2004-02-30","state":"returned"}`: `"to":"is required","due":"a date must exist and be written as YYYY-MM-DD"`,
		} {
			s.json("POST", "/books/"+ids[0]+"/loans", ada.Token, body).want(http.StatusBadRequest, invalid(fields))
		}
		for _, path := range []string{"/books/" + ids[0] + "/loans", "/books/0123456789abcdef01234567/loans", "/books/emma/loans"} {
			s.json("POST", path, bob.Token, `{"to":"Eve"}`).want(http.StatusNotFound, notMine)
			s.get(path, bob.Token).want(http.StatusNotFound, notMine)
		}
		if got := s.loans("/loans", ada.Token); got != "" {
			s.Errorf("the loans are %s", got)
		}

		l := s.lend(ada.Token, ids[0], `{"to":"bob@example.com"}`)
		s.json("POST", "/books/"+ids[0]+"/loans", ada.Token, `{"to":"Eve"}`).want(http.StatusConflict,
			`{"message":"Conflict","data":null,"error":"all copies are on loan: return one first, with POST /loans/<id>/return"}`)
		for body, fields := range map[string]string{
			`{"due":"` + s.day(-1) + `"}`: `"due":"must not be in the past"`,
			`{"due":"2004-13-01"}`:        `"due":"a date must exist and be written as YYYY-MM-DD"`,
			`{}`:                          `"due":"is required"`,
			`{"to":"Eve"}`:                `"due":"is required"`,
		} {
			s.json("PATCH", "/loans/"+l.ID, ada.Token, body).want(http.StatusBadRequest, invalid(fields))
		}
		for _, id := range []string{l.ID, "0123456789abcdef01234567", "1"} { // a borrower may see the loan but not change it
			s.json("PATCH", "/loans/"+id, bob.Token, `{"due":null}`).want(http.StatusNotFound, noLoan)
			s.do(call{method: "POST", path: "/loans/" + id + "/return", token: bob.Token}).want(http.StatusNotFound, noLoan)
		}
		first := s.returnLoan(ada.Token, l.ID)
		s.clock.move(time.Hour)
		if again := s.returnLoan(ada.Token, l.ID); *again.ReturnedAt != *first.ReturnedAt {
			s.Errorf("returned at %s, and then at %s", *first.ReturnedAt, *again.ReturnedAt)
		}
		s.json("PATCH", "/loans/"+l.ID, ada.Token, `{"due":null}`).want(http.StatusConflict,
			`{"message":"Conflict","data":null,"error":"the book has been returned: lend it again instead"}`)
	})
}

// Everybody sees that a book is on loan, but only the book's owner sees who has borrowed it.
func TestBookOnLoan(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		root := s.signedInAs("root@example.com", models.RoleAdmin)
		ids := s.addThreeBooks(ada.Token)
		l := s.lend(ada.Token, ids[1], `{"to":"bob@example.com","due":"`+s.day(3)+`"}`)
		toBob := fmt.Sprintf(`1 {"_id":%q,"to":"Ada Lovelace","due":%q}`, l.ID, s.day(3))
		for _, u := range []struct{ token, want string }{{ada.Token, toBob}, {bob.Token, "1 null"}, {root.Token, "1 null"}} {
			if got := s.bookLoans(u.token, ids[1]); got != u.want {
				s.Errorf("got %s, want %s", got, u.want)
			}
			if got := s.bookLoans(u.token, ids[0]); got != "0 null" {
				s.Errorf("a book that is not on loan: %s", got)
			}
			s.shelve(u.token, "cart", ids[1])
			one := normalJSON(s.TB, s.get("/books/"+ids[1], u.token).body)
			_, one, _ = strings.Cut(one, `"data":`)
			one, _, _ = strings.Cut(one, `,"message"`)
			for _, path := range []string{"/books/?scope=all", "/shelves/cart/books"} {
				if list := normalJSON(s.TB, s.get(path, u.token).body); !strings.Contains(list, one) {
					s.Errorf("%s does not have %s: %s", path, one, list)
				}
			}
		}
		s.returnLoan(ada.Token, l.ID)
		if got := s.bookLoans(ada.Token, ids[1]); got != "0 null" {
			s.Errorf("after the return: %s", got)
		}
	})
}

// Librarians may lend any book, and the audit log records each loan.
func TestLibrarianLends(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		lib, root := s.signedInAs("lib@example.com", models.RoleLibrarian), s.signedInAs("root@example.com", models.RoleAdmin)
		id := s.addBook(ada.Token, "Emma").ID
		l := s.lend(lib.Token, id, `{"to":"lib@example.com"}`)
		s.json("PATCH", "/loans/"+l.ID, lib.Token, `{"due":"9999-12-31"}`).wantStatus(http.StatusOK)
		s.json("POST", "/books/"+id+"/loans", lib.Token, `{"to":"ada@example.com"}`).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"to":"must not be the owner of the book"}}`)
		if got := s.loans("/books/"+id+"/loans", lib.Token); got != "Emma:open" {
			s.Errorf("the loans of the book are %s", got)
		}
		s.remind(lib.Token, l.ID).wantStatus(http.StatusAccepted)
		s.returnLoan(lib.Token, l.ID)
		if l.LenderID != ada.ID || s.loans("/loans", ada.Token) != "Emma:returned" || s.loans("/loans", lib.Token) != "" ||
			s.loans("/loans?direction=borrowed", lib.Token) != "Emma:returned" || s.loans("/loans", bob.Token) != "" {
			s.Errorf("the wrong people see %+v", l)
		}
		type entry struct {
			Action   string `json:"action"`
			Detail   string `json:"detail"`
			ActorID  string `json:"actor_id"`
			TargetID string `json:"target_id"`
		}
		var got []string
		for _, e := range data[[]entry](s.get("/audit", root.Token), "successfully retrieved the audit log") {
			if e.TargetID == id && e.ActorID == lib.ID {
				got = append(got, e.Action+":"+e.Detail)
			}
		}
		if want := "loan.change:return loan.change:remind loans.list: loan.change:due loan.change:lend"; strings.Join(got, " ") != want {
			s.Errorf("the audit log has %v, want %s", got, want)
		}
	})
}

const loanReminderSubject = "Please return your borrowed books"

func (s *testServer) remind(token, id string) answer {
	s.Helper()
	return s.do(call{method: "POST", path: "/loans/" + id + "/remind", token: token})
}

// A lender reminds a borrower who has an account. A borrower gets one mail a day, for all of their loans.
func TestRemindBorrower(t *testing.T) {
	eachEngineWith(t, map[string]string{"ACCESS_TOKEN_TTL": "72h"}, func(s *testServer) {
		ada, bob, eve := s.signedIn("ada@example.com"), s.signedIn("bob@example.com"), s.signedIn("eve@example.com")
		ids := s.addThreeBooks(ada.Token)
		first, second := s.lend(ada.Token, ids[0], `{"to":"bob@example.com"}`), s.lend(ada.Token, ids[1], `{"to":"bob@example.com"}`)
		third := s.lend(ada.Token, ids[2], `{"to":"eve@example.com"}`)
		got := data[loan](s.remind(ada.Token, first.ID).wantStatus(http.StatusAccepted), "the borrower will get a reminder by mail")
		if got.ID != first.ID || got.State != "open" {
			s.Errorf("the loan is %+v, want %+v", got, first)
		}
		s.nextMessage("bob@example.com", loanReminderSubject)
		s.clock.move(time.Hour)
		for _, id := range []string{first.ID, second.ID} {
			a := s.remind(ada.Token, id)
			a.wantHeader("Retry-After", "82800")
			a.want(http.StatusTooManyRequests, `{"message":"Too Many Requests",
				"data":null,"code":"reminded_already","error":"the borrower has got a reminder during the last day: wait until the day is over"}`)
		}
		s.remind(ada.Token, third.ID).wantStatus(http.StatusAccepted)
		s.nextMessage("eve@example.com", loanReminderSubject)
		s.clock.move(23 * time.Hour)
		s.remind(ada.Token, second.ID).wantStatus(http.StatusAccepted)
		s.nextMessage("bob@example.com", loanReminderSubject)
		for _, token := range []string{bob.Token, eve.Token} {
			s.remind(token, first.ID).wantCode(http.StatusNotFound, "not_found")
		}
	})
}

// Each reason why a borrower is not reminded is said.
func TestRemindNobody(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		named := s.lend(ada.Token, ids[0], `{"to":"Grace"}`)
		s.remind(ada.Token, named.ID).want(http.StatusConflict, `{"message":"Conflict","data":null,"code":"borrower_without_mail",
			"error":"the book is lent to a name and not to an account: remind the borrower yourself"}`)
		lent := s.lend(ada.Token, ids[1], `{"to":"bob@example.com"}`)
		s.do(call{method: "DELETE", path: "/users/", token: bob.Token}).wantStatus(http.StatusNoContent)
		s.remind(ada.Token, lent.ID).want(http.StatusConflict, `{"message":"Conflict","data":null,"code":"borrower_without_mail",
			"error":"the borrower's account is disabled, or its address is not confirmed: remind the borrower yourself"}`)
		s.returnLoan(ada.Token, lent.ID)
		s.remind(ada.Token, lent.ID).want(http.StatusConflict,
			`{"message":"Conflict","data":null,"error":"the book has been returned: there is nothing to remind of"}`)
		for _, id := range []string{"0123456789abcdef01234567", "1"} {
			s.remind(ada.Token, id).want(http.StatusNotFound, `{"message":"Loan not found","data":null,"error":"Not Found"}`)
		}
	})
}

// A reminder that cannot be queued does not count.
func TestRemindWithoutAnOutbox(t *testing.T) {
	s := newServer(t, nil)
	ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
	lent := s.lend(ada.Token, s.addBook(ada.Token, "Emma").ID, `{"to":"bob@example.com"}`)
	if err := s.services.Outbox.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.remind(ada.Token, lent.ID).wantCode(http.StatusServiceUnavailable, "unavailable")
	}
	s.remind(bob.Token, lent.ID).wantStatus(http.StatusNotFound)
}

// Deleting a book deletes its loans. Erasing an account deletes the loans of the account's own books. Loans to the
// account stay, and keep the borrower's name.
func TestLoansOfErasedAccounts(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		s.lend(ada.Token, ids[0], `{"to":"bob@example.com"}`)
		s.lend(ada.Token, ids[1], `{"to":"bob@example.com"}`)
		s.lend(bob.Token, s.addBook(bob.Token, "Persuasion").ID, `{"to":"ada@example.com"}`)
		s.do(call{method: "DELETE", path: "/books/" + ids[1], token: ada.Token}).wantStatus(http.StatusNoContent)
		if got := s.loans("/loans", ada.Token) + ", " + s.loans("/loans?direction=borrowed", bob.Token); got != "Emma:open, Emma:open" {
			s.Errorf("after a book was deleted: %s", got)
		}
		erase := "/users/?" + url.Values{"erase": {"true"}}.Encode()
		s.json("DELETE", erase, bob.Token, fmt.Sprintf(`{"password":%q}`, password)).wantStatus(http.StatusNoContent)
		if got := s.loans("/loans?direction=borrowed", ada.Token); got != "" {
			s.Errorf("loans of an erased lender: %s", got)
		}
		list := data[[]loan](s.get("/loans", ada.Token), "successfully retrieved all loans")
		if len(list) != 1 || list[0].BorrowerID != nil || list[0].To != "Ada Lovelace" { // all accounts of the tests have this name
			s.Errorf("a loan to an erased borrower: %+v", list)
		}
	})
}
