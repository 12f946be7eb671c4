package models

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Role is what an account may do beyond its own books.
type Role string

// The roles.
const (
	RoleUser      Role = "user"
	RoleLibrarian Role = "librarian" // may edit any book
	RoleAdmin     Role = "admin"     // may do so too, read and change all accounts, and read the audit log
)

// Roles are all roles.
var Roles = []Role{RoleUser, RoleLibrarian, RoleAdmin}

// CheckRole returns what is wrong with a role, or nil.
func CheckRole(r Role) error {
	if !slices.Contains(Roles, r) {
		return errors.New("must be user, librarian or admin")
	}
	return nil
}

// CanEditBooks reports whether the role may edit other people's books.
func (r Role) CanEditBooks() bool { return r == RoleLibrarian || r == RoleAdmin }

// User is an account as it is stored. What a client sees of it is made in package handlers, from a type that has no
// password.
type User struct {
	ID           ID
	Name         string
	FirstName    string // may be empty, as the last name may
	LastName     string
	Email        string // as it was typed; EmailKey is what compares
	Username     string // likewise, with UsernameKey; empty for an account that has none
	PasswordHash string
	Active       bool
	Pending      bool // its address waits to be proven by a link: who requires activation lets nobody log in before
	Role         Role
	CreatedAt    time.Time // zero for an account that the tutorial's code made
	UpdatedAt    time.Time // likewise
}

// UserUpdate is a change to an account; nil leaves a field as it is.
type UserUpdate struct {
	Name         *string   `json:"name"`
	FirstName    *string   `json:"first_name"`
	LastName     *string   `json:"last_name"`
	Email        *string   `json:"email"`    // of an active account, and not together with Active
	Username     *string   `json:"username"` // of an active account, and not empty
	PasswordHash *string   `json:"password"`
	Active       *bool     `json:"active"`
	Pending      *bool     `json:"pending"`
	Role         *Role     `json:"role"`
	ReplacedHash *string   // changes nothing: the password hash that the account must have before
	UpdatedAt    time.Time // the zero time leaves it as it is, as a renewed hash does
}

// OwnEmailKey is the EmailKey that an account has to have to get the Username: one with an @ in it has to be its own
// address, see CheckUsername. It is empty where the address does not matter, or is set along.
func (up UserUpdate) OwnEmailKey() string {
	if up.Email != nil || up.Username == nil || !strings.Contains(*up.Username, "@") {
		return ""
	}
	return EmailKey(*up.Username)
}

// Match returns an error unless the account is as the change expects it: ErrPasswordReplaced, ErrDisabled or
// ErrEmailReplaced.
func (up UserUpdate) Match(u User) error {
	switch own := up.OwnEmailKey(); {
	case up.ReplacedHash != nil && *up.ReplacedHash != u.PasswordHash:
		return ErrPasswordReplaced
	case !u.Active && (up.Email != nil || up.Username != nil):
		return ErrDisabled
	case own != "" && own != EmailKey(u.Email):
		return ErrEmailReplaced
	}
	return nil
}

// Changes returns the names and the new values of the fields that the update changes, without UpdatedAt.
func (up UserUpdate) Changes() iter.Seq2[string, any] { return changes(up) }

// Apply returns u with the change made.
func (up UserUpdate) Apply(u User) User {
	apply(&u, up)
	if !up.UpdatedAt.IsZero() {
		u.UpdatedAt = up.UpdatedAt
	}
	return u
}

// SignUp is the SIGNUP setting: who may create an account.
type SignUp string

// The values of SignUp.
const (
	SignUpOpen   SignUp = "open"   // everybody
	SignUpInvite SignUp = "invite" // people with an invitation by an administrator
	SignUpClosed SignUp = "closed" // nobody, except by the first start's set-up link
)

// UserFilter picks a page of accounts, in the order of their ids.
type UserFilter struct {
	Text  string // of one line, in a name or the e-mail address, whatever its letters' case; empty for all
	After ID     // only accounts behind this one; empty for the first page
	Limit int    // at most so many, at least 1
}

