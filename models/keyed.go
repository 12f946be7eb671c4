package models

import (
	"context"
	"time"
)

// KeyedRequest is the record of a request with an Idempotency-Key. All attempts of a client to send the request share one
// record.
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

// Done reports whether an attempt has finished with an answer that is kept.
func (r KeyedRequest) Done() bool { return len(r.Answer) > 0 }

// After reports whether a new attempt r may run, and returns the record to store. The argument before is the stored
// record of the earlier attempts, or zero if there is none. r may not run while another attempt is running, if an
// answer is kept, or if the body differs. If an earlier attempt ended without an answer, or its lease has expired
// because the server was killed, it may have created something. So r takes over its CreatedID.
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

// KeyedRequests stores the records of requests with an Idempotency-Key. All copies of the server share them.
type KeyedRequests interface {
	// Begin atomically stores the record of a new attempt if KeyedRequest.After allows it to run, so that only one of several
	// concurrent attempts runs. It returns the record that is stored now. If r may not run, that is the record of another
	// attempt. It returns ErrNoAccount if the account does not exist.
	Begin(ctx context.Context, r KeyedRequest, now time.Time) (KeyedRequest, error)
	// End replaces the record of an attempt. It does nothing if another attempt has replaced that record meanwhile.
	End(ctx context.Context, r KeyedRequest) error
	// DeleteAll deletes the records of a user.
	DeleteAll(ctx context.Context, userID ID) error
	// DeleteExpired deletes the records that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
