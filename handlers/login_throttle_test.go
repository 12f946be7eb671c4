package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

const right, wrong = password, "Abc@124"

// eachEngineBehindProxy is like eachEngineWith, with servers that trust X-Forwarded-For.
func eachEngineBehindProxy(t *testing.T, env map[string]string, test func(s *testServer)) {
	t.Helper()
	settings := map[string]string{"TRUSTED_PROXIES": "127.0.0.1"}
	maps.Copy(settings, env)
	eachEngineWith(t, settings, test)
}

// loginFrom tries to log in from an IP address.
func (s *testServer) loginFrom(ip, email, password string) answer {
	s.Helper()
	return s.do(call{
		method: "POST", path: "/users/login", contentType: "application/json",
		header: map[string]string{"X-Forwarded-For": ip}, body: fmt.Sprintf(`{"email":%q,"password":%q}`, email, password),
	})
}

// countStatuses makes n concurrent requests and returns how many answers have each status.
func countStatuses(n int, do func(i int) answer) map[int]int {
	statuses := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			a := do(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[a.status]++
		})
	}
	all.Wait()
	return statuses
}

// Concurrent failed log-ins cannot exceed the limit for one account.
func TestGuessesAtOnce(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		s.signUp("ada@example.com")
		statuses := countStatuses(50, func(int) answer { return s.loginFrom("192.0.2.1", "ada@example.com", wrong) })
		if statuses[http.StatusNotFound] != 10 || statuses[http.StatusTooManyRequests] != 40 {
			s.Errorf("statuses %v, want 404 ten times and 429 for the rest", statuses)
		}
		s.loginFrom("192.0.2.2", "ada@example.com", right).wantStatus(http.StatusOK) // from another network
	})
}

// All copies of the server share the counts of failed log-ins.
func TestCopiesShareThrottles(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		for i := range 10 {
			if i == 5 {
				s.start() // another copy, with nothing in memory
			}
			s.loginFrom("192.0.2.1", "ada@example.com", wrong).wantStatus(http.StatusNotFound)
		}
		s.start()
		s.loginFrom("192.0.2.1", "ADA@example.com", wrong).wantStatus(http.StatusTooManyRequests)
	})
}

// If the clock is set back by a year, nobody has to wait for longer than the period of the limit.
func TestClockSetBack(t *testing.T) {
	eachEngineBehindProxy(t, map[string]string{"SIGNUP_LIMIT": "2/1h"}, func(s *testServer) {
		const year = 365 * 24 * time.Hour
		s.clock.move(year)
		s.signUp("ada@example.com")
		s.signUp("bob@example.com")
		for range 10 {
			s.loginFrom("192.0.2.1", "ada@example.com", wrong).wantStatus(http.StatusNotFound)
		}
		s.clock.move(-year)
		a := s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusTooManyRequests)
		a.wantHeader("Retry-After", "10")
		s.clock.move(10 * time.Second)
		s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusOK)
		signUp := func() answer {
			return s.json("POST", "/users/", "", `{"name":"Eve Mallory","email":"eve@example.com","password":"Abc@123"}`)
		}
		signUp().wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "1800")
		s.clock.move(30 * time.Minute)
		signUp().wantStatus(http.StatusCreated)
	})
}

// If an attacker tries one password on many accounts, log-ins from the attacker's network have to wait, except to
// accounts that have logged in from that network before.
func TestSprayFromANetwork(t *testing.T) {
	eachEngineBehindProxy(t, map[string]string{"NETWORK_LIMIT": "20/20s"}, func(s *testServer) {
		s.signUp("ada@example.com")
		s.signUp("bob@example.com")
		s.loginFrom("2001:db8:1:2:ffff::9", "ada@example.com", right).wantStatus(http.StatusOK)
		for i := range 20 { // each from another address in the same /64
			s.loginFrom(fmt.Sprintf("2001:db8:1:2::%x", i), fmt.Sprintf("user%d@example.com", i), wrong).wantStatus(http.StatusNotFound)
		}
		a := s.loginFrom("2001:db8:1:2::ffff", "bob@example.com", right).wantStatus(http.StatusTooManyRequests)
		a.wantHeader("Retry-After", "1")
		s.loginFrom("2001:db8:1:2::ffff", "ada@example.com", right).wantStatus(http.StatusOK)
		s.loginFrom("2001:db8:1:3::1", "bob@example.com", right).wantStatus(http.StatusOK)
		s.clock.move(time.Second)
		s.loginFrom("2001:db8:1:2::ffff", "bob@example.com", right).wantStatus(http.StatusOK)
	})
}

