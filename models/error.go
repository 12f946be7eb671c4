package models

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the kind of an Error. A table in package middleware maps codes to HTTP statuses.
type Code int

// The codes.
// The codes.
const (
	Internal            Code = iota // anything unforeseen
	Invalid                         // the input breaks a rule
	TokenMissing                    // the request needs a token and has none
	TokenInvalid                    // the token is malformed, forged or revoked
	TokenExpired                    // the token has expired
	WrongCredentials                // no account has that name and password
	Forbidden                       // signed in, but not allowed
	NotFound                        // the resource does not exist, or belongs to another account
	MethodNotAllowed                // the route does not have this method
	Conflict                        // a unique value is taken
	KeyReused                       // an idempotency key was used for another request
	PreconditionFailed              // the resource has changed since the client read it
	TooLarge                        // the input exceeds a stated limit
	UnsupportedMedia                // the body's media type is not supported
	TooManyRequests                 // a limit on the number of requests is reached
	AtomicUnsupported               // the database has no transactions
	Unavailable                     // a store or a resource is temporarily out of reach
	InsufficientStorage             // the disk is full
)

// Fields maps the name of each invalid field to the reason.
type Fields map[string]string

// Error is the error type that packages return to each other. Message and Detail are safe to show to a client. Err is
// the cause and is only logged.
type Error struct {
	Code       Code
	Name       string        // the answer's code, such as title_taken; empty for the default of Code
	Message    string        // the answer's message; empty for the default of Code
	Detail     any           // the answer's error: a string or Fields; nil for the default of Code
	Data       any           // the answer's data; usually nil
	RetryAfter time.Duration // how long the client should wait; for TooManyRequests and Unavailable
	Err        error         // the cause; never shown to clients
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
// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// WithCause returns a copy of e with err as its cause.
func (e *Error) WithCause(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Errors of the stores that callers check for.
var (
	// ErrNoAccount is returned when a record is stored for an account that has been erased.
	ErrNoAccount = &Error{Code: TokenInvalid, Err: errors.New("the account has been erased")}
	// ErrDisabled is returned when an update changes the e-mail address or the user name of a disabled account.
	ErrDisabled = &Error{Code: NotFound, Err: errors.New("the account is disabled")}
	// ErrPasswordReplaced is returned when an account no longer has the expected password hash.
	ErrPasswordReplaced = &Error{Code: NotFound, Err: errors.New("the account's password has been changed")}
	// ErrEmailReplaced is returned when an account no longer has the expected e-mail address.
	ErrEmailReplaced = &Error{Code: NotFound, Err: errors.New("the account's e-mail address has been changed")}
)

// Names of errors that several packages use. The API document lists all names.
const (
	FieldsInvalid = "invalid_fields"
	EmailTaken    = "email_taken"
	UsernameTaken = "username_taken"
	TitleTaken    = "title_taken"
)

// ErrRequired is the reason for a missing value.
// ErrRequired is the reason for a missing value.
var ErrRequired = errors.New("is required")

// InvalidFields returns an Invalid error with these fields, or nil if there are none.
func InvalidFields(fields Fields) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Name: FieldsInvalid, Message: "Invalid data", Detail: fields}
}

// InvalidField returns an Invalid error with one field.
func InvalidField(field string, err error) error {
	return InvalidFields(Fields{field: err.Error()})
}

// CodeOf returns the code of the first Error in err's chain, or Internal if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// NameOf returns the name of the first Error in err's chain, or an empty string if there is none.
func NameOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Name
	}
	return ""
}

// IsInternal reports whether the server, not the request, caused the error.
func IsInternal(err error) bool {
	switch CodeOf(err) {
	case Internal, Unavailable, InsufficientStorage:
		return true
	}
	return false
}
