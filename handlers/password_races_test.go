package handlers

import (
	"net/http"
	"testing"

	"bookplate/models"
)

// resetWhileHashing is a server on the same store where an account gets otherPassword while a password is hashed.
func (s *testServer) resetWhileHashing(id models.ID) *testServer {
	s.Helper()
	hash, err := s.services.Hasher.Hash(s.Context(), otherPassword)
	if err != nil {
		s.Fatal(err)
	}
	other := *s
	other.services.Hasher = hookedHasher{s.services.Hasher, func() {
		if err := setPassword(s.Context(), s.services.Store, id, models.UserUpdate{PasswordHash: &hash}, ""); err != nil {
			s.Error(err)
		}
	}}
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
		s.resetWhileHashing(u.ID).wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		ada := s.loginWith("ada@example.com", otherPassword)
		if all := s.sessions(ada.Token, ""); len(all) != 1 {
			s.Errorf("the sessions are %+v, want one", all)
		}
	})
}

// Of two who change a password at once, the one whose session the other ended does not win.
func TestNewPasswordAndReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		thief := s.signedIn("ada@example.com")
		s.resetWhileHashing(models.ID(thief.ID)).
			json("PUT", "/users/password", thief.Token, `{"old_password":"Abc@123","new_password":"Third@123"}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"old_password":"is not your password"}}`)
		s.wantLogin("ada@example.com", "Third@123", http.StatusNotFound)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.wantOver(thief.tokens)
	})
}
