package handlers

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"bookplate/accounts"
	"bookplate/mail"
	"bookplate/models"
)

const invitationSubject = "You are invited to a Bookplate library"

type invitation struct {
	Link      string `json:"link"`
	Email     string `json:"email"`
	ExpiresAt string `json:"expires_at"`
}

func (i invitation) token() string {
	_, token, _ := strings.Cut(i.Link, "/?invitation=")
	return token
}

// invite creates an invitation as an administrator.
func (s *testServer) invite(admin user, body string) invitation {
	s.Helper()
	a := s.json("POST", "/invitations", admin.Token, body)
	a.wantStatus(http.StatusCreated)
	return data[invitation](a, "successfully created an invitation")
}

// signUpWith signs up with an invitation.
func (s *testServer) signUpWith(token, email string) answer {
	s.Helper()
	return s.json("POST", "/users/", "", fmt.Sprintf(
		`{"name":"Grace Hopper","email":%q,"password":"Abc@123","invitation":%q}`, email, token))
}

// firstAdmin signs up the first administrator with the set-up link and logs in.
func (s *testServer) firstAdmin(email string) user {
	s.Helper()
	operator := accounts.Operator{
		Store: s.services.Store, Letters: mail.Letters{Base: "https://books.example.com"}, Now: s.clock.now,
	}
	link, err := operator.SetUpLink(s.Context())
	if err != nil || link == "" {
		s.Fatalf("set-up link %q, error %v", link, err)
	}
	s.signUpWith(invitation{Link: link}.token(), email).wantStatus(http.StatusCreated)
	if again, err := operator.SetUpLink(s.Context()); err != nil || again != "" {
		s.Errorf("with an account there is another set-up link %q, error %v", again, err)
	}
	s.signUpWith(invitation{Link: link}.token(), "eve@example.com").want(http.StatusBadRequest, deadInvitationJSON)
	return s.login(email)
}

const deadInvitationJSON = `{"message":"Invalid data","data":null,"error":{"invitation":"is unknown, was used already or has expired"}}`

func TestSignUpByInvitation(t *testing.T) {
	bothEnginesWith(t, map[string]string{"SIGNUP": "invite", "PUBLIC_URL": "https://books.example.com"}, func(s *testServer) {
		s.json("POST", "/users/", "", `{"name":"Eve Mallory","email":"eve@example.com","password":"Abc@123"}`).want(http.StatusForbidden,
			`{"message":"Forbidden","data":null,"error":"Sign-up needs an invitation: `+
				`ask the administrator of this library for a link, and open it"}`)
		s.json("POST", "/v1/user/register/", "", `{"username":"eve","email":"eve@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusForbidden)
		admin := s.firstAdmin("ada@example.com")
		s.get("/users/all", admin.Token).wantStatus(http.StatusOK)

		open := s.invite(admin, `{}`)
		if !strings.HasPrefix(open.Link, "https://books.example.com/?invitation=") || open.Email != "" {
			s.Errorf("the invitation is %+v", open)
		}
		s.signUpWith(open.token(), "ada@example.com").wantStatus(http.StatusConflict) // a rejected sign-up does not use up the invitation
		s.signUpWith(open.token(), "grace@example.com").wantStatus(http.StatusCreated)
		s.signUpWith(open.token(), "eve@example.com").want(http.StatusBadRequest, deadInvitationJSON)
		s.signUpWith("forged", "eve@example.com").want(http.StatusBadRequest, deadInvitationJSON)
		s.get("/users/all", s.login("grace@example.com").Token).wantStatus(http.StatusForbidden)

		named := s.invite(admin, `{"email":"linus@example.com"}`)
		if m := s.nextMessage("linus@example.com", invitationSubject); !strings.Contains(m.Text, named.Link) {
			s.Errorf("the mail has no link:\n%s", m.Text)
		}
		s.signUpWith(named.token(), "eve@example.com").want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"email":"must be the address that was invited"}}`)
		s.signUpWith(named.token(), "Linus@example.com").wantStatus(http.StatusCreated)

		late := s.invite(admin, `{}`)
		s.clock.move(models.PurposeInvitation.TTL() + time.Second)
		s.signUpWith(late.token(), "eve@example.com").want(http.StatusBadRequest, deadInvitationJSON)
	})
}

func TestInvitationInput(t *testing.T) {
	s := newServer(t, nil)
	admin := s.firstAdmin("ada@example.com")
	s.json("POST", "/invitations", admin.Token, `{"email":"nobody"}`).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":{"email":"must be an e-mail address such as ada@example.com"}}`)
	s.json("POST", "/invitations", s.signedIn("eve@example.com").Token, `{}`).wantStatus(http.StatusForbidden)
	s.wantAudit(admin, models.ActionInviteUser, 0)
	s.invite(admin, `{"email":"grace@example.com"}`)
	s.wantAudit(admin, models.ActionInviteUser, 1)
}