// failFromNetworks makes one failed log-in from each of n networks.
func (s *testServer) failFromNetworks(email string, n int) {
	s.Helper()
	for i := range n {
		s.loginFrom(fmt.Sprintf("198.51.%d.%d", i/250, i%250), email, wrong).wantStatus(http.StatusNotFound)
	}
}

// After a hundred failed log-ins from many networks, each further failure doubles the wait for the account, up to an
// hour. Its owner does not have to wait in networks from which they have logged in before.
func TestGuessingFromEverywhere(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		s.signUp("ada@example.com")
		s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusOK)
		s.failFromNetworks("ada@example.com", 100)
		for i, delay := range []int{30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
			from := fmt.Sprintf("203.0.113.%d", i)
			s.loginFrom(from, "ada@example.com", right).wantStatus(http.StatusTooManyRequests).
				wantHeader("Retry-After", fmt.Sprint(delay))
			s.clock.move(time.Duration(delay) * time.Second)
			s.loginFrom(from, "ada@example.com", wrong).wantStatus(http.StatusNotFound)
		}
		s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusOK) // resets the count
		s.loginFrom("203.0.113.200", "ada@example.com", right).wantStatus(http.StatusOK)
	})
}

// The owner of an account under attack can log in from an unknown network after the wait.
func TestUnknownNetworkWaitsButIsLetIn(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		s.signUp("ada@example.com")
		s.failFromNetworks("ada@example.com", 100)
		s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusTooManyRequests)
		s.clock.move(30 * time.Second)
		s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusOK)
		s.loginFrom("203.0.113.9", "ada@example.com", wrong).wantStatus(http.StatusNotFound) // the count was reset
	})
}

// A password reset ends the wait for the account in every network. Failed log-ins to other accounts still count.
func TestResetEndsTheWait(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		s.signUp("ada@example.com")
		token := s.requestReset("ada@example.com")
		s.failFromNetworks("ada@example.com", 100)
		for range 10 {
			s.loginFrom("203.0.113.9", "eve@example.com", wrong).wantStatus(http.StatusNotFound)
		}
		s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusTooManyRequests)
		s.reset(token, otherPassword).want(http.StatusOK, resetDoneJSON)
		s.loginFrom("192.0.2.1", "ada@example.com", otherPassword).wantStatus(http.StatusOK)
		s.loginFrom("203.0.113.9", "eve@example.com", wrong).wantStatus(http.StatusTooManyRequests)
	})
}

// Failed log-ins to an account share one count, whether the client sends the user name or the e-mail address. The
// account's id is not one of its names, so log-ins with it are counted apart.
func TestNamesOfAnAccountShareOneCount(t *testing.T) {
	eachEngineBehindProxy(t, map[string]string{"LOGIN_LIMIT": "3/1h"}, func(s *testServer) {
		u := data[user](s.json("POST", "/users/", "",
			`{"name":"Ada Lovelace","email":"ada@example.com","password":"Abc@123","username":"Countess"}`), "Successfully created new user")
		try := func(name string) answer {
			return s.json("POST", "/login", "", fmt.Sprintf(`{"username":%q,"password":%q}`, name, wrong))
		}
		for _, name := range []string{u.ID, "countess", "COUNTESS", "Ada@example.com"} {
			try(name).wantStatus(http.StatusUnauthorized)
		}
		try("Countess").wantStatus(http.StatusTooManyRequests)
		try(u.ID).wantStatus(http.StatusUnauthorized)
	})
}

// Log-ins to accounts that do not exist are throttled too, so that throttling does not reveal which accounts exist.
func TestUnknownAccountsAreThrottled(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		s.failFromNetworks("nobody@example.com", 100)
		s.loginFrom("203.0.113.9", "nobody@example.com", wrong).wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "30")
	})
}

