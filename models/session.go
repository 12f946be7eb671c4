package models

import (
	"context"
	"time"
)

// Session is one log-in. An access token is valid only while its session exists, so deleting the session revokes the token
// on every copy of the server at once.
type Session struct {
	ID           ID
	UserID       ID
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RefreshHash  string    // of the current refresh token; empty if the session has none
	PreviousHash string    // of the refresh token before it; empty if there was none
	RotatedAt    time.Time // when the current refresh token was issued
	LastUsedAt   time.Time // when a token was last issued, at log-in or by a refresh
	IP           string    // the address of the log-in
	Network      string    // the network of that address; empty for sessions created before networks were recorded
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
	// Create stores a new session.
	Create(ctx context.Context, s Session) error

	// Authenticate returns a session and its user, active or not. It takes no longer than one query, because it is
	// called for every signed-in request. It returns NotFound if the session or the user does not exist, or the session
	// is not the user's. The caller checks whether the session has expired.
	Authenticate(ctx context.Context, id, userID ID) (Session, User, error)

	// Rotate replaces a session's refresh hash by next if it still equals from (compare-and-swap). It then also sets
	// the previous hash to from, and the times of the rotation and of the last use to at. In either case it returns the
	// session as it is stored afterwards, so concurrent calls all return the current hash. It returns NotFound if the
	// session does not exist.
	Rotate(ctx context.Context, id ID, from, next string, at time.Time) (Session, error)

	// Touch sets the time of a session's last use. It returns NotFound if the session does not exist.
	Touch(ctx context.Context, id ID, at time.Time) error

	// List returns a page of a user's sessions.
	List(ctx context.Context, f SessionFilter) ([]Session, error)

	// KnownIn reports whether a user has a session from this network that expires after at. It is one look-up in an
	// index, whether or not the user exists, so its duration does not reveal which accounts exist.
	KnownIn(ctx context.Context, userID ID, network string, at time.Time) (bool, error)

	// Delete deletes a session of that user. It returns NotFound if the user has no such session.
	Delete(ctx context.Context, id, userID ID) error

	// DeleteAll deletes all sessions of a user except one. If except is empty, it deletes all. A user without sessions
	// is not an error.
	DeleteAll(ctx context.Context, userID, except ID) error

	// DeleteExpired deletes the sessions that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
