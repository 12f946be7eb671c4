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

// console runs commands as the operator and collects what they print.
type console struct {
	*testing.T
	operator accounts.Operator
	out      *strings.Builder
}

// eachDatabase runs a test on both database engines.
func eachDatabase(t *testing.T, test func(c console)) {
	t.Run("sqlite", func(t *testing.T) { test(newConsole(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))) })
	t.Run("mongo", func(t *testing.T) { test(newConsole(t, storagetest.MongoURL(t))) })
}

func newConsole(t *testing.T, url string) console {
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
	return console{t, accounts.Operator{
		Store: store, Letters: mail.Letters{Base: "https://books.example.com"},
		From: models.FromCommandLine, By: "grace", Now: func() time.Time { return noon },
	}, &out}
}

// run runs a command and returns what it printed.
func (c console) run(args ...string) (string, error) {
	c.Helper()
	c.out.Reset()
	program := newUserCommand(func(*cobra.Command, bool) (accounts.Operator, io.Closer, error) {
		return c.operator, io.NopCloser(nil), nil
	})
	program.SetOut(c.out)
	program.SetArgs(args)
	program.SilenceErrors, program.SilenceUsage = true, true
	err := program.ExecuteContext(c.Context())
	return c.out.String(), err
}

// want runs a command that must print this line.
func (c console) want(line string, args ...string) {
	c.Helper()
	if got, err := c.run(args...); err != nil || got != line+"\n" {
		c.Errorf("%v: printed %q, error %v, want %q", args, got, err, line)
	}
}

// wantError runs a command that must fail with this error and print nothing.
func (c console) wantError(want string, args ...string) {
	c.Helper()
	if got, err := c.run(args...); err == nil || !strings.Contains(err.Error(), want) || got != "" {
		c.Errorf("%v: printed %q, error %v, want %q", args, got, err, want)
	}
}

// add creates an active account of Ada Lovelace.
func (c console) add(email string) models.User {
	c.Helper()
	u := models.User{
		ID: models.NewID(noon), Name: "Ada Lovelace", Email: email, PasswordHash: "x", Active: true, Role: models.RoleUser,
		CreatedAt: noon, UpdatedAt: noon,
	}
	if err := c.operator.Store.Users().Create(c.Context(), u); err != nil {
		c.Fatal(err)
	}
	return u
}

func (c console) get(id models.ID) models.User {
	c.Helper()
	u, err := c.operator.Store.Users().Get(c.Context(), id)
	if err != nil {
		c.Fatal(err)
	}
	return u
}

func TestList(t *testing.T) {
	eachDatabase(t, func(c console) {
		ada, eve := c.add("ada@example.com"), c.add("eve@example.com")
		up := models.UserUpdate{Name: new("Eve \x1b[2J Mallory"), Pending: new(true), UpdatedAt: noon}
		if _, err := c.operator.Store.Users().Update(c.Context(), eve.ID, up); err != nil {
			c.Fatal(err)
		}
		c.want("ada@example.com is disabled", "disable", "ada@example.com")
		got, err := c.run("list")
		lines := strings.Split(strings.TrimSpace(got), "\n")
		if err != nil || len(lines) != 3 || strings.Contains(got, "\x1b") {
			c.Fatalf("printed %q, error %v", got, err)
		}
		for i, words := range [][]string{
			{"ID", "E-MAIL", "STATE"},
			{string(ada.ID), "ada@example.com", "Ada Lovelace", "user", "disabled"},
			{string(eve.ID), "eve@example.com", `\x1b[2J`, "user", "not activated"},
		} {
			for _, word := range words {
				if !strings.Contains(lines[i], word) {
					c.Errorf("want %q in %q", word, lines[i])
				}
			}
		}
	})
}

