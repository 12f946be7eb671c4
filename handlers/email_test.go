package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/mail"
)

const emailChanged = `{"message":"Your account has this e-mail address now","data":null}`

// askEmail asks for another address and returns the token that was sent there.
func (s *testServer) askEmail(token, from, to string) string {
	s.Helper()
	s.json("PUT", "/users/email", token, `{"email":"`+to+`","password":"Abc@123","role":"admin","active":false}`).
		want(http.StatusAccepted,
			`{"message":"Open the link that was sent to the new address; nothing changes before","data":null}`)
	s.message(from, emailAskedSubject)
	return s.token(to, newEmailSubject)
}

func TestChangeEmail(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		old := s.askReset("ada@example.com")
		before := s.profile(ada.Token)
		token := s.askEmail(ada.Token, "ada@example.com", "Countess@example.com")
		if after := s.profile(ada.Token); after != before {
			s.Errorf("asking changed the account to %+v", after)
		}
		s.get("/users/email/"+token, "").want(http.StatusOK, emailChanged)
		before.Email = "Countess@example.com"
		if after := s.profile(ada.Token); after != before {
			s.Errorf("profile %+v, want %+v", after, before)
		}
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("countess@example.com", password, http.StatusOK)
		s.get("/users/email/"+token, "").want(http.StatusNotFound, deadLinkJSON)
		s.reset(old, otherPassword).want(http.StatusNotFound, deadLinkJSON) // it proved the old address
		s.message("ada@example.com", emailChangedSubject)
		s.wantNoMessage()
		s.signUp("ada@example.com") // the old address is free
	})
}

// A user name that is the account's address goes along with it; any other stays.
func TestChangeEmailThatIsTheUsername(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		for before, after := range map[string]string{"Ada@example.com": "new@example.com", "ada": "ada"} {
			s.register(before, "ada@example.com")
			ada := s.login("ada@example.com")
			link := s.askEmail(ada.Token, "ada@example.com", "new@example.com")
			s.get("/users/email/"+link, "").want(http.StatusOK, emailChanged)
			s.message("ada@example.com", emailChangedSubject)
			if got := s.profile(ada.Token).Username; got != after {
				s.Errorf("%s is %s, want %s", before, got, after)
			}
			s.tutorialToken(after, password)
			s.do(call{method: "DELETE", path: "/users/", token: ada.Token}).wantStatus(http.StatusNoContent)
		}
	})
}

// An address that the account loses while it takes it for its user name does not become that: it may be another's now.
func TestUsernameWhileTheAddressChanges(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		link := s.askEmail(ada.Token, "ada@example.com", "new@example.com")
		s.hook(func() { s.get("/users/email/"+link, "").wantStatus(http.StatusOK) }, nil).
			json("PATCH", "/users/", ada.Token, `{"username":"ada@example.com"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,`+
				`"error":{"username":"must not have an @, unless it is your own e-mail address"}}`)
		if got := s.profile(ada.Token); got.Username != "" || got.Email != "new@example.com" {
			s.Errorf("the account is %+v", got)
		}
	})
}

// That an address is taken is told to its owner alone, when the link is opened.
func TestChangeEmailToAnothers(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		token := s.askEmail(eve.Token, "eve@example.com", "ADA@example.com")
		a := s.get("/users/email/"+token, "")
		if got := s.profile(eve.Token).Email; got != "eve@example.com" {
			s.Errorf("the address is %s", got)
		}
		s.profile(ada.Token)
		s.wantLogin("ada@example.com", password, http.StatusOK)
		a.want(http.StatusConflict, `{"message":"This address belongs to another account","data":null,"error":"Conflict"}`)
	})
}

func TestChangeEmailRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		const address = "must be an e-mail address such as ada@example.com"
		for body, wrong := range map[string]string{
			``:                            `{"email":"is required","password":"is required"}`,
			`{"email":"new@example.com"}`: `{"password":"is required"}`,
			`{"email":"new@example.com","password":"Abc@1234"}`:            `{"password":"is not your password"}`,
			`{"email":"ada@example.com","password":"Abc@123"}`:             `{"email":"is your address already"}`,
			`{"email":"new","password":"Abc@123"}`:                         `{"email":"` + address + `"}`,
			`{"email":"N <new@example.com>","password":"Abc@123"}`:         `{"email":"` + address + `"}`,
			`{"email":{"$gt":""},"password":"Abc@123"}`:                    `{"email":"must be text"}`,
			`{"email":"new@example.com\nBcc: x@y.z","password":"Abc@123"}`: `{"email":"` + address + `"}`,
		} {
			s.json("PUT", "/users/email", ada.Token, body).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":`+wrong+`}`)
		}
		token := s.askEmail(ada.Token, "ada@example.com", "new@example.com")
		for _, dead := range []string{token[:42], strings.ToLower(token), s.askReset("ada@example.com")} {
			s.get("/users/email/"+dead, "").want(http.StatusNotFound, deadLinkJSON)
		}
		s.clock.move(24*time.Hour - time.Second)
		stale := s.askEmail(s.login("ada@example.com").Token, "ada@example.com", "third@example.com")
		s.clock.move(time.Second)
		s.get("/users/email/"+token, "").want(http.StatusNotFound, deadLinkJSON)
		again := s.login("ada@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: again.Token}).wantStatus(http.StatusNoContent)
		s.get("/users/email/"+stale, "").want(http.StatusNotFound, deadLinkJSON) // the account is disabled
	})
}

