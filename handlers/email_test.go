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

const emailChangedJSON = `{"message":"Your account has this e-mail address now","data":null}`

// requestEmail requests a change of the account's address from one address to another. It returns the token that was
// mailed to the new address.
func (s *testServer) requestEmail(token, from, to string) string {
	s.Helper()
	s.json("PUT", "/users/email", token, `{"email":"`+to+`","password":"Abc@123","role":"admin","active":false}`).
		want(http.StatusAccepted,
			`{"message":"Open the link that was sent to the new address; nothing changes before","data":null}`)
	s.nextMessage(from, emailRequestedSubject)
	return s.linkToken(to, newEmailSubject)
}

func TestChangeEmail(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		old := s.requestReset("ada@example.com")
		before := s.profile(ada.Token)
		token := s.requestEmail(ada.Token, "ada@example.com", "Countess@example.com")
		if after := s.profile(ada.Token); after != before {
			s.Errorf("the request changed the account to %+v", after)
		}
		s.get("/users/email/"+token, "").want(http.StatusOK, emailChangedJSON)
		before.Email = "Countess@example.com"
		if after := s.profile(ada.Token); after != before {
			s.Errorf("profile %+v, want %+v", after, before)
		}
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("countess@example.com", password, http.StatusOK)
		s.get("/users/email/"+token, "").want(http.StatusNotFound, deadLinkJSON)
		s.reset(old, otherPassword).want(http.StatusNotFound, deadLinkJSON) // the link was sent to the old address
		s.nextMessage("ada@example.com", emailChangedSubject)
		s.wantNoMessage()
		s.signUp("ada@example.com") // the old address is available
	})
}

// A user name that equals the account's address changes together with the address. Any other user name stays.
func TestChangeEmailThatIsTheUsername(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		for before, after := range map[string]string{"Ada@example.com": "new@example.com", "ada": "ada"} {
			s.register(before, "ada@example.com")
			ada := s.login("ada@example.com")
			link := s.requestEmail(ada.Token, "ada@example.com", "new@example.com")
			s.get("/users/email/"+link, "").want(http.StatusOK, emailChangedJSON)
			s.nextMessage("ada@example.com", emailChangedSubject)
			if got := s.profile(ada.Token).Username; got != after {
				s.Errorf("%s is %s, want %s", before, got, after)
			}
			s.tutorialToken(after, password)
			s.do(call{method: "DELETE", path: "/users/", token: ada.Token}).wantStatus(http.StatusNoContent)
		}
	})
}

// A user name may be the account's own address. If the address changes during the request that sets the user name, the
// request is rejected, because another account could take the old address.
func TestUsernameWhileTheAddressChanges(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		link := s.requestEmail(ada.Token, "ada@example.com", "new@example.com")
		s.withHook(func() { s.get("/users/email/"+link, "").wantStatus(http.StatusOK) }, nil).
			json("PATCH", "/users/", ada.Token, `{"username":"ada@example.com"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,`+
				`"error":{"username":"must not have an @, unless it is your own e-mail address"}}`)
		if got := s.profile(ada.Token); got.Username != "" || got.Email != "new@example.com" {
			s.Errorf("the account is %+v", got)
		}
	})
}

// A client learns that an address is taken only by opening the link that was mailed to the address. So only the owner
// of the address can learn it.
func TestChangeToTakenEmail(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		token := s.requestEmail(eve.Token, "eve@example.com", "ADA@example.com")
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
		token := s.requestEmail(ada.Token, "ada@example.com", "new@example.com")
		for _, dead := range []string{token[:42], strings.ToLower(token), s.requestReset("ada@example.com")} {
			s.get("/users/email/"+dead, "").want(http.StatusNotFound, deadLinkJSON)
		}
		s.clock.move(24*time.Hour - time.Second)
		stale := s.requestEmail(s.login("ada@example.com").Token, "ada@example.com", "third@example.com")
		s.clock.move(time.Second)
		s.get("/users/email/"+token, "").want(http.StatusNotFound, deadLinkJSON)
		again := s.login("ada@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: again.Token}).wantStatus(http.StatusNoContent)
		s.get("/users/email/"+stale, "").want(http.StatusNotFound, deadLinkJSON) // rejected because the account is disabled
	})
}

