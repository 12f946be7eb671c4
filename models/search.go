package models

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// BookWords are the folded words by which a search finds a book. Both lists are sorted and without repetitions.
type BookWords struct {
	Heading []string // words of the title, the subtitle, the authors and the series
	Body    []string // words of the tags, the publisher, the ISBN and the description that are not in Heading
}

// Words returns the words by which a search finds the book.
func (b Book) Words() (w BookWords) {
	w.Heading = indexed(append([]string{b.Title, b.Subtitle, b.Series}, b.Authors...))
	w.Body = slices.DeleteFunc(indexed(append([]string{b.Description, b.Publisher, b.ISBN}, b.Tags...)), func(word string) bool {
		_, found := slices.BinarySearch(w.Heading, word)
		return found
	})
	return w
}

// indexed returns the words of texts, sorted and without repetitions. In scripts without spaces it also returns the
// single characters, because a query may be a single character.
func indexed(texts []string) (list []string) {
	for _, text := range texts {
		for _, word := range wordsOf(text) {
			list = append(list, word)
			if first, size := utf8.DecodeRuneInString(word); size < len(word) && unicode.In(first, unspaced...) {
				list = append(list, word[:size], word[size:])
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Query is a parsed search. A book matches if it has all of the words.
type Query struct {
	Title string // the folded text of the search; books with this title come first
	Words []string
	Last  string // the last word, which may be the beginning of a longer word; empty if there are no words
}

// IsZero reports whether the query has no words. Every book matches such a query.
func (q Query) IsZero() bool { return q.Last == "" }

// Limits of a search.
const (
	maxQuery      = 500 // characters
	maxQueryWords = 32
)

// ParseQuery parses the text of a search. It has no operators, because only letters and digits count. An ISBN may have
// hyphens. The error names the limit that the text exceeds.
func ParseQuery(text string) (Query, error) {
	if utf8.RuneCountInString(text) > maxQuery {
		return Query{}, fmt.Errorf("must have at most %d characters", maxQuery)
	}
	list := wordsOf(text)
	if isbn, err := ParseISBN(text); err == nil {
		list = []string{isbn}
	}
	switch n := len(list); {
	case n == 0:
		return Query{}, nil
	case n > maxQueryWords:
		return Query{}, fmt.Errorf("must have at most %d words", maxQueryWords)
	default:
		return Query{Title: titleSortKey(text), Words: list[:n-1], Last: list[n-1]}, nil
	}
}