// Users keeps the accounts.
type Users interface {
	// Create stores a new account. Conflict if an active account has its e-mail address or its user name.
	Create(ctx context.Context, u User) error
	// Get returns an account, active or not. NotFound.
	Get(ctx context.Context, id ID) (User, error)
	// GetByEmail returns the active account with that address, whatever its letters' case. NotFound.
	GetByEmail(ctx context.Context, email string) (User, error)
	// GetByUsername returns the active account with that user name, whatever its letters' case. NotFound.
	GetByUsername(ctx context.Context, username string) (User, error)
	// Update changes an account and returns it changed. NotFound. Setting Active to false frees its e-mail address and its
	// user name. Setting it to true takes them again, with Conflict if another account has one by now, and deletes the
	// sessions and the one-time tokens that the account had before it was disabled. A new Email or Username is Conflict
	// likewise. An account that is not as the change expects it stays as it is: ErrPasswordReplaced if its password hash is
	// not the ReplacedHash, ErrEmailReplaced if its address is not the OwnEmailKey, ErrDisabled if it is not active and is
	// to get an Email or a Username.
	Update(ctx context.Context, id ID, up UserUpdate) (User, error)
	// Delete erases an account for good. NotFound. Its books, shelves, sessions and tokens are the caller's to remove.
	Delete(ctx context.Context, id ID) error
	// OtherAdmins is how many active administrators there are beside an account. It may read all accounts: it is asked
	// when an administrator leaves.
	OtherAdmins(ctx context.Context, id ID) (int64, error)
	// List returns a page of all accounts, active or not. With a Text it reads the accounts one by one until the page is
	// full, so that a rare one costs as much as there are accounts.
	List(ctx context.Context, f UserFilter) ([]User, error)
}

// MaxEmail is the longest e-mail address accepted, in characters.
const MaxEmail = 200

// CheckEmail returns what is wrong with an e-mail address, or nil.
func CheckEmail(email string) error {
	if email == "" {
		return ErrRequired
	}
	if utf8.RuneCountInString(email) > MaxEmail {
		return fmt.Errorf("must have at most %d characters", MaxEmail)
	}
	if err := checkVisible(email); err != nil {
		return err
	}
	addr, err := mail.ParseAddress(email)
	// An address in a name or in brackets parses too, but is not what was typed.
	if err != nil || addr.Address != email {
		return errors.New("must be an e-mail address such as ada@example.com")
	}
	domain := email[strings.LastIndexByte(email, '@')+1:]
	if i := strings.LastIndexByte(domain, '.'); i <= 0 || i == len(domain)-1 {
		return errors.New("must be an e-mail address such as ada@example.com")
	}
	return nil
}

// MaxUsername is the longest user name accepted, in characters.
const MaxUsername = 80

// CheckUsername returns what is wrong with a user name, or nil. One with an @ in it would pass for an e-mail address
// where either is accepted, so it has to be the account's own.
func CheckUsername(username, email string) error {
	if n := utf8.RuneCountInString(username); n < 1 || n > MaxUsername {
		return fmt.Errorf("must have 1 to %d characters", MaxUsername)
	}
	if err := checkVisible(username); err != nil {
		return err
	}
	if strings.Contains(username, "@") && EmailKey(username) != EmailKey(email) {
		return errors.New("must not have an @, unless it is your own e-mail address")
	}
	return nil
}

// Name limits. The words are the tutorial's rule; the characters keep a row small.
const (
	minNameWords = 2
	maxNameWords = 30
	maxName      = 500
)

// CheckName returns what is wrong with a person's name, or nil.
func CheckName(name string) error {
	if n := len(strings.Fields(name)); n < minNameWords || n > maxNameWords {
		return fmt.Errorf("must have %d to %d words", minNameWords, maxNameWords)
	}
	if utf8.RuneCountInString(name) > maxName {
		return fmt.Errorf("must have at most %d characters", maxName)
	}
	return checkVisibleName(name)
}

// maxNamePart is the longest first or last name, in characters.
const maxNamePart = 100

// CheckNamePart returns what is wrong with a first or last name, or nil. It may be empty.
func CheckNamePart(name string) error {
	if utf8.RuneCountInString(name) > maxNamePart {
		return fmt.Errorf("must have at most %d characters", maxNamePart)
	}
	return checkVisibleName(name)
}

// PasswordPolicy is what a new password has to have, beside an upper-case letter, a lower-case letter, a digit and a
// symbol.
type PasswordPolicy struct {
	Min, Max int // characters
}

// Check returns what is wrong with a new password, or nil.
func (p PasswordPolicy) Check(password string) error {
	if n := utf8.RuneCountInString(password); n < p.Min || n > p.Max {
		return fmt.Errorf("must have %d to %d characters", p.Min, p.Max)
	}
	var upper, lower, digit, symbol bool
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		case unicode.IsPunct(r), unicode.IsSymbol(r):
			symbol = true
		}
	}
	if !upper || !lower || !digit || !symbol {
		return errors.New("must have an upper-case letter, a lower-case letter, a digit and a symbol")
	}
	return nil
}