// Mails contain no text that a client chose, so nobody can send spam with them.
func TestMailsHaveNoClientText(t *testing.T) {
	s := newServer(t, activationOn)
	const lure = "Visit evil.example.com"
	s.json("POST", "/users/", "", `{"name":"`+lure+`","email":"ada@example.com","password":"Abc@123"}`).
		wantStatus(http.StatusCreated)
	if m := s.nextMessage("ada@example.com", activationSubject); strings.Contains(m.Subject+m.Text, "evil") {
		t.Errorf("the message has a client's words: %s", m.Text)
	}
}

// The tokens in mailed links are neither in the log nor in the database.
func TestTokensAreNotStored(t *testing.T) {
	s := newServer(t, activationOn)
	s.signUp("ada@example.com")
	activation := s.linkToken("ada@example.com", activationSubject)
	s.get("/users/activate/"+activation, "").wantStatus(http.StatusOK)
	ada := s.login("ada@example.com")
	reset := s.requestReset("ada@example.com")
	email := s.requestEmail(ada.Token, "ada@example.com", "new@example.com")
	s.do(call{method: "GET", path: "/users/password/reset/" + reset, header: map[string]string{"Accept": "text/html"}})
	for _, token := range []string{activation, reset, email} {
		if strings.Contains(s.log.String(), token) {
			t.Errorf("the log has the token %s", token)
		}
		if found := s.filesContaining(token); len(found) > 0 {
			t.Errorf("the token is in %v", found)
		}
	}
	if found := s.filesContaining("ada@example.com"); len(found) == 0 {
		t.Error("the address is in no file: the search does not work")
	}
}

// A thief who has a token and the password cannot block the owner's password reset.
func TestThiefCannotStopTheReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		for i := range 5 {
			s.requestEmail(thief.Token, "ada@example.com", fmt.Sprintf("thief%d@example.com", i))
		}
		s.json("PUT", "/users/email", thief.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "600")
		s.reset(s.requestReset("ada@example.com"), otherPassword).want(http.StatusOK, resetDoneJSON)
		s.wantSessionEnded(thief.tokens)
	})
}

// heldMailbox delivers no messages until release is closed.
type heldMailbox struct {
	*mailbox
	received chan struct{} // receives one value for each message
	release  chan struct{}
}

func (b heldMailbox) Send(ctx context.Context, m mail.Message) error {
	b.received <- struct{}{}
	<-b.release
	return b.mailbox.Send(ctx, m)
}

// If the password changes while a mail with a link waits in the outbox, the link is invalid when the mail arrives.
func TestLinkThatWaitsWhileThePasswordChanges(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		s.signUp("eve@example.com")
		reset := s.requestReset("ada@example.com")
		held := heldMailbox{s.mailbox, make(chan struct{}, 9), make(chan struct{})}
		s.services.Outbox = mail.NewOutbox(held, s.services.Log)
		s.start()
		for range 2 { // as many as the outbox sends at a time
			s.json("POST", "/users/password/forgot", "", `{"email":"eve@example.com"}`).wantStatus(http.StatusAccepted)
			<-held.received
		}
		s.json("PUT", "/users/email", thief.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusAccepted)
		s.reset(reset, otherPassword).want(http.StatusOK, resetDoneJSON)
		close(held.release)
		s.get("/users/email/"+s.linkToken("thief@example.com", newEmailSubject), "").want(http.StatusNotFound, deadLinkJSON)
		if err := s.services.Outbox.Close(); err != nil {
			s.Error(err)
		}
	})
}

// An address gets at most five confirmation links, even if many accounts request them.
func TestNewAddressIsNotFlooded(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		const body = `{"email":%q,"password":"Abc@123"}`
		for i := range 6 {
			from := fmt.Sprintf("eve%d@example.com", i)
			eve := s.signedIn(from)
			if i < 5 {
				s.requestEmail(eve.Token, from, "ada@example.com")
				continue
			}
			s.json("PUT", "/users/email", eve.Token, fmt.Sprintf(body, "ADA@example.com")).
				wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "600")
			s.requestEmail(eve.Token, from, "eve@example.com")
		}
		s.wantNoMessage()
	})
}
