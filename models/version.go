package models

import (
	"errors"
	"slices"
)

// Versions are the versions of a book to which a change applies. The change is made only if the book's current version is one
// of them. Nil allows every version.
type Versions []int

// Match reports whether the change applies to a book of this version.
func (v Versions) Match(version int) bool { return v == nil || slices.Contains(v, version) }

// ErrVersion is returned if the current version of a book is not one of those to which a change applies.
var ErrVersion = &Error{Code: PreconditionFailed, Err: errors.New("the book has another version")}
