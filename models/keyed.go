package models

import (
	"context"
	"time"
)

// KeyedRequest is a request with an Idempotency-Key. All attempts of a client to send it have one record.
type KeyedRequest struct {
	Key         string // identifies the record: a hash of the account, the method, the path and the client's key
	UserID      ID     // the account
	Fingerprint string // a hash of the body
	CreatedID   ID     // the id of what the request creates, the same for all attempts
	Attempt     string // identifies the latest attempt
	LeaseUntil  time.Time
	ExpiresAt   time.Time
	Answer      []byte // empty until an attempt has an answer that is kept
}

// Done reports whether the answer is kept.
func (r KeyedRequest) Done() bool { return len(r.Answer) > 0 }

// After returns the record that is to be stored for a new attempt r when before is stored, and whether r may run. It may
// not while another attempt is running, after one whose answer is kept, and with another body. An attempt that ended without
// an answer, or whose lease has ended because the server was killed, may have created something. So r takes over its
// CreatedID. The zero record stands for none.
func (r KeyedRequest) After(before KeyedRequest, now time.Time) (record KeyedRequest, runs bool) {
	switch {
	case !before.ExpiresAt.After(now):
		return r, true
	case before.Done(), before.LeaseUntil.After(now), before.Fingerprint != r.Fingerprint:
		return before, false
	}
	r.CreatedID = before.CreatedID
	return r, true
}

// KeyedRequests stores the requests with an Idempotency-Key. All copies of the server share them.
type KeyedRequests interface {
	// Begin stores the record of a new attempt, as KeyedRequest.After determines it, atomically: of concurrent attempts, one
	// runs. It returns the stored record, which is of another attempt if r may not run. It returns ErrNoAccount if there is
	// no such account.
	Begin(ctx context.Context, r KeyedRequest, now time.Time) (KeyedRequest, error)
	// End replaces the record of an attempt. It does nothing if another attempt has begun meanwhile.
	End(ctx context.Context, r KeyedRequest) error
	// DeleteAll deletes the records of a user.
	DeleteAll(ctx context.Context, userID ID) error
	// DeleteExpired deletes the records that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
