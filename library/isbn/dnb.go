package isbn

import (
	"context"
	"slices"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// dnb is the catalogue of the German national library.
var dnb = source{
	name: models.DNB, title: "The DNB",
	hosts: []string{"services.dnb.de", "portal.dnb.de"},
	limit: throttle.Limit{N: 1, Per: time.Second},
	find: func(ctx context.Context, f *fetcher, isbn string) (answer, error) {
		answers, err := dnbCatalogue.search(ctx, f, "isbn="+isbn)
		if err != nil {
			return answer{}, err
		}
		a, err := withISBN(answers, isbn)
		a.cover = "https://portal.dnb.de/opac/mvb/cover?isbn=" + isbn // the server answers 404 if there is no cover
		return a, err
	},
	search: func(ctx context.Context, f *fetcher, words []string) ([]answer, error) {
		return dnbCatalogue.search(ctx, f, "woe="+strings.Join(words, " and woe="))
	},
}

var dnbCatalogue = catalogue[marc]{"https://services.dnb.de/sru/dnb", "1.1", "MARC21-xml"}

// marc is a record in MARC 21, the exchange format of library catalogues: https://www.loc.gov/marc/bibliographic/
type marc struct {
	Fields []marcField `xml:"record>datafield"`
}

type marcField struct {
	Tag       string `xml:"tag,attr"`
	Subfields []struct {
		Code  string `xml:"code,attr"`
		Value string `xml:",chardata"`
	} `xml:"subfield"`
}

// all returns the values of the subfields with this code.
func (f marcField) all(code string) (values []string) {
	for _, subfield := range f.Subfields {
		if subfield.Code == code {
			values = append(values, visible(subfield.Value))
		}
	}
	return values
}

// get returns the value of the first subfield with this code, or an empty string.
func (f marcField) get(code string) string {
	for _, value := range f.all(code) {
		return trimmed(value)
	}
	return ""
}

// all returns the fields with this tag.
func (m marc) all(tag string) (fields []marcField) {
	for _, field := range m.Fields {
		if field.Tag == tag {
			fields = append(fields, field)
		}
	}
	return fields
}

// get returns the value of the first subfield with this code in a field with this tag, or an empty string.
func (m marc) get(tag, code string) string {
	for _, field := range m.all(tag) {
		if value := field.get(code); value != "" {
			return value
		}
	}
	return ""
}

func (m marc) answer() answer {
	a := answer{
		title: m.get("245", "a"), subtitle: m.get("245", "b"), authors: m.authors(), description: m.get("520", "a"),
		publisher: m.get("264", "b"), published: m.get("264", "c"), language: m.get("041", "a"),
		pages: pagesIn(m.get("300", "a")), series: m.get("490", "a"), number: m.get("490", "v"),
	}
	for _, code := range []string{"n", "p"} { // the number and the title of a part
		if part := m.get("245", code); part != "" {
			a.title += ". " + part
		}
	}
	for _, field := range m.all("020") {
		a.isbns = append(a.isbns, field.all("a")...)
	}
	return a
}

// authors returns the names of the persons whose role is author. It skips translators and other roles.
func (m marc) authors() (authors []string) {
	for _, field := range slices.Concat(m.all("100"), m.all("700")) {
		roles := field.all("4")
		if slices.Contains(roles, "aut") || len(roles) == 0 && field.Tag == "100" {
			name := field.get("a")
			if number := field.get("b"); number != "" { // the number of a king or a pope
				name += " " + number
			}
			authors = append(authors, turned(strings.TrimSuffix(name, ".")))
		}
	}
	return authors
}
