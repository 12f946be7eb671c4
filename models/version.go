package models

import (
	"errors"
	"slices"
)

// Versions are the versions of a book to which a change applies: one of them must be the current version. Nil allows every
// version.
type Versions []int

// Match reports whether the change applies to a book of this version.
func (v Versions) Match(version int) bool { return v == nil || slices.Contains(v, version) }

// ErrVersion is returned if a book does not have one of the versions to which a change applies.
var ErrVersion = &Error{Code: PreconditionFailed, Err: errors.New("the book has another version")}
