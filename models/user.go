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

// Role determines what an account may do with other people's data.
type Role string

// The roles.
// The roles.
const (
	RoleUser      Role = "user"
	RoleLibrarian Role = "librarian" // may edit any book
	RoleAdmin     Role = "admin"     // may also edit books, read and change all accounts, and read the audit log
)

// Roles are all values of Role.
var Roles = []Role{RoleUser, RoleLibrarian, RoleAdmin}

// CheckRole returns an error if the role is unknown.
func CheckRole(r Role) error {
	if !slices.Contains(Roles, r) {
		return errors.New("must be user, librarian or admin")
	}
	return nil
}

// CanEditBooks reports whether the role may edit other people's books.
func (r Role) CanEditBooks() bool { return r == RoleLibrarian || r == RoleAdmin }

// User is a stored account. Clients see another type, which has no password hash.
type User struct {
	ID           ID
	Name         string
	FirstName    string // may be empty
	LastName     string // may be empty
	Email        string // as it was typed; compared by EmailKey
	Username     string // as it was typed, compared by UsernameKey; empty if the account has none
	PasswordHash string
	Active       bool
	Pending      bool // the address is not verified; with REQUIRE_ACTIVATION the account cannot log in
	Role         Role
	HasReadings  bool      // false until the account stores its first reading record; saves queries for accounts without readings
	CreatedAt    time.Time // zero for an account that the tutorial's code created
	UpdatedAt    time.Time // zero for an account that only the tutorial's code has changed
}

// PublicName returns the name that other users see. It is empty if the account is disabled, or if the name is an e-mail
// address, because some clients send the address as the name.
func (u User) PublicName() string {
	if !u.Active || CheckEmail(u.Name) == nil {
		return ""
	}
	return u.Name
}

// UserUpdate is a change to an account; nil leaves a field unchanged.
type UserUpdate struct {
	Name         *string   `json:"name"`
	FirstName    *string   `json:"first_name"`
	LastName     *string   `json:"last_name"`
	Email        *string   `json:"email"`    // only for an active account, and not together with Active
	Username     *string   `json:"username"` // only for an active account, and not empty
	PasswordHash *string   `json:"password"`
	Active       *bool     `json:"active"`
	Pending      *bool     `json:"pending"`
	Role         *Role     `json:"role"`
	HasReadings  *bool     `json:"has_readings"`
	ReplacedHash *string   // a condition, not a change: the account must have this password hash
	UpdatedAt    time.Time // zero leaves the stored time unchanged, for example when only the hash is renewed
}

// OwnEmailKey returns the EmailKey that the account's stored address must have for this update. It is empty unless the
// update sets a Username with an @, which must be the account's own address. It is also empty if the update sets the
// Email.
func (up UserUpdate) OwnEmailKey() string {
	if up.Email != nil || up.Username == nil || !strings.Contains(*up.Username, "@") {
		return ""
	}
	return EmailKey(*up.Username)
}

// Match returns an error unless the account meets the conditions of the update. It returns ErrPasswordReplaced if the
// password hash is not the ReplacedHash. It returns ErrDisabled if the account is disabled and would get an Email or a
// Username. It returns ErrEmailReplaced if the address does not have the OwnEmailKey.
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

// Apply returns u with the update applied.
func (up UserUpdate) Apply(u User) User {
	apply(&u, up)
	if !up.UpdatedAt.IsZero() {
		u.UpdatedAt = up.UpdatedAt
	}
	return u
}

// SignUp is the SIGNUP setting. It determines who may create an account.
type SignUp string

// The values of SignUp.
// The values of SignUp.
const (
	SignUpOpen   SignUp = "open"   // everybody
	SignUpInvite SignUp = "invite" // people invited by an administrator
	SignUpClosed SignUp = "closed" // nobody, except with the set-up link of the first start
)

// UserFilter selects a page of accounts, sorted by id.
type UserFilter struct {
	Text  string // a part of a name or of the e-mail address, ignoring case; without line breaks; empty for all
	After ID     // only accounts after this one; empty for the first page
	Limit int    // the size of the page, at least 1
}

