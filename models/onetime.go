package models

import (
	"context"
	"time"
)

// Purpose is what a one-time token is for. A token counts for nothing else.
type Purpose string

// The purposes.
const (
	PurposeActivation Purpose = "activation" // the address of a new account is its owner's
	PurposeReset      Purpose = "reset"      // a new password for an account whose owner forgot the old one
	PurposeEmail      Purpose = "email"      // another address for an account
)

// TTL returns how long a token of that purpose is valid: an hour if it is as good as a password, otherwise a day.
func (p Purpose) TTL() time.Duration {
	if p == PurposeReset {
		return time.Hour
	}
	return 24 * time.Hour
}

// OneTimeToken is what is kept of a token that was sent by mail: enough to know it again, not enough to make it.
type OneTimeToken struct {
	Hash      string // SHA-256 of the token, in hex; nobody needs a slower one for 256 random bits
	Purpose   Purpose
	UserID    ID
	Email     string // the address it was sent to, which using it proves
	ExpiresAt time.Time
}

// OneTimeTokens keeps the tokens that were sent by mail and are not used yet.
type OneTimeTokens interface {
	// Create stores a new token. Conflict if there is one of that hash.
	Create(ctx context.Context, t OneTimeToken) error
	// Take removes the token of that hash and purpose and returns it: of two calls at once, one gets it. NotFound, also if
	// it has another purpose; then it stays. Whether it has expired is for the caller, who has the clock.
	Take(ctx context.Context, hash string, purpose Purpose) (OneTimeToken, error)
	// DeleteAll removes every token of a user and says how many there were.
	DeleteAll(ctx context.Context, userID ID) (int64, error)
	// DeleteExpired removes the tokens that expired before now and says how many there were.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
