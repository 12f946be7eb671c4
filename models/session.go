package models

import (
	"context"
	"time"
)

// Session is one log-in. An access token counts only while its session stands, so deleting the row revokes the token on
// every copy of the server at once.
type Session struct {
	ID           ID
	UserID       ID
	CreatedAt    time.Time
	ExpiresAt    time.Time
	RefreshHash  string    // of the refresh token that counts; empty for a session that has none
	PreviousHash string    // of the one it has replaced, if it has replaced one
	RotatedAt    time.Time // when the one that counts was made
	LastUsedAt   time.Time // when a token was given out last: at log-in or by a refresh
	IP           string    // where the log-in came from
	Network      string    // of that address, as attempts are counted; empty for one of before
	UserAgent    string
}

// SessionFilter picks a page of a user's sessions, the latest first.
type SessionFilter struct {
	UserID ID
	At     time.Time // only sessions that have not expired by then
	After  ID        // only sessions behind this one; empty for the first page
	Limit  int       // at most so many, at least 1
}

// Sessions keeps the log-ins.
type Sessions interface {
	Create(ctx context.Context, s Session) error

	// Authenticate returns a session and its user, active or not, by one query or at most one round trip's latency; it is
	// asked on every signed-in request. NotFound if the session or the user is gone, or the session is not the user's.
	// Whether the session has expired is for the caller, who has the clock.
	Authenticate(ctx context.Context, id, userID ID) (Session, User, error)

	// Rotate replaces a session's refresh hash by the next one, atomically, if it is still from; from becomes the previous
	// hash, and the session was used at that time. Either way it returns the session as it stands then, so that of several
	// calls at once all see the one that counts. NotFound if the session is gone.
	Rotate(ctx context.Context, id ID, from, next string, at time.Time) (Session, error)

	// Touch notes when a session was used. NotFound if it is gone.
	Touch(ctx context.Context, id ID, at time.Time) error

	// List returns a page of a user's sessions.
	List(ctx context.Context, f SessionFilter) ([]Session, error)

	// KnownIn says whether a user has a session from that network which has not expired by then. It is one search of an
	// index, whether or not there is such a user: how long it takes tells nobody which accounts exist.
	KnownIn(ctx context.Context, userID ID, network string, at time.Time) (bool, error)

	// Delete ends a session of that user. NotFound if there is none or it is another's.
	Delete(ctx context.Context, id, userID ID) error

	// DeleteAll ends the sessions of a user, but for one; an empty except spares none. To have none is no error.
	DeleteAll(ctx context.Context, userID, except ID) error

	// DeleteExpired removes the sessions that ended before now and says how many there were.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
