package models

import (
	"context"
	"time"
)

// The sources that know books by their ISBN.
const (
	OpenLibrary = "openlibrary"
	GoogleBooks = "googlebooks"
	DNB         = "dnb" // Deutsche Nationalbibliothek, the German national library
	BnF         = "bnf" // Bibliothèque nationale de France
)

// MetadataSources are the names of all sources.
var MetadataSources = []string{OpenLibrary, GoogleBooks, DNB, BnF}

// SourceAnswer is what a source has answered about an ISBN.
type SourceAnswer struct {
	Source    string
	ISBN      string // 13 digits
	Record    string // what the source knows about the book, as JSON; empty if it does not know the ISBN
	ExpiresAt time.Time
}

// SourceAnswers stores the answers of sources, so that all copies of the server ask each of them only once.
type SourceAnswers interface {
	// Get returns the answer of a source about an ISBN, even if the answer has expired. It returns NotFound if there is
	// none.
	Get(ctx context.Context, source, isbn string) (SourceAnswer, error)
	// Put stores an answer. It replaces an earlier answer of the same source about the same ISBN.
	Put(ctx context.Context, a SourceAnswer) error
	// DeleteExpired deletes the answers that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