// No message has a word that a client chose, so that nobody can have us send theirs.
func TestMailsCarryNoWordsOfClients(t *testing.T) {
	s := newServer(t, activationOn)
	const lure = "Visit evil.example.com"
	s.json("POST", "/users/", "", `{"name":"`+lure+`","email":"ada@example.com","password":"Abc@123"}`).
		wantStatus(http.StatusCreated)
	if m := s.message("ada@example.com", activationSubject); strings.Contains(m.Subject+m.Text, "evil") {
		t.Errorf("the message has a client's words: %s", m.Text)
	}
}

// Tokens are neither in the log nor in the database, links in mails being what they are.
func TestTokensAreKeptNowhere(t *testing.T) {
	s := newServer(t, activationOn)
	s.signUp("ada@example.com")
	activation := s.token("ada@example.com", activationSubject)
	s.get("/users/activate/"+activation, "").wantStatus(http.StatusOK)
	ada := s.login("ada@example.com")
	reset := s.askReset("ada@example.com")
	email := s.askEmail(ada.Token, "ada@example.com", "new@example.com")
	s.do(call{method: "GET", path: "/users/password/reset/" + reset, header: map[string]string{"Accept": "text/html"}})
	for _, token := range []string{activation, reset, email} {
		if strings.Contains(s.log.String(), token) {
			t.Errorf("the log has the token %s", token)
		}
		if found := s.filesWith(token); len(found) > 0 {
			t.Errorf("the token is in %v", found)
		}
	}
	if found := s.filesWith("ada@example.com"); len(found) == 0 {
		t.Error("the address is in no file: this test sees nothing")
	}
}

// Whoever is signed in with a stolen token and knows the password cannot keep the owner from choosing another one.
func TestThiefCannotStopTheReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		for i := range 5 {
			s.askEmail(thief.Token, "ada@example.com", fmt.Sprintf("thief%d@example.com", i))
		}
		s.json("PUT", "/users/email", thief.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "600")
		s.reset(s.askReset("ada@example.com"), otherPassword).want(http.StatusOK, wasReset)
		s.wantOver(thief.tokens)
	})
}

// heldMailbox holds every message until it is released.
type heldMailbox struct {
	*mailbox
	came    chan struct{} // takes one for each message
	release chan struct{}
}

func (b heldMailbox) Send(ctx context.Context, m mail.Message) error {
	b.came <- struct{}{}
	<-b.release
	return b.mailbox.Send(ctx, m)
}

// A link that waits to be sent while the password changes is dead when it comes.
func TestLinkThatWaitsWhileThePasswordChanges(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		s.signUp("eve@example.com")
		reset := s.askReset("ada@example.com")
		held := heldMailbox{s.mailbox, make(chan struct{}, 9), make(chan struct{})}
		s.services.Outbox = mail.NewOutbox(held, s.services.Log)
		s.start()
		for range 2 { // as many as are sent at a time
			s.json("POST", "/users/password/forgot", "", `{"email":"eve@example.com"}`).wantStatus(http.StatusAccepted)
			<-held.came
		}
		s.json("PUT", "/users/email", thief.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusAccepted)
		s.reset(reset, otherPassword).want(http.StatusOK, wasReset)
		close(held.release)
		s.get("/users/email/"+s.token("thief@example.com", newEmailSubject), "").want(http.StatusNotFound, deadLinkJSON)
		if err := s.services.Outbox.Close(); err != nil {
			s.Error(err)
		}
	})
}

// However many accounts ask to move to an address, it gets five links: its owner may have no account.
func TestNewAddressIsNotFlooded(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		const body = `{"email":%q,"password":"Abc@123"}`
		for i := range 6 {
			from := fmt.Sprintf("eve%d@example.com", i)
			eve := s.signedIn(from)
			if i < 5 {
				s.askEmail(eve.Token, from, "ada@example.com")
				continue
			}
			s.json("PUT", "/users/email", eve.Token, fmt.Sprintf(body, "ADA@example.com")).
				wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "600")
			s.askEmail(eve.Token, from, "eve@example.com")
		}
		s.wantNoMessage()
	})
}
