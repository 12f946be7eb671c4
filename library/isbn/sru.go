package isbn

import (
	"context"
	"encoding/xml"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// searchResult is the answer of a national library by SRU, a protocol of libraries for searches. R is the type of its
// records.
type searchResult[R any] struct {
	XMLName xml.Name `xml:"searchRetrieveResponse"`
	Records []R      `xml:"records>record>recordData"`
}

// search asks a national library for books, and returns the one with the ISBN.
func search[R interface{ answer() answer }](
	ctx context.Context, f *fetcher, address string, query url.Values, isbn string,
) (answer, error) {
	var result searchResult[R]
	if err := f.xml(ctx, address+"?"+query.Encode(), &result); err != nil {
		return answer{}, err
	}
	for _, record := range result.Records {
		if a := record.answer(); hasISBN(a.isbns, isbn) {
			return a, nil
		}
	}
	return answer{}, errUnknown
}

// pageCount matches the number of pages in a description such as "1 vol. (188 p.)" or "XII, 240 Seiten".
var pageCount = regexp.MustCompile(`([0-9]+) ?(?:p\.|pages|S\.|Seiten)`)

// pagesIn returns the number of pages in a description of a book, or zero.
func pagesIn(extent string) int {
	match := pageCount.FindStringSubmatch(extent)
	if match == nil {
		return 0
	}
	n, _ := strconv.Atoi(match[1]) // zero if it is too large
	return n
}

// trimmed removes the punctuation with which libraries separate the parts of a description.
func trimmed(text string) string { return strings.TrimRight(strings.TrimSpace(text), " /:;,=") }

// seriesNumber matches the number at the end of a series, as in "Dune ; 2", "Dune, #2", "Dune (2)" and "Dune. Band 2".
var seriesNumber = regexp.MustCompile(`^(.+?)[\s.,;:(#-]+(?:(?i:no|nr|vol|volume|book|bk|bd|band|t|tome)[.\s]+)?([0-9]+(?:\.[0-9]+)?)\)?$`)

// splitSeries splits a series from the book's number in it.
func splitSeries(text string) (series, number string) {
	if match := seriesNumber.FindStringSubmatch(line(text)); match != nil {
		return match[1], match[2]
	}
	return text, ""
}
