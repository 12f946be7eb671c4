package models

import (
	"context"
	"time"
)

// Session is one log-in. An access token counts only while its session stands, so deleting the row revokes the token on
// every copy of the server at once.
type Session struct {
	ID        ID
	UserID    ID
	CreatedAt time.Time
	ExpiresAt time.Time
	IP        string // where the log-in came from
	UserAgent string
}

// Sessions keeps the log-ins.
type Sessions interface {
	Create(ctx context.Context, s Session) error

	// Authenticate returns a session and its user, active or not, by one query or at most one round trip's latency; it is
	// asked on every signed-in request. NotFound if the session or the user is gone, or the session is not the user's.
	// Whether the session has expired is for the caller, who has the clock.
	Authenticate(ctx context.Context, id, userID ID) (Session, User, error)

	// Delete ends a session. Ending one that is gone is no error.
	Delete(ctx context.Context, id ID) error

	// DeleteExpired removes the sessions that ended before now and says how many there were.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
