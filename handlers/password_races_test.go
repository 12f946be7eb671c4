package handlers

import (
	"net/http"
	"sync"
	"testing"

	"bookplate/models"
)

// whileHashing returns another server with the store of s. It calls the function happens once, before it hashes or
// verifies its first password.
func (s *testServer) whileHashing(happens func()) *testServer {
	s.Helper()
	other := *s
	other.services.Hasher = hookedHasher{s.services.Hasher, sync.OnceFunc(happens)}
	other.start()
	return &other
}

// A log-in replaces an outdated password hash. If the password changes during the log-in, the new password's hash is
// kept, and the log-in gets no session.
func TestRenewedHashAndNewPassword(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		u := models.User{
			ID: models.NewID(s.clock.now()), Name: "Old Account", Email: "ada@example.com", Active: true, Role: models.RoleUser,
			PasswordHash: "pbkdf2:sha256:1000$salt$" + pbkdf2Hex(t, password, "salt", 1000),
		}
		if err := s.services.Store.Users().Create(s.Context(), u); err != nil {
			s.Fatal(err)
		}
		link := s.requestReset("ada@example.com")
		s.whileHashing(func() { s.reset(link, otherPassword).want(http.StatusOK, resetDoneJSON) }).
			wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		ada := s.loginWith("ada@example.com", otherPassword)
		if all := s.sessions(ada.Token, ""); len(all) != 1 {
			s.Errorf("the sessions are %+v, want one", all)
		}
	})
}

// If a password reset happens during a request to change the password, the request is rejected: the reset has ended its
// session. The sessions that begin after the reset are not ended.
func TestNewPasswordAndReset(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		link := s.requestReset("ada@example.com")
		var owner user
		s.whileHashing(func() {
			s.reset(link, otherPassword).want(http.StatusOK, resetDoneJSON)
			owner = s.loginWith("ada@example.com", otherPassword)
		}).
			json("PUT", "/users/password", thief.Token, `{"old_password":"Abc@123","new_password":"Third@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"old_password":"is not your password"}}`)
		s.wantLogin("ada@example.com", "Third@123", http.StatusNotFound)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.profile(owner.Token)
		s.wantSessionEnded(thief.tokens)
	})
}

// If a password reset happens during a request to change the e-mail address, which has the old password, no
// confirmation link is sent.
func TestNewAddressAndReset(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		link := s.requestReset("ada@example.com")
		s.whileHashing(func() { s.reset(link, otherPassword).want(http.StatusOK, resetDoneJSON) }).
			json("PUT", "/users/email", thief.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"password":"is not your password"}}`)
		s.nextMessage("ada@example.com", passwordChangedSubject)
		s.wantNoMessage()
		s.wantNoLinks(thief.ID)
	})
}

// If a password reset happens during a request to erase the account, which has the old password, the account is not
// erased.
func TestErasureAndReset(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		link := s.requestReset("ada@example.com")
		s.whileHashing(func() { s.reset(link, otherPassword).want(http.StatusOK, resetDoneJSON) }).
			json("DELETE", "/users/?erase=true", thief.Token, `{"password":"Abc@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"password":"is not your password"}}`)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
	})
}

// If an account is erased during its request to change the e-mail address, no confirmation link is sent.
func TestNewAddressAndErasure(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.whileHashing(func() {
			s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
		}).
			json("PUT", "/users/email", ada.Token, `{"email":"new@example.com","password":"Abc@123"}`).
			wantInvalidToken("The token is malformed, forged or revoked")
		s.wantNoMessage()
		s.wantNoLinks(ada.ID)
	})
}

// wantNoLinks checks that an account has no mailed links that are still valid.
func (s *testServer) wantNoLinks(id string) {
	s.Helper()
	if n, err := s.services.Store.OneTimeTokens().DeleteAll(s.Context(), models.ID(id)); err != nil || n > 0 {
		s.Errorf("%d links, error %v", n, err)
	}
}
