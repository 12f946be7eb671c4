package models

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what kind of failure an Error is. There are few on purpose: a store, a rule or a handler picks one, and a
// single table in package middleware turns it into an HTTP status.
type Code int

// The codes, from the caller's faults to ours.
const (
	Internal            Code = iota // anything unforeseen
	Invalid                         // the input breaks a rule
	Unauthorized                    // nobody is signed in, or the token is no good
	Forbidden                       // signed in, but not allowed
	NotFound                        // no such thing, or not the caller's
	MethodNotAllowed                // the route exists, this method of it does not
	Conflict                        // a unique value is taken
	Unprocessable                   // Invalid, where a tutorial's clients expect a status of its own
	TooLarge                        // the input exceeds a stated limit
	UnsupportedMedia                // the input has a media type that is not read here
	TooManyRequests                 // the caller has to slow down
	Unavailable                     // a store or a resource is out of reach for now
	InsufficientStorage             // the disk is full
)

// Fields names each invalid field and what is wrong with it.
type Fields map[string]string

// Error is the one error type that crosses package borders. Message and Detail are safe to show to a client; Err is the
// cause and goes to the log only.
type Error struct {
	Code       Code
	Message    string        // the envelope's message; empty for the code's own
	Detail     any           // the envelope's error: a string or Fields; nil for the code's own
	Body       any           // the whole body, where a tutorial's clients expect one that is no envelope
	RetryAfter time.Duration // when trying again may help: TooManyRequests, Unavailable
	Err        error         // the cause; never shown
}

func (e *Error) Error() string {
	var parts []string
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	if e.Detail != nil {
		parts = append(parts, fmt.Sprint(e.Detail))
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Because returns a copy of e with err as its cause, so that a package-level Error can serve as a template.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// ErrNoAccount is the NotFound of what is to be stored for an account that is gone.
var ErrNoAccount = &Error{Code: NotFound, Err: errors.New("its owner has no account")}

// InvalidFields is the Error for input that breaks rules, or nil when fields is empty.
func InvalidFields(fields Fields) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: "Invalid data", Detail: fields}
}

// CodeOf is the code of the first Error in err's chain, and Internal when there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