// wantAudit checks how many entries the audit log has for an action.
func (s *testServer) wantAudit(admin user, action models.Action, want int) {
	s.Helper()
	if got := strings.Count(string(s.get("/audit", admin.Token).body), `"action":"`+string(action)+`"`); got != want {
		s.Errorf("the audit log has %d entries of %s, want %d", got, action, want)
	}
}

func TestSignUpClosed(t *testing.T) {
	s := newServer(t, map[string]string{"SIGNUP": "closed"})
	const closed = `{"message":"Forbidden","data":null,"error":"Sign-up is closed: ask the administrator of this library for an account"}`
	s.json("POST", "/users/", "", `{"name":"Eve Mallory","email":"eve@example.com","password":"Abc@123"}`).want(http.StatusForbidden, closed)
	admin := s.firstAdmin("ada@example.com") // the set-up link still works
	s.json("POST", "/invitations", admin.Token, `{}`).want(http.StatusForbidden, closed)
}

// The account with the address in ADMIN_EMAIL becomes an administrator once its owner has opened a link mailed to that
// address. Signing up with the address is not enough.
func TestAdminEmailThatSignsUpLater(t *testing.T) {
	eachEngineWith(t, map[string]string{"ADMIN_EMAIL": "Ada@example.com"}, func(s *testServer) {
		s.signUp("ada@example.com")
		s.get("/users/all", s.login("ada@example.com").Token).wantStatus(http.StatusForbidden)
		s.get("/users/activate/"+s.linkToken("ada@example.com", activationSubject), "").wantStatus(http.StatusOK)
		admin := s.login("ada@example.com")
		s.get("/users/all", admin.Token).wantStatus(http.StatusOK)
		s.get("/users/all", s.signedIn("eve@example.com").Token).wantStatus(http.StatusForbidden)
	})
}

// Setting a new password with a mailed link also proves that the address in ADMIN_EMAIL belongs to the account's owner.
func TestAdminEmailByReset(t *testing.T) {
	s := newServer(t, map[string]string{"ADMIN_EMAIL": "ada@example.com"})
	s.signUp("ada@example.com")
	s.linkToken("ada@example.com", activationSubject)
	s.json("POST", "/users/password/forgot", "", `{"email":"ada@example.com"}`).wantStatus(http.StatusAccepted)
	token := s.linkToken("ada@example.com", resetSubject)
	s.json("POST", "/users/password/reset", "", `{"token":"`+token+`","password":"Xyz@789"}`).wantStatus(http.StatusOK)
	admin := s.loginWith("ada@example.com", "Xyz@789")
	if log := s.get("/audit", admin.Token); !strings.Contains(string(log.body), models.FromAdminEmail) {
		s.Errorf("the audit log is %s", log.body)
	}
}

// With BOOKS_VISIBLE=owner, a book is visible only to its owner and to librarians.
func TestBooksVisibleToTheOwner(t *testing.T) {
	eachEngineWith(t, map[string]string{"BOOKS_VISIBLE": "owner"}, func(s *testServer) {
		admin := s.firstAdmin("root@example.com")
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		s.storeBook(ada.ID, "Emma", "romance")
		mine := data[[]book](s.get("/books/", ada.Token), "successfully retrieved all books")
		if len(mine) != 1 {
			s.Fatalf("the owner sees %v", mine)
		}
		id := mine[0].ID
		s.get("/books/"+id, ada.Token).wantStatus(http.StatusOK)
		s.get("/books/"+id, eve.Token).want(http.StatusNotFound, `{"message":"Book not found","data":null,"error":"Not Found"}`)
		s.get("/books/"+id+"/cover", eve.Token).wantStatus(http.StatusNotFound)
		s.json("PUT", "/shelves/cart/books/"+id, eve.Token, "").wantStatus(http.StatusNotFound)
		if others := data[[]book](s.get("/books/?scope=all", eve.Token), "successfully retrieved all books"); len(others) != 0 {
			s.Errorf("another account sees %v", others)
		}
		s.get("/books/?scope=all&count=1", eve.Token).wantHeader("X-Total-Count", "0")
		if all := data[[]book](s.get("/books/?scope=all", admin.Token), "successfully retrieved all books"); len(all) != 1 {
			s.Errorf("a librarian sees %v", all)
		}
		s.json("PUT", path.Join("/shelves/cart/books", id), ada.Token, "").wantStatus(http.StatusOK)
	})
}
