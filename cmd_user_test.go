package main

import (
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"bookplate/accounts"
	"bookplate/auth"
	"bookplate/mail"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/storagetest"
)

var noon = time.Date(2026, time.January, 2, 12, 0, 0, 0, time.UTC)

// desk is where an operator sits: a store and what was printed.
type desk struct {
	*testing.T
	operator accounts.Operator
	out      *strings.Builder
}

// eachDatabase runs a test on both database engines.
func eachDatabase(t *testing.T, test func(d desk)) {
	t.Run("sqlite", func(t *testing.T) { test(newDesk(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))) })
	t.Run("mongo", func(t *testing.T) { test(newDesk(t, storagetest.MongoURL(t))) })
}

func newDesk(t *testing.T, url string) desk {
	t.Helper()
	store, err := storage.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	var out strings.Builder
	return desk{t, accounts.Operator{
		Store: store, Letters: mail.Letters{Base: "https://books.example.com"},
		From: models.FromCommandLine, By: "grace", Now: func() time.Time { return noon },
	}, &out}
}

// run carries out a command and returns what was printed.
func (d desk) run(args ...string) (string, error) {
	d.Helper()
	d.out.Reset()
	program := newUserCommand(func(*cobra.Command, bool) (accounts.Operator, io.Closer, error) {
		return d.operator, io.NopCloser(nil), nil
	})
	program.SetOut(d.out)
	program.SetArgs(args)
	program.SilenceErrors, program.SilenceUsage = true, true
	err := program.ExecuteContext(d.Context())
	return d.out.String(), err
}

// want carries out a command that prints a line.
func (d desk) want(line string, args ...string) {
	d.Helper()
	if got, err := d.run(args...); err != nil || got != line+"\n" {
		d.Errorf("%v: printed %q, error %v, want %q", args, got, err, line)
	}
}

// wantError carries out a command that is refused, and prints nothing.
func (d desk) wantError(want string, args ...string) {
	d.Helper()
	if got, err := d.run(args...); err == nil || !strings.Contains(err.Error(), want) || got != "" {
		d.Errorf("%v: printed %q, error %v, want %q", args, got, err, want)
	}
}

func (d desk) add(email string) models.User {
	d.Helper()
	u := models.User{
		ID: models.NewID(noon), Name: "Ada Lovelace", Email: email, PasswordHash: "x", Active: true, Role: models.RoleUser,
		CreatedAt: noon, UpdatedAt: noon,
	}
	if err := d.operator.Store.Users().Create(d.Context(), u); err != nil {
		d.Fatal(err)
	}
	return u
}

