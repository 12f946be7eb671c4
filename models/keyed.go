package models

import (
	"context"
	"time"
)

// KeyedRequest is the record of a request with an Idempotency-Key. All attempts to send the same request share one
// record.
type KeyedRequest struct {
	Key         string // identifies the record: a hash of the account, the method, the path and the client's key
	UserID      ID     // the account
	Fingerprint string // a hash of the body
	CreatedID   ID     // the id of the object that the request creates; the same for all attempts
	Attempt     string // identifies the latest attempt
	LeaseUntil  time.Time
	ExpiresAt   time.Time
	Answer      []byte // the answer to repeat; empty until an attempt has one
}

// Done reports whether an attempt has ended with an answer to repeat.
func (r KeyedRequest) Done() bool { return len(r.Answer) > 0 }

// After reports whether a new attempt r may run, and returns the record to store. The argument before is the stored
// record of the earlier attempts, or zero if there is none.
//
// r may not run if another attempt is running, if an answer is stored, or if the body differs. An attempt that ended
// without an answer, or whose lease has expired because the server was killed, may have created an object. So r gets
// its CreatedID.
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

// KeyedRequests stores the records of requests with an Idempotency-Key. All servers share them.
type KeyedRequests interface {
	// Begin atomically stores the record of a new attempt if KeyedRequest.After allows it to run. So only one of
	// several concurrent attempts runs. Begin returns the record that is stored afterwards: if r may not run, the
	// record of another attempt. It returns ErrNoAccount if the account does not exist.
	Begin(ctx context.Context, r KeyedRequest, now time.Time) (KeyedRequest, error)
	// End replaces the record of an attempt. It does nothing if another attempt has replaced that record.
	End(ctx context.Context, r KeyedRequest) error
	// DeleteAll deletes the records of a user.
	DeleteAll(ctx context.Context, userID ID) error
	// DeleteExpired deletes the records that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
