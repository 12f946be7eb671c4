package isbn

import (
	"context"
	"encoding/xml"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// searchResult is a national library's answer to a search by SRU, a search protocol for libraries. R is the type of the
// records.
type searchResult[R any] struct {
	XMLName xml.Name `xml:"searchRetrieveResponse"`
	Records []R      `xml:"records>record>recordData"`
}

// catalogue is the catalogue of a national library. R is the type of its records.
type catalogue[R interface{ answer() answer }] struct {
	address, version, schema string
}

// search returns at most maxResults books that a query in CQL finds.
func (c catalogue[R]) search(ctx context.Context, f *fetcher, query string) (answers []answer, err error) {
	parameters := url.Values{
		"version": {c.version}, "operation": {"searchRetrieve"}, "query": {query}, "recordSchema": {c.schema},
		"maximumRecords": {strconv.Itoa(maxResults)},
	}
	var result searchResult[R]
	if err := f.xml(ctx, c.address+"?"+parameters.Encode(), &result); err != nil {
		return nil, err
	}
	for _, record := range result.Records {
		answers = append(answers, record.answer())
	}
	return answers, nil
}

// pageCount matches the number of pages in a description such as "1 vol. (188 p.)" or "XII, 240 Seiten".
var pageCount = regexp.MustCompile(`([0-9]+) ?(?:p\.|pages|S\.|Seiten)`)

// pagesIn returns the number of pages in a description of a book, or zero if there is none.
func pagesIn(extent string) int {
	match := pageCount.FindStringSubmatch(extent)
	if match == nil {
		return 0
	}
	n, _ := strconv.Atoi(match[1]) // zero if it is too large
	return n
}

// trimmed removes the punctuation that libraries put after a part of a description, such as " :" after a title.
func trimmed(text string) string { return strings.TrimRight(strings.TrimSpace(text), " /:;,=") }

// seriesNumber matches the number after the name of a series, as in "Dune ; 2", "Dune, #2", "Dune (2)" and "Dune. Band 2".
var seriesNumber = regexp.MustCompile(`^(.+?)[\s.,;:(#-]+(?:(?i:no|nr|vol|volume|book|bk|bd|band|t|tome)[.\s]+)?([0-9]+(?:\.[0-9]+)?)\)?$`)

// splitSeries splits a text such as "Dune ; 2" into the name of the series and the number of the book.
func splitSeries(text string) (series, number string) {
	if match := seriesNumber.FindStringSubmatch(line(text)); match != nil {
		return match[1], match[2]
	}
	return text, ""
}
