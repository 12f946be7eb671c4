package models

import (
	"errors"
	"slices"
)

// Versions are the versions of a book that a change applies to. The change is made only if the book's current version
// is one of them. Nil allows every version.
type Versions []int

// Match reports whether the change applies to a book of this version.
func (v Versions) Match(version int) bool { return v == nil || slices.Contains(v, version) }

// ErrVersion is returned if a change does not apply to the current version of a book.
var ErrVersion = &Error{Code: PreconditionFailed, Err: errors.New("the book has another version")}