func (d desk) get(id models.ID) models.User {
	d.Helper()
	u, err := d.operator.Store.Users().Get(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return u
}

func TestList(t *testing.T) {
	eachDatabase(t, func(d desk) {
		ada, eve := d.add("ada@example.com"), d.add("eve@example.com")
		up := models.UserUpdate{Name: new("Eve \x1b[2J Mallory"), Pending: new(true), UpdatedAt: noon}
		if _, err := d.operator.Store.Users().Update(d.Context(), eve.ID, up); err != nil {
			d.Fatal(err)
		}
		d.want("ada@example.com is disabled", "disable", "ada@example.com")
		got, err := d.run("list")
		lines := strings.Split(strings.TrimSpace(got), "\n")
		if err != nil || len(lines) != 3 || strings.Contains(got, "\x1b") {
			d.Fatalf("printed %q, error %v", got, err)
		}
		for i, words := range [][]string{
			{"ID", "E-MAIL", "STATE"},
			{string(ada.ID), "ada@example.com", "Ada Lovelace", "user", "disabled"},
			{string(eve.ID), "eve@example.com", `\x1b[2J`, "user", "not activated"},
		} {
			for _, word := range words {
				if !strings.Contains(lines[i], word) {
					d.Errorf("want %q in %q", word, lines[i])
				}
			}
		}
	})
}

// Accounts of several pages are all there.
func TestListPages(t *testing.T) {
	d := newDesk(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))
	const page = 500 // of Operator.List
	for range page + 1 {
		id := models.NewID(noon)
		u := models.User{ID: id, Email: string(id) + "@example.com", Active: true}
		if err := d.operator.Store.Users().Create(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := d.run("list"); err != nil || strings.Count(got, "\n") != page+2 {
		t.Errorf("%d lines, error %v", strings.Count(got, "\n"), err)
	}
}

func TestDisableAndEnable(t *testing.T) {
	eachDatabase(t, func(d desk) {
		ada := d.add("Ada@example.com")
		session := models.Session{ID: models.NewID(noon), UserID: ada.ID, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
		if err := d.operator.Store.Sessions().Create(d.Context(), session); err != nil {
			d.Fatal(err)
		}
		d.wantError("no disabled account", "enable", "ada@example.com")
		d.want("Ada@example.com is disabled", "disable", "ADA@example.com")
		if d.get(ada.ID).Active {
			d.Error("the account is active")
		}
		d.wantError("no active account", "disable", "ada@example.com")
		d.want("Ada@example.com is enabled", "enable", "ada@example.com")
		if !d.get(ada.ID).Active {
			d.Error("the account is disabled")
		}
		_, _, err := d.operator.Store.Sessions().Authenticate(d.Context(), session.ID, ada.ID)
		if models.CodeOf(err) != models.NotFound {
			d.Errorf("an old session came back to life: %v", err)
		}
	})
}

// Of several disabled accounts of one address, the operator names one by its id.
func TestEnableByID(t *testing.T) {
	d := newDesk(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))
	first := d.add("ada@example.com")
	d.want("ada@example.com is disabled", "disable", "ada@example.com")
	second := d.add("ada@example.com")
	d.wantError("another account has the address ada@example.com by now", "enable", string(first.ID))
	d.want("ada@example.com is disabled", "disable", string(second.ID))
	d.wantError("2 disabled accounts have this address", "enable", "ada@example.com")
	d.want("ada@example.com is enabled", "enable", strings.ToUpper(string(first.ID)))
	if !d.get(first.ID).Active || d.get(second.ID).Active {
		t.Error("the wrong one is enabled")
	}
}

func TestRoles(t *testing.T) {
	eachDatabase(t, func(d desk) {
		ada := d.add("ada@example.com")
		d.wantError("does not have the role admin, but user", "revoke", "ada@example.com", "admin")
		d.want("ada@example.com has the role admin", "grant", "ada@example.com", "admin")
		if got := d.get(ada.ID); got.Role != models.RoleAdmin {
			d.Errorf("the role is %s", got.Role)
		}
		d.want("ada@example.com has the role user", "revoke", string(ada.ID), "admin")
		if got := d.get(ada.ID); got.Role != models.RoleUser {
			d.Errorf("the role is %s", got.Role)
		}
		d.wantError("no active account", "grant", "nobody@example.com", "admin")
	})
}

// The link is one that the server takes, and nothing changes before it is used.
func TestResetPassword(t *testing.T) {
	eachDatabase(t, func(d desk) {
		ada := d.add("ada@example.com")
		got, err := d.run("reset-password", "ada@example.com")
		pattern := regexp.MustCompile(`(?m)^https://books\.example\.com/users/password/reset/([\w-]{43})$`)
		link := pattern.FindStringSubmatch(got)
		if err != nil || link == nil {
			d.Fatalf("printed %q, error %v", got, err)
		}
		if after := d.get(ada.ID); after != ada {
			d.Errorf("the account is %+v, want %+v", after, ada)
		}
		hash, err := auth.HashOneTimeToken(link[1])
		if err != nil {
			d.Fatal(err)
		}
		token, err := d.operator.Store.OneTimeTokens().Take(d.Context(), hash, models.PurposeReset)
		want := models.OneTimeToken{
			Hash: hash, Purpose: models.PurposeReset, UserID: ada.ID, Email: ada.Email, ExpiresAt: noon.Add(time.Hour),
		}
		if err != nil || token != want {
			d.Errorf("the token is %+v, error %v", token, err)
		}
		d.want("ada@example.com is disabled", "disable", "ada@example.com")
		d.wantError("enable the account first", "reset-password", string(ada.ID))
		d.wantError("no active account", "reset-password", "ada@example.com")
	})
}

func TestWrongArguments(t *testing.T) {
	d := newDesk(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))
	for want, args := range map[string][]string{
		`unknown command "lst", did you mean "list"?`:        {"lst"},
		`unknown command "delete"`:                           {"delete", "ada@example.com"},
		`unknown command "ada@example.com" for "user list"`:  {"list", "ada@example.com"},
		"want user disable EMAIL":                            {"disable"},
		"want user grant EMAIL ROLE":                         {"grant", "ada@example.com"},
		`unknown role "root", want user, librarian or admin`: {"grant", "ada@example.com", "root"},
		"want user reset-password EMAIL":                     {"reset-password", "a@example.com", "b@example.com"},
	} {
		d.wantError(want, args...)
	}
}
