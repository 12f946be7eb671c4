package handlers

import (
	"net/http"
	"sync"
	"testing"

	"bookplate/models"
)

// whileHashing is a server on the same store where something happens once while a password is hashed.
func (s *testServer) whileHashing(happens func()) *testServer {
	s.Helper()
	other := *s
	other.services.Hasher = hookedHasher{s.services.Hasher, sync.OnceFunc(happens)}
	other.start()
	return &other
}

// A log-in that renews an old hash while the password changes leaves the new one, and gets no session.
func TestRenewedHashAndNewPassword(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		u := models.User{
			ID: models.NewID(s.clock.now()), Name: "Old Account", Email: "ada@example.com", Active: true, Role: models.RoleUser,
			PasswordHash: "pbkdf2:sha256:1000$salt$" + pbkdf2Hex(t, password, "salt", 1000),
		}
		if err := s.services.Store.Users().Create(s.Context(), u); err != nil {
			s.Fatal(err)
		}
		link := s.askReset("ada@example.com")
		s.whileHashing(func() { s.reset(link, otherPassword).want(http.StatusOK, wasReset) }).
			wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		ada := s.loginWith("ada@example.com", otherPassword)
		if all := s.sessions(ada.Token, ""); len(all) != 1 {
			s.Errorf("the sessions are %+v, want one", all)
		}
	})
}

// Of two who change a password at once, the one whose session the other ended does not win, and ends nothing.
func TestNewPasswordAndReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		link := s.askReset("ada@example.com")
		var owner user
		s.whileHashing(func() {
			s.reset(link, otherPassword).want(http.StatusOK, wasReset)
			owner = s.loginWith("ada@example.com", otherPassword)
		}).
			json("PUT", "/users/password", thief.Token, `{"old_password":"Abc@123","new_password":"Third@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"old_password":"is not your password"}}`)
		s.wantLogin("ada@example.com", "Third@123", http.StatusNotFound)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.profile(owner.Token)
		s.wantOver(thief.tokens)
	})
}

// A link for another address that is asked for with the old password while the owner gets a new one is never sent.
func TestNewAddressAndReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		link := s.askReset("ada@example.com")
		s.whileHashing(func() { s.reset(link, otherPassword).want(http.StatusOK, wasReset) }).
			json("PUT", "/users/email", thief.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"password":"is not your password"}}`)
		s.message("ada@example.com", passwordChangedSubject)
		s.wantNoMessage()
		s.wantNoLinks(thief.ID)
	})
}

// Nor is an account erased with the old password while its owner gets a new one.
func TestErasureAndReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		link := s.askReset("ada@example.com")
		s.whileHashing(func() { s.reset(link, otherPassword).want(http.StatusOK, wasReset) }).
			json("DELETE", "/users/?erase=true", thief.Token, `{"password":"Abc@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"password":"is not your password"}}`)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
	})
}

// No link for another address is sent for an account that is erased meanwhile.
func TestNewAddressAndErasure(t *testing.T) {
	eachEngine(t, func(s *testServer) {
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

// wantNoLinks checks that no link of an account's counts.
func (s *testServer) wantNoLinks(id string) {
	s.Helper()
	if n, err := s.services.Store.OneTimeTokens().DeleteAll(s.Context(), models.ID(id)); err != nil || n > 0 {
		s.Errorf("%d links, error %v", n, err)
	}
}
