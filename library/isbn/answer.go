package isbn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bookplate/library/plaintext"
	"bookplate/models"
)

// answer has the raw, unchecked data of a source about a book.
type answer struct {
	isbns       []string // each has 10 or 13 digits
	title       string
	subtitle    string
	authors     []string
	description string // may be HTML
	publisher   string
	published   string // a date in any format
	language    string // a BCP 47 tag or an ISO 639 code
	pages       int
	series      string
	number      string // the book's number in the series
	cover       string // a URL
}

// placeholder matches a title that is only a number. Some sources use such a title if they do not know the real one.
var placeholder = regexp.MustCompile(`(?i)^(book )?[0-9-]{9,16}X?$`)

// record returns the valid fields of an answer. The error is errUnknown if the answer has another ISBN or no title.
func (a answer) record(isbn string) (record, error) {
	if !hasISBN(a.isbns, isbn) {
		return record{}, errUnknown
	}
	return a.recordWith(isbn)
}

// recordWith is like record, but does not compare the ISBN, which may be empty.
func (a answer) recordWith(isbn string) (record, error) {
	title := line(a.title)
	if title == "" || placeholder.MatchString(title) {
		return record{}, errUnknown
	}
	up := models.BookUpdate{
		Title: some(cut(title, models.MaxTitle)), Subtitle: some(line(a.subtitle)), ISBN: some(isbn),
		Description: some(cut(plaintext.Of(visible(a.description)), models.MaxDescription)),
		Publisher:   some(line(a.publisher)), Published: some(date(a.published)), Language: some(tag(a.language)),
		Series: some(line(a.series)), SeriesNumber: some(leadingNumber(a.number)), Pages: some(a.pages),
	}
	if authors := names(a.authors); authors != nil {
		up.Authors = &authors
	}
	up.Check(nil, func(name string, reason error) {
		if reason != nil {
			up.Omit(name)
		}
	})
	return record{Fields: up, Cover: a.cover}, nil
}

// some returns a pointer to a value, or nil for the zero value.
func some[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// hasISBN reports whether one of the numbers is this ISBN. Each number has 10 or 13 digits.
func hasISBN(numbers []string, isbn string) bool {
	return slices.ContainsFunc(numbers, func(number string) bool {
		parsed, err := models.ParseISBN(number)
		return err == nil && parsed == isbn
	})
}

// withISBN returns the answer with the ISBN. The error is errUnknown if there is none.
func withISBN(answers []answer, isbn string) (answer, error) {
	for _, a := range answers {
		if hasISBN(a.isbns, isbn) {
			return a, nil
		}
	}
	return answer{}, errUnknown
}

// firstISBN returns the first number that is a valid ISBN, with 13 digits, or an empty string.
func firstISBN(numbers []string) string {
	for _, number := range numbers {
		if isbn, err := models.ParseISBN(number); err == nil {
			return isbn
		}
	}
	return ""
}

// line returns the text as a single line without invisible characters.
func line(text string) string {
	return strings.Join(strings.Fields(visible(text)), " ")
}

// visible removes control and format characters. For example, the DNB puts them around words that sorting ignores. It
// keeps spaces, line breaks, and the joiners that scripts such as Persian need.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\u200c' || r == '\u200d' || unicode.IsSpace(r) && r != '\u0085' || !unicode.In(r, unicode.Cc, unicode.Cf) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
}

// cut shortens a text to at most this number of characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}

// names removes empty names and repetitions.
func names(raw []string) (list []string) {
	for _, name := range raw {
		if name = line(name); name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// turned returns "Jane Austen" for "Austen, Jane". It returns a name without a comma unchanged.
func turned(name string) string {
	last, first, found := strings.Cut(name, ",")
	if !found {
		return name
	}
	return strings.TrimSpace(first) + " " + strings.TrimSpace(last)
}

// tag returns the BCP 47 tag of a language. It returns an empty string if the language is unknown, or if the book is in
// no language or in several.
func tag(language string) string {
	switch language = strings.TrimSpace(language); language {
	case "mul", "und", "zxx", "mis":
		return ""
	}
	return language
}

// layouts are date formats. from is a format of a source, and to is the format in which such a date is stored.
var layouts = []struct{ from, to string }{
	{time.DateOnly, time.DateOnly},
	{"2006/01/02", time.DateOnly},
	{"January 2, 2006", time.DateOnly},
	{"Jan 2, 2006", time.DateOnly},
	{"2 January 2006", time.DateOnly},
	{"2 Jan 2006", time.DateOnly},
	{"2006-01", "2006-01"},
	{"January 2006", "2006-01"},
	{"January, 2006", "2006-01"},
	{"Jan 2006", "2006-01"},
}

var (
	year   = regexp.MustCompile(`(?:^|[^0-9])(1[0-9]{3}|20[0-9]{2})(?:[^0-9]|$)`)
	number = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?`)
)

// date converts a date to 2004, 2004-05 or 2004-05-01. For an unknown format it returns only the year, or an empty
// string if the text has no year.
func date(words string) string {
	words = line(words)
	for _, layout := range layouts {
		if t, err := time.Parse(layout.from, words); err == nil && t.Year() >= 1000 {
			return t.Format(layout.to)
		}
	}
	if match := year.FindStringSubmatch(words); match != nil {
		return match[1]
	}
	return ""
}

// leadingNumber returns the first number in a text, or zero.
func leadingNumber(text string) float64 {
	n, err := strconv.ParseFloat(number.FindString(text), 64)
	if err != nil {
		return 0
	}
	return n
}