// Each failed log-in stores at most three tallies, which are the counts of limits, and all of them expire.
func TestSprayIsForgotten(t *testing.T) {
	eachEngineBehindProxy(t, nil, func(s *testServer) {
		const n = 60
		for i := range n {
			s.loginFrom(fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("user%d@example.com", i), wrong).wantStatus(http.StatusNotFound)
		}
		s.loginFrom("198.51.100.1", strings.Repeat("a", 200_000)+"@example.com", wrong).wantStatus(http.StatusNotFound)
		tallies := s.services.Store.Throttles()
		total := int64(0)
		for _, after := range []time.Duration{2 * time.Second, time.Minute, time.Hour} {
			s.clock.move(after)
			removed, err := tallies.DeleteExpired(s.Context(), s.clock.now())
			if err != nil {
				s.Fatal(err)
			}
			total += removed
		}
		rest, err := tallies.DeleteExpired(s.Context(), s.clock.now().AddDate(1, 0, 0))
		if err != nil || total > 3*(n+1) || total < n || rest != 0 {
			s.Errorf("%d tallies for %d failures, and %d left after an hour (%v)", total, n+1, rest, err)
		}
	})
}

func TestSignUpLimit(t *testing.T) {
	eachEngineBehindProxy(t, map[string]string{"SIGNUP_LIMIT": "5/50s"}, func(s *testServer) {
		signUp := func(ip string, i int) answer {
			return s.do(call{
				method: "POST", path: "/users/", contentType: "application/json", header: map[string]string{"X-Forwarded-For": ip},
				body: fmt.Sprintf(`{"name":"Ada Lovelace","email":"user%d@example.com","password":%q}`, i, right),
			})
		}
		statuses := countStatuses(12, func(i int) answer { return signUp("192.0.2.1", i) })
		if statuses[http.StatusCreated] != 5 || statuses[http.StatusTooManyRequests] != 7 {
			s.Errorf("statuses %v, want 201 five times and 429 for the rest", statuses)
		}
		a := signUp("192.0.2.1", 20)
		a.want(http.StatusTooManyRequests,
			`{"message":"Too Many Requests","data":null,"error":"too many requests of this kind; try again later"}`)
		a.wantHeader("Retry-After", "10")
		signUp("192.0.2.2", 21).wantStatus(http.StatusCreated)
		s.clock.move(10 * time.Second)
		signUp("192.0.2.1", 22).wantStatus(http.StatusCreated)
	})
}

// brokenThrottles is a models.Throttles whose Change fails, so that nothing can be counted.
type brokenThrottles struct{ models.Throttles }

var errThrottlesGone = &models.Error{Code: models.Unavailable, Err: errors.New("gone")}

func (brokenThrottles) Change(context.Context, string, func(models.Tally) models.Tally) error {
	return errThrottlesGone
}

// brokenThrottleStore is a store that has brokenThrottles.
type brokenThrottleStore struct{ models.Store }

func (s brokenThrottleStore) Throttles() models.Throttles {
	return brokenThrottles{s.Store.Throttles()}
}

// If failed log-ins cannot be counted, log-ins with a wrong password are answered with an error.
func TestLoginWithoutThrottles(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	s.services.Store = brokenThrottleStore{s.services.Store}
	s.start()
	s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@124"}`).wantStatus(http.StatusServiceUnavailable)
	s.json("POST", "/users/", "", `{"name":"Eve Mallory","email":"eve@example.com","password":"Abc@123"}`).wantStatus(http.StatusServiceUnavailable)
	s.login("ada@example.com") // a success needs no count
}