// Users stores the accounts.
type Users interface {
	// Create stores a new account. It returns Conflict if an active account has the same e-mail address or user name.
	Create(ctx context.Context, u User) error
	// Get returns an account, active or not. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (User, error)
	// Of returns the accounts with these ids, active or not, in any order. It skips ids without an account.
	Of(ctx context.Context, ids []ID) ([]User, error)
	// GetByEmail returns the active account with that address, ignoring case. It returns NotFound if there is none.
	GetByEmail(ctx context.Context, email string) (User, error)
	// GetByUsername returns the active account with that user name, ignoring case. It returns NotFound if there is none.
	GetByUsername(ctx context.Context, username string) (User, error)
	// Update changes an account and returns the changed account. It returns NotFound if there is none, and the error of
	// UserUpdate.Match if the account does not meet the update's conditions. It returns Conflict if another active
	// account has the new e-mail address or user name.
	//
	// Setting Active to false frees the account's address and user name. Setting it to true claims them again, which
	// can also be a Conflict. It also deletes the sessions and one-time tokens from before the account was disabled.
	Update(ctx context.Context, id ID, up UserUpdate) (User, error)
	// Delete deletes an account. It returns NotFound if there is none. The caller deletes the account's books, shelves,
	// reading records, sessions and tokens.
	Delete(ctx context.Context, id ID) error
	// OtherAdmins returns the number of active administrators other than this account.
	OtherAdmins(ctx context.Context, id ID) (int64, error)
	// List returns a page of accounts, active or not. With a Text it reads accounts in order until the page is full, so
	// a search with few results reads all accounts.
	List(ctx context.Context, f UserFilter) ([]User, error)
}

// MaxEmail is the maximum length of an e-mail address, in characters.
const MaxEmail = 200

// CheckEmail returns an error if the e-mail address is invalid.
func CheckEmail(email string) error {
	if email == "" {
		return ErrRequired
	}
	if utf8.RuneCountInString(email) > MaxEmail {
		return fmt.Errorf("must have at most %d characters", MaxEmail)
	}
	addr, err := mail.ParseAddress(email)
	// ParseAddress also accepts an address with a name, and one in angle brackets.
	if err != nil || addr.Address != email || checkVisible(email) != nil {
		return errors.New("must be an e-mail address such as ada@example.com")
	}
	domain := email[strings.LastIndexByte(email, '@')+1:]
	if i := strings.LastIndexByte(domain, '.'); i <= 0 || i == len(domain)-1 {
		return errors.New("must be an e-mail address such as ada@example.com")
	}
	return nil
}

// MaxUsername is the maximum length of a user name, in characters.
const MaxUsername = 80

// CheckUsername returns an error if the user name is invalid. A user name with an @ must be the account's own e-mail
// address, because a log-in accepts either.
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

// Limits of a name. The tutorial limits the words. The limit of characters keeps a row small.
const (
	MaxNameWords = 30
	maxName      = 500
)

// NamePolicy is the minimum number of words in a person's name.
type NamePolicy int

// Check returns an error if a person's name is invalid.
func (least NamePolicy) Check(name string) error {
	if n := len(strings.Fields(name)); n < int(least) || n > MaxNameWords {
		return fmt.Errorf("must have %d to %d words", least, MaxNameWords)
	}
	if utf8.RuneCountInString(name) > maxName {
		return fmt.Errorf("must have at most %d characters", maxName)
	}
	return checkVisibleName(name)
}

// maxNamePart is the maximum length of a first or last name, in characters.
const maxNamePart = 100

// CheckNamePart returns an error if a first or last name is invalid. It may be empty.
func CheckNamePart(name string) error {
	if utf8.RuneCountInString(name) > maxNamePart {
		return fmt.Errorf("must have at most %d characters", maxNamePart)
	}
	return checkVisibleName(name)
}

// PasswordPolicy limits the length of a new password.
type PasswordPolicy struct {
	Min, Max int // characters
}

// Check returns an error if a new password is invalid. Besides the length, a password must have an upper-case letter, a
// lower-case letter, a digit and a symbol.
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
