package models

import (
	"context"
	"time"
)

// Purpose is the only use for which a one-time token is valid.
type Purpose string

// The purposes.
const (
	PurposeActivation Purpose = "activation" // confirms the address of a new account
	PurposeReset      Purpose = "reset"      // sets a new password
	PurposeEmail      Purpose = "email"      // confirms a new address of an account
	PurposeInvitation Purpose = "invitation" // creates an account
	PurposeSetUp      Purpose = "set-up"     // creates the first administrator
)

// TTL returns how long a token with that purpose is valid: an hour if it sets a new password, a week if it is an
// invitation, otherwise a day.
func (p Purpose) TTL() time.Duration {
	switch p {
	case PurposeReset:
		return time.Hour
	case PurposeInvitation:
		return 7 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// OneTimeToken is what is stored for the token in a link. It is enough to recognise the token, but not to make it.
type OneTimeToken struct {
	Hash      string // SHA-256 of the token, in hex; 256 random bits need no slower hash
	Purpose   Purpose
	UserID    ID     // the account; empty if the link creates one
	Email     string // the address that the link was mailed to; using the link verifies it; empty if the link was not mailed
	ExpiresAt time.Time
}

// OneTimeTokens stores the tokens of unused links.
type OneTimeTokens interface {
	// Create stores a new token. It returns Conflict if there is one with that hash.
	Create(ctx context.Context, t OneTimeToken) error
	// Take deletes the token with that hash and purpose, and returns it. Of two concurrent calls, only one gets the
	// token. It returns NotFound if there is no such token; it does not delete a token with another purpose. The caller
	// checks whether the token has expired.
	Take(ctx context.Context, hash string, purpose Purpose) (OneTimeToken, error)
	// DeleteAll deletes the tokens of a user and returns their number.
	DeleteAll(ctx context.Context, userID ID) (int64, error)
	// DeleteExpired deletes the tokens that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
