package transfer

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"bookplate/models"
)

const goodreadsDay = "2006/01/02"

// goodreadsColumns are the columns of Goodreads' exports, in the same order. A column is empty if only Goodreads has
// its data.
var goodreadsColumns = []csvColumn{
	{"Book Id", noCell},
	{"Title", func(b bookRow) string { return defuse(goodreadsTitle(b)) }},
	{"Author", func(b bookRow) string { return defuse(firstAuthor(b)) }},
	{"Author l-f", func(b bookRow) string { return defuse(lastNameFirst(firstAuthor(b))) }},
	{"Additional Authors", func(b bookRow) string { return defuse(strings.Join(b.Authors[min(1, len(b.Authors)):], ", ")) }},
	{"ISBN", func(b bookRow) string { return exactCell(isbn10(b.ISBN)) }},
	{"ISBN13", func(b bookRow) string { return exactCell(b.ISBN) }},
	{"My Rating", func(b bookRow) string { return strconv.Itoa(wholeStars(b)) }},
	{"Average Rating", noCell},
	{"Publisher", func(b bookRow) string { return defuse(b.Publisher) }},
	{"Binding", noCell},
	{"Number of Pages", func(b bookRow) string { return numberCell(b.Pages) }},
	{"Year Published", func(b bookRow) string { return b.Published[:min(4, len(b.Published))] }},
	{"Original Publication Year", noCell},
	{"Date Read", ofReading(func(r models.Reading) string { return slashedDate(r.Reads.Finished()) })},
	{"Date Added", func(b bookRow) string { return dayCell(b.CreatedAt, goodreadsDay) }},
	{"Bookshelves", func(b bookRow) string { return defuse(strings.Join(goodreadsShelves(b), ", ")) }},
	{"Bookshelves with positions", noCell},
	{"Exclusive Shelf", exclusiveShelf},
	{"My Review", noCell}, // empty, because programs publish this column
	{"Spoiler", noCell},
	{"Private Notes", ofReading(func(r models.Reading) string {
		return defuse(strings.ReplaceAll(string(r.Review), "\n", "<br/>"))
	})},
	{"Read Count", func(b bookRow) string { return strconv.Itoa(readCount(b)) }},
	{"Owned Copies", func(b bookRow) string { return strconv.Itoa(max(b.Copies, 1)) }},
}

func (x *Exporter) writeGoodreads(ctx context.Context, user models.User, w io.Writer) error {
	return x.writeTable(ctx, user, csv.NewWriter(w), goodreadsColumns)
}

func noCell(bookRow) string { return "" }

// goodreadsTitle returns a title such as "Dune: A Novel (Dune Chronicles, #1)".
func goodreadsTitle(b bookRow) string {
	title := b.Title
	if b.Subtitle != "" {
		title += ": " + b.Subtitle
	}
	switch {
	case b.Series != "" && b.SeriesNumber != 0:
		title += fmt.Sprintf(" (%s, #%s)", b.Series, decimalCell(b.SeriesNumber))
	case b.Series != "":
		title += " (" + b.Series + ")"
	}
	return title
}

func firstAuthor(b bookRow) string {
	if len(b.Authors) == 0 {
		return ""
	}
	return b.Authors[0]
}

// lastNameFirst returns "Herbert, Frank" for "Frank Herbert".
func lastNameFirst(author string) string {
	i := strings.LastIndexByte(author, ' ')
	if i < 0 {
		return author
	}
	return author[i+1:] + ", " + author[:i]
}

// isbn10 converts an ISBN-13 to an ISBN-10. It returns an empty string if the ISBN does not begin with 978, because
// only such ISBNs have an ISBN-10.
func isbn10(isbn string) string {
	digits, found := strings.CutPrefix(isbn, "978")
	if !found || len(digits) != 10 {
		return ""
	}
	digits = digits[:9]
	sum := 0
	for i, digit := range []byte(digits) {
		sum += (10 - i) * int(digit-'0')
	}
	return digits + string("0123456789X"[(11-sum%11)%11])
}

// wholeStars returns the rating in whole stars, with halves rounded up. It returns at least 1 for a rating, and 0 for
// none.
func wholeStars(b bookRow) int {
	if b.Reading == nil || b.Reading.Rating == 0 {
		return 0
	}
	return max(1, (int(b.Reading.Rating)+2)/4)
}

// exclusiveShelves maps each status to the shelf for it in Goodreads. Goodreads has no status for abandoned books, so
// its users make a shelf for them.
var exclusiveShelves = map[models.ReadingStatus]string{
	models.StatusWant: "to-read", models.StatusReading: "currently-reading", models.StatusRead: "read",
	models.StatusAbandoned: "abandoned",
}

func exclusiveShelf(b bookRow) string {
	if b.Reading == nil {
		return ""
	}
	return exclusiveShelves[b.Reading.Status]
}

var notInShelfName = regexp.MustCompile(`[\s,]+`)

// goodreadsShelves returns the names for the column of shelves: the status unless it is read, then the shelves, then
// the tags. Goodreads has no tags, so they become shelves. Names of shelves have no spaces, so spaces become hyphens.
func goodreadsShelves(b bookRow) (names []string) {
	if status := exclusiveShelf(b); status != "" && status != "read" {
		names = append(names, status)
	}
	names = append(names, b.shelves...)
	for _, tag := range b.Tags {
		names = append(names, notInShelfName.ReplaceAllString(tag, "-"))
	}
	return names
}

func readCount(b bookRow) int {
	if b.Reading == nil {
		return 0
	}
	count := 0
	for _, read := range b.Reading.Reads {
		if read.Finished != 0 {
			count++
		}
	}
	if count == 0 && b.Reading.Status == models.StatusRead {
		return 1
	}
	return count
}