// The list has the accounts of all pages.
func TestListPages(t *testing.T) {
	c := newConsole(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))
	const page = 500 // of Operator.List
	for range page + 1 {
		id := models.NewID(noon)
		u := models.User{ID: id, Email: string(id) + "@example.com", Active: true}
		if err := c.operator.Store.Users().Create(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := c.run("list"); err != nil || strings.Count(got, "\n") != page+2 {
		t.Errorf("%d lines, error %v", strings.Count(got, "\n"), err)
	}
}

func TestDisableAndEnable(t *testing.T) {
	eachDatabase(t, func(c console) {
		ada := c.add("Ada@example.com")
		session := models.Session{ID: models.NewID(noon), UserID: ada.ID, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
		if err := c.operator.Store.Sessions().Create(c.Context(), session); err != nil {
			c.Fatal(err)
		}
		c.wantError("no disabled account", "enable", "ada@example.com")
		c.want("Ada@example.com is disabled", "disable", "ADA@example.com")
		if c.get(ada.ID).Active {
			c.Error("the account is active")
		}
		c.wantError("no active account", "disable", "ada@example.com")
		c.want("Ada@example.com is enabled", "enable", "ada@example.com")
		if !c.get(ada.ID).Active {
			c.Error("the account is disabled")
		}
		_, _, err := c.operator.Store.Sessions().Authenticate(c.Context(), session.ID, ada.ID)
		if models.CodeOf(err) != models.NotFound {
			c.Errorf("a session from before the account was disabled: error %v, want NotFound", err)
		}
	})
}

// If several disabled accounts have the same address, the operator names one of them by its id.
func TestEnableByID(t *testing.T) {
	c := newConsole(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))
	first := c.add("ada@example.com")
	c.want("ada@example.com is disabled", "disable", "ada@example.com")
	second := c.add("ada@example.com")
	c.wantError("another account has the address ada@example.com by now", "enable", string(first.ID))
	c.want("ada@example.com is disabled", "disable", string(second.ID))
	c.wantError("2 disabled accounts have this address", "enable", "ada@example.com")
	c.want("ada@example.com is enabled", "enable", strings.ToUpper(string(first.ID)))
	if !c.get(first.ID).Active || c.get(second.ID).Active {
		t.Error("the wrong account is enabled")
	}
}

func TestRoles(t *testing.T) {
	eachDatabase(t, func(c console) {
		ada := c.add("ada@example.com")
		c.wantError("does not have the role admin, but user", "revoke", "ada@example.com", "admin")
		c.want("ada@example.com has the role admin", "grant", "ada@example.com", "admin")
		if got := c.get(ada.ID); got.Role != models.RoleAdmin {
			c.Errorf("the role is %s", got.Role)
		}
		c.want("ada@example.com has the role user", "revoke", string(ada.ID), "admin")
		if got := c.get(ada.ID); got.Role != models.RoleUser {
			c.Errorf("the role is %s", got.Role)
		}
		c.wantError("no active account", "grant", "nobody@example.com", "admin")
	})
}

// The command prints a link with a token that the server accepts. The account does not change before the link is used.
func TestResetPassword(t *testing.T) {
	eachDatabase(t, func(c console) {
		ada := c.add("ada@example.com")
		got, err := c.run("reset-password", "ada@example.com")
		pattern := regexp.MustCompile(`(?m)^https://books\.example\.com/users/password/reset/([\w-]{43})$`)
		link := pattern.FindStringSubmatch(got)
		if err != nil || link == nil {
			c.Fatalf("printed %q, error %v", got, err)
		}
		if after := c.get(ada.ID); after != ada {
			c.Errorf("the account is %+v, want %+v", after, ada)
		}
		hash, err := auth.HashOneTimeToken(link[1])
		if err != nil {
			c.Fatal(err)
		}
		token, err := c.operator.Store.OneTimeTokens().Take(c.Context(), hash, models.PurposeReset)
		want := models.OneTimeToken{
			Hash: hash, Purpose: models.PurposeReset, UserID: ada.ID, Email: ada.Email, ExpiresAt: noon.Add(time.Hour),
		}
		if err != nil || token != want {
			c.Errorf("the token is %+v, error %v", token, err)
		}
		c.want("ada@example.com is disabled", "disable", "ada@example.com")
		c.wantError("enable the account first", "reset-password", string(ada.ID))
		c.wantError("no active account", "reset-password", "ada@example.com")
	})
}

func TestWrongArguments(t *testing.T) {
	c := newConsole(t, "sqlite:"+filepath.Join(t.TempDir(), "bookplate.db"))
	for want, args := range map[string][]string{
		`unknown command "lst", did you mean "list"?`:        {"lst"},
		`unknown command "delete"`:                           {"delete", "ada@example.com"},
		`unknown command "ada@example.com" for "user list"`:  {"list", "ada@example.com"},
		"want user disable EMAIL":                            {"disable"},
		"want user grant EMAIL ROLE":                         {"grant", "ada@example.com"},
		`unknown role "root", want user, librarian or admin`: {"grant", "ada@example.com", "root"},
		"want user reset-password EMAIL":                     {"reset-password", "a@example.com", "b@example.com"},
	} {
		c.wantError(want, args...)
	}
}
