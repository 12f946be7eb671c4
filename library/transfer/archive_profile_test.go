package transfer

import (
	"strings"
	"testing"

	"bookplate/models"
)

// The names of the profile are taken over into an empty account. The address, the role and the password are not.
func TestArchiveProfile(t *testing.T) {
	t.Parallel()
	for engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			source, target := newServer(t, "sqlite"), newServer(t, engine)
			source.addBook(source.user.ID, 1, nil)
			source.rename(models.UserUpdate{
				Name: new("Ada King"), FirstName: new(""), LastName: new("King"), Username: new("ada"), Role: new(models.RoleAdmin),
				PasswordHash: new("another hash"), Email: new("king@example.com"),
			})
			before := target.user
			rows := target.importAs(source.export(ZIP), models.DuplicateSkip)
			if row := rows[0]; row.Outcome != models.RowUpdated || row.Reason != "profile.json: taken over: last_name, name, username" {
				t.Errorf("%+v", row)
			}
			want := before
			want.Name, want.LastName, want.Username = "Ada King", "King", "ada"
			if target.user != want {
				t.Errorf("the account is %+v, want %+v", target.user, want)
			}
		})
	}
}

// An account that has a book, a book in the trash or a book on a shelf keeps its names, and the report says so.
func TestArchiveProfileOfAccountInUse(t *testing.T) {
	t.Parallel()
	source := newServer(t, "sqlite")
	source.addBook(source.user.ID, 1, nil)
	source.rename(models.UserUpdate{Name: new("Ada King")})
	file := source.export(ZIP)
	for name, use := range map[string]func(s *server){
		"a book": func(s *server) { s.addBook(s.user.ID, 2, nil) },
		"trash": func(s *server) {
			b := s.addBook(s.user.ID, 2, nil)
			s.must(s.store.Trash().Put(s.Context(), b.ID, s.user.ID, now, nil))
		},
		"a shelf": func(s *server) { s.shelve(s.addBook(s.addUser("bob@example.com").ID, 2, nil), "wishlist") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, "sqlite")
			use(s)
			before := s.user
			row := s.importAs(file, models.DuplicateUpdate)[0]
			if row.Outcome != models.RowSkipped || row.Reason != "profile.json: "+profileKept || s.user != before {
				t.Errorf("%+v: the account is %+v", row, s.user)
			}
		})
	}
}

// A name that breaks a rule, a user name of another account, and one for an account that has one are left out.
func TestArchiveProfileLeavesOut(t *testing.T) {
	t.Parallel()
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	source.addBook(source.user.ID, 1, nil)
	source.rename(models.UserUpdate{Name: new("Ada"), FirstName: new(strings.Repeat("x", 101)), Username: new("ada")})
	file := source.export(ZIP)

	other := target.user
	target.rename(models.UserUpdate{Username: new("Ada")})
	target.user = target.addUser("cora@example.com")
	target.imports.Names = 2
	row := target.importAs(file, models.DuplicateSkip)[0]
	for _, want := range []string{
		profileSame, "name is left out: it must have 2 to 30 words", "first_name is left out: it must have at most 100 characters",
		"username is left out: it belongs to another account",
	} {
		if !strings.Contains(row.Reason, want) {
			t.Errorf("%+v, want %q", row, want)
		}
	}

	target.user = target.addUser("dan@example.com")
	target.rename(models.UserUpdate{Username: new("dan")})
	target.imports.Names = 0
	row = target.importAs(file, models.DuplicateSkip)[0]
	if row.Outcome != models.RowUpdated || target.user.Username != "dan" || target.user.Name != "Ada" {
		t.Errorf("%+v: the account is %+v", row, target.user)
	}
	target.user = other
	if target.reload(); target.user.Username != "Ada" {
		t.Errorf("the other account is %+v", target.user)
	}
}
