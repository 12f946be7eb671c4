package models

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// BookDetails are the optional fields of a book, with the names that clients use. A field with its zero value is not
// set.
type BookDetails struct {
	Subtitle     string   `json:"subtitle,omitzero"`
	Authors      []string `json:"authors,omitzero"` // in the order of the title page
	ISBN         string   `json:"isbn,omitzero"`    // 13 digits
	Publisher    string   `json:"publisher,omitzero"`
	Published    string   `json:"published,omitzero"` // 2004, 2004-05 or 2004-05-01
	Language     string   `json:"language,omitzero"`  // a BCP 47 tag
	Pages        int      `json:"pages,omitzero"`
	Series       string   `json:"series,omitzero"`
	SeriesNumber float64  `json:"series_number,omitzero"` // has at most two decimals
	Tags         []string `json:"tags,omitzero"`          // sorted, without repetitions
	Location     string   `json:"location,omitzero"`      // where the book is in the owner's rooms
	Copies       int      `json:"copies,omitzero"`        // 0 means one
}

// IsZero reports whether no field is set.
func (d BookDetails) IsZero() bool {
	return d.Authors == nil && d.Tags == nil && d.Subtitle == "" && d.ISBN == "" && d.Publisher == "" && d.Published == "" &&
		d.Language == "" && d.Pages == 0 && d.Series == "" && d.SeriesNumber == 0 && d.Location == "" && d.Copies == 0
}

// Edition distinguishes books of one owner that have the same title. It consists of the authors and the ISBN, and is
// empty if the book has neither.
func (d BookDetails) Edition() string {
	if len(d.Authors) == 0 && d.ISBN == "" {
		return ""
	}
	return strings.ToLower(norm.NFC.String(strings.Join(d.Authors, "\n"))) + "\n" + d.ISBN
}

// MaxCopies is the maximum number of copies of a book.
const MaxCopies = 1_000

// Limits of the details. Those of texts are in characters.
const (
	maxDetail  = 500
	maxAuthors = 100
	maxAuthor  = 200
	maxTags    = 100
	maxTag     = 50
	maxPages   = 100_000
	maxSeries  = 10_000

	maxLanguage = 35 // enough for every registered tag: RFC 5646, 4.4.1
)

// checkDetails validates the fields of BookDetails for Check.
func (up *BookUpdate) checkDetails(reject func(name string, reason error)) {
	for name, text := range map[string]*string{
		"subtitle": up.Subtitle, "publisher": up.Publisher, "series": up.Series, "location": up.Location,
	} {
		if text != nil {
			reject(name, checkLength(*text, maxDetail))
		}
	}
	replace(up.ISBN, "isbn", ParseISBN, reject)
	replace(up.Published, "published", parsePublished, reject)
	replace(up.Language, "language", parseLanguage, reject)
	if up.Authors != nil {
		*up.Authors = trimAll(*up.Authors)
		reject("authors", checkAll(*up.Authors, maxAuthors, maxAuthor))
	}
	if up.Tags != nil {
		*up.Tags = trimAll(*up.Tags)
		slices.Sort(*up.Tags)
		*up.Tags = slices.Compact(*up.Tags)
		reject("tags", checkAll(*up.Tags, maxTags, maxTag))
	}
	for name, number := range map[string]struct {
		value *int
		most  int
	}{"pages": {up.Pages, maxPages}, "copies": {up.Copies, MaxCopies}} {
		if n := number.value; n != nil && (*n < 0 || *n > number.most) {
			reject(name, fmt.Errorf("must be a number from 1 to %d", number.most))
		}
	}
	if n := up.SeriesNumber; n != nil {
		reject("series_number", checkSeriesNumber(*n))
	}
}

// replace replaces a text by the result of parse, and passes the error of parse to reject. An empty text stays, because
// it clears the field.
func replace(text *string, name string, parse func(string) (string, error), reject func(string, error)) {
	if text == nil || *text == "" {
		return
	}
	parsed, err := parse(*text)
	reject(name, err)
	*text = parsed
}

func checkLength(text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return fmt.Errorf("must have at most %d characters", most)
	}
	return nil
}

// checkAll returns an error if there are too many names or if one is too long.
func checkAll(names []string, most, length int) error {
	if len(names) > most {
		return fmt.Errorf("must be at most %d", most)
	}
	for _, name := range names {
		if err := checkLength(name, length); err != nil {
			return err
		}
		if err := checkVisibleName(name); err != nil {
			return err
		}
	}
	return nil
}

// trimAll removes surrounding spaces and empty names. It returns nil if no name is left.
func trimAll(names []string) []string {
	var trimmed []string
	for _, name := range names {
		if name = norm.NFC.String(strings.TrimSpace(name)); name != "" {
			trimmed = append(trimmed, name)
		}
	}
	return trimmed
}

func checkSeriesNumber(n float64) error {
	if n < 0 || n > maxSeries || math.Round(n*100) != n*100 {
		return fmt.Errorf("must be a number from 0.01 to %d, with at most two decimals", maxSeries)
	}
	return nil
}

// parsePublished checks a date of publication, which is a year, a month or a day.
func parsePublished(date string) (string, error) {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if _, err := time.Parse(layout, date); err == nil {
			return date, nil
		}
	}
	return "", errors.New("must be a date such as 2004, 2004-05 or 2004-05-01")
}

// parseLanguage returns the canonical form of a BCP 47 tag.
func parseLanguage(tag string) (string, error) {
	parsed, err := language.Parse(tag)
	if err != nil || len(tag) > maxLanguage {
		return "", errors.New("must be a language tag such as en or pt-BR")
	}
	return parsed.String(), nil
}
