package models

import (
	"context"
	"time"
)

// The metadata sources, which look up books by ISBN.
const (
	OpenLibrary = "openlibrary"
	GoogleBooks = "googlebooks"
	DNB         = "dnb" // Deutsche Nationalbibliothek, the German national library
	BnF         = "bnf" // Bibliothèque nationale de France
)

// MetadataSources are the names of all metadata sources.
var MetadataSources = []string{OpenLibrary, GoogleBooks, DNB, BnF}

// SourceAnswer is the answer of a metadata source about an ISBN.
type SourceAnswer struct {
	Source    string
	ISBN      string // 13 digits
	Record    string // the source's record of the book, as JSON; empty if the source does not know the ISBN
	ExpiresAt time.Time
}

// SourceAnswers stores the answers of the metadata sources. All servers share them, so no server asks a source again
// before its answer has expired.
type SourceAnswers interface {
	// Get returns the answer of a source about an ISBN, even if it has expired. It returns NotFound if no answer is stored.
	Get(ctx context.Context, source, isbn string) (SourceAnswer, error)
	// Put stores an answer. It replaces an earlier answer of the same source about the same ISBN.
	Put(ctx context.Context, a SourceAnswer) error
	// DeleteExpired deletes the answers that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