// failregexes returns the fail2ban filters of docs/security.md: one for the text log and one for the JSON log. In both,
// <HOST> is replaced by a pattern for addresses.
func failregexes(t *testing.T) (text, json *regexp.Regexp) {
	t.Helper()
	doc, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^    failregex = (.*)$`).FindAllStringSubmatch(string(doc), -1)
	if len(lines) != 2 {
		t.Fatalf("docs/security.md has %d filters, want 2", len(lines))
	}
	compile := func(line []string) *regexp.Regexp {
		return regexp.MustCompile("(?m)" + strings.ReplaceAll(line[1], "<HOST>", `([0-9a-f.:]+)`))
	}
	return compile(lines[0]), compile(lines[1])
}

// Each failed log-in writes one line to the log. The line has the IP address, and nothing else that the client sent.
func TestLogOfFailedLogins(t *testing.T) {
	asText, asJSON := failregexes(t)
	eachEngineBehindProxy(t, map[string]string{"LOGIN_LIMIT": "2/20s"}, func(s *testServer) {
		var text safeBuffer
		ada := s.signUp("ada@example.com")
		for _, log := range []*slog.Logger{s.services.Log, slog.New(slog.NewTextHandler(&text, nil))} {
			s.services.Log = log
			s.start()
			s.loginFrom("192.0.2.1", "ada@example.com", right).wantStatus(http.StatusOK)
			s.loginFrom("192.0.2.2", "ada@example.com", wrong).wantStatus(http.StatusNotFound)
			s.loginFrom("2001:db8::1", `" level=WARN msg="login failed" ip=6.6.6.6 Hunter2!"@example.com`, "Hunter3!").wantStatus(http.StatusNotFound)
			s.loginFrom("192.0.2.2", "ada@example.com", wrong).wantStatus(http.StatusNotFound)
			s.loginFrom("192.0.2.2", "ada@example.com", right).wantStatus(http.StatusTooManyRequests)
			s.clock.move(time.Hour)
		}
		s.wantFailures(s.log.String(), asJSON)
		s.wantFailures(text.String(), asText)
		for _, want := range []string{`"reason":"credentials","user":"` + ada.ID + `"`, `"reason":"credentials","user":""`, `"reason":"throttled","user":"` + ada.ID + `"`} {
			if !strings.Contains(s.log.String(), want) {
				s.Errorf("the log does not have %s", want)
			}
		}
	})
}

// Each successful log-in, on any route, writes one line to the log, with the id of the new session.
func TestLogOfLogins(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signUp("ada@example.com")
		for _, path := range []string{"/users/login", "/login", "/auth", "/v1/user/login/"} {
			a := s.json("POST", path, "", `{"email":"ada@example.com","username":"ada@example.com","password":"Abc@123"}`)
			a.wantStatus(http.StatusOK)
			current := s.latestSession(ada.ID)
			s.wantLogged(fmt.Sprintf(`"level":"INFO","msg":"logged in","ip":"127.0.0.1","user":%q,"session":%q,"id":%q}`,
				ada.ID, current.ID, a.header.Get("X-Request-Id")))
		}
		s.wantLogin("ada@example.com", wrong, http.StatusNotFound)
		if n := strings.Count(s.log.String(), `"msg":"logged in"`); n != 4 {
			s.Errorf("%d lines for 4 log-ins", n)
		}
	})
}

// latestSession returns the newest session of an account.
func (s *testServer) latestSession(id string) models.Session {
	s.Helper()
	f := models.SessionFilter{UserID: models.ID(id), At: s.clock.now(), Limit: 1}
	latest, err := s.services.Store.Sessions().List(s.Context(), f)
	if err != nil || len(latest) != 1 {
		s.Fatalf("%d sessions, error %v", len(latest), err)
	}
	return latest[0]
}

// wantFailures checks the IP addresses that a fail2ban filter finds in a log. It also checks that the log has no
// password, name or e-mail address that a client sent.
func (s *testServer) wantFailures(log string, filter *regexp.Regexp) {
	s.Helper()
	var got []string
	for _, match := range filter.FindAllStringSubmatch(log, -1) {
		got = append(got, match[1])
	}
	if want := "192.0.2.2 2001:db8::1 192.0.2.2 192.0.2.2"; strings.Join(got, " ") != want {
		s.Errorf("failures from %v, want %s", got, want)
	}
	for _, secret := range []string{wrong, right, "Hunter", "ada@example.com"} {
		if strings.Contains(log, secret) {
			s.Errorf("the log has %q", secret)
		}
	}
}
