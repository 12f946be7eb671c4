package isbn

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"bookplate/models"
)

const (
	// maxResults is the largest number of books that a search finds.
	maxResults = 10

	// MaxSearch is the largest number of characters of a search.
	MaxSearch = 200
)

// Results are the books that a search has found.
type Results struct {
	Books      []Result
	OutOfReach []string // the names of the sources that could not be asked
}

// Result is what a source knows about a book.
type Result struct {
	Fields   models.BookUpdate // valid, so they can be stored unchanged; they may lack the ISBN
	CoverURL string            // empty if the source has no cover
	Source   string            // the name of the source
}

// Search finds books by words of the title and names of authors, at the first source that knows any. To find nothing is no
// error. The error is Unavailable if some sources could not be asked and the others know no such book, and Forbidden if look-up
// is off. Results are not stored.
func (f *Finder) Search(ctx context.Context, text string) (Results, error) {
	if !f.On() {
		return Results{}, errOff
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
	var found Results
	var outages []*outage
	for _, source := range f.sources {
		books, err := source.results(ctx, words)
		if out, isOutage := errors.AsType[*outage](err); isOutage {
			outages = append(outages, out)
			found.OutOfReach = append(found.OutOfReach, source.name)
		} else if err != nil {
			return Results{}, err
		}
		if found.Books = books; len(books) > 0 {
			return found, nil
		}
	}
	if len(outages) > 0 {
		return Results{}, unreachable(outages, addByHand)
	}
	return found, nil
}

func (f *fetcher) results(ctx context.Context, words []string) (books []Result, err error) {
	if len(words) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.network.Timeout)
	defer cancel()
	answers, err := f.search(ctx, f, words)
	if err != nil && !errors.Is(err, errUnknown) {
		return nil, err
	}
	for _, a := range answers {
		if rec, err := a.recordWith(firstISBN(a.isbns)); err == nil {
			books = append(books, Result{rec.Fields, rec.Cover, f.name})
		}
	}
	return books, nil
}
