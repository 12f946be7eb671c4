package models

import (
	"context"
	"time"
)

// Session is a log-in. An access token is valid only while its session exists. So deleting the session revokes the
// token on all servers at once.
type Session struct {
	ID           ID
	UserID       ID
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RefreshHash  string    // the hash of the current refresh token; empty if the session has none
	PreviousHash string    // the hash of the previous refresh token; empty if there was none
	RotatedAt    time.Time // when the current refresh token was issued
	LastUsedAt   time.Time // when a token was last issued, at log-in or by a refresh
	IP           string    // the IP address of the log-in
	Network      string    // the network of that address; empty for sessions of older versions
	UserAgent    string
}

// SessionFilter selects a page of a user's sessions, newest first.
type SessionFilter struct {
	UserID ID
	At     time.Time // only sessions that expire after this time
	After  ID        // only sessions older than this one; empty for the first page
	Limit  int       // the size of the page, at least 1
}

// Sessions stores the sessions.
type Sessions interface {
	Create(ctx context.Context, s Session) error

	// Authenticate returns a session and its user, active or not. It is called for every signed-in request, so it takes
	// no longer than one query. It returns NotFound if the session or the user does not exist, or if the session is
	// another user's. The caller checks whether the session has expired.
	Authenticate(ctx context.Context, id, userID ID) (Session, User, error)

	// Rotate replaces a session's RefreshHash by next if it equals from. It then also sets PreviousHash to from, and
	// RotatedAt and LastUsedAt to at. In either case it returns the stored session, so concurrent calls all return the
	// current hash. It returns NotFound if the session does not exist.
	Rotate(ctx context.Context, id ID, from, next string, at time.Time) (Session, error)

	// Touch sets LastUsedAt. It returns NotFound if the session does not exist.
	Touch(ctx context.Context, id ID, at time.Time) error

	// List returns a page of a user's sessions.
	List(ctx context.Context, f SessionFilter) ([]Session, error)

	// KnownIn reports whether a user has a session from this network that expires after at. It does one look-up in an
	// index, whether or not the user exists. So its duration does not reveal which accounts exist.
	KnownIn(ctx context.Context, userID ID, network string, at time.Time) (bool, error)

	// Delete deletes a session of the user. It returns NotFound if the user has no such session.
	Delete(ctx context.Context, id, userID ID) error

	// DeleteAll deletes all sessions of a user, except the one with the id except. If except is empty, it deletes all.
	// It is not an error if there are none.
	DeleteAll(ctx context.Context, userID, except ID) error

	// DeleteExpired deletes the sessions that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
