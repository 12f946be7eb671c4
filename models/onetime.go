package models

import (
	"context"
	"time"
)

// Purpose is the one use that a one-time token allows.
type Purpose string

// The purposes.
// The purposes.
const (
	PurposeActivation Purpose = "activation" // confirms the address of a new account
	PurposeReset      Purpose = "reset"      // sets a new password
	PurposeEmail      Purpose = "email"      // confirms a new address of an account
	PurposeInvitation Purpose = "invitation" // creates an account
	PurposeSetUp      Purpose = "set-up"     // creates the first administrator
)

// TTL returns how long a token is valid: an hour for PurposeReset, a week for PurposeInvitation, otherwise a day.
func (p Purpose) TTL() time.Duration {
	switch p {
	case PurposeReset:
		return time.Hour
	case PurposeInvitation:
		return 7 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// OneTimeToken is the stored record of the token in a link. The token cannot be computed from it.
type OneTimeToken struct {
	Hash      string // the SHA-256 hash of the token, in hex; a fast hash is safe because the token has 256 random bits
	Purpose   Purpose
	UserID    ID     // the account; empty if the link creates one
	Email     string // the address that received the link; using the link verifies it; empty if the link was not mailed
	ExpiresAt time.Time
}

// OneTimeTokens stores the tokens of unused links.
type OneTimeTokens interface {
	// Create stores a new token. It returns Conflict if a token with the same hash is stored.
	Create(ctx context.Context, t OneTimeToken) error
	// Take deletes the token with that hash and purpose, and returns it. Only one of several concurrent calls gets the
	// token. It returns NotFound if there is no such token. The caller checks whether the token has expired.
	Take(ctx context.Context, hash string, purpose Purpose) (OneTimeToken, error)
	// DeleteAll deletes the tokens of a user and returns their number.
	DeleteAll(ctx context.Context, userID ID) (int64, error)
	// DeleteExpired deletes the tokens that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
