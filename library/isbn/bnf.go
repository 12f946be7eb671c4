package isbn

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// bnf is the catalogue of the French national library.
var bnf = source{
	name: models.BnF, title: "The BnF",
	hosts: []string{"catalogue.bnf.fr"},
	limit: throttle.Limit{N: 1, Per: time.Second},
	find: func(ctx context.Context, f *fetcher, isbn string) (answer, error) {
		answers, err := bnfCatalogue.search(ctx, f, fmt.Sprintf("bib.isbn adj %q", isbn))
		if err != nil {
			return answer{}, err
		}
		return withISBN(answers, isbn)
	},
	search: func(ctx context.Context, f *fetcher, words []string) ([]answer, error) {
		return bnfCatalogue.search(ctx, f, fmt.Sprintf(`bib.anywhere all "%s"`, strings.Join(words, " ")))
	},
}

var bnfCatalogue = catalogue[dublinCore]{"https://catalogue.bnf.fr/api/SRU", "1.2", "dublincore"}

// dublinCore is a record in Dublin Core, a simple metadata format: https://www.dublincore.org
type dublinCore struct {
	Titles      []string `xml:"dc>title"`
	Creators    []string `xml:"dc>creator"`
	Publishers  []string `xml:"dc>publisher"`
	Dates       []string `xml:"dc>date"`
	Languages   []string `xml:"dc>language"`
	Identifiers []string `xml:"dc>identifier"`
	Formats     []string `xml:"dc>format"`
}

var (
	// role matches the text after a person's name: the years of birth and death in brackets, and a role such as
	// "Auteur".
	role = regexp.MustCompile(` *(?:\([^)]*\).*|\. (?:Auteur|Éditeur|Directeur|Illustrateur|Traducteur|Préfacier|Scénariste|Dessinateur|Adaptateur|Collaborateur).*)$`)

	// place matches the place after a publisher's name.
	place = regexp.MustCompile(` *\([^()]*\)$`)
)

func (d dublinCore) answer() answer {
	title, _, _ := strings.Cut(list(d.Titles).first(), " / ") // the authors follow the slash
	title, subtitle, _ := strings.Cut(title, " : ")
	a := answer{
		title: title, subtitle: subtitle, publisher: place.ReplaceAllString(list(d.Publishers).first(), ""),
		published: list(d.Dates).first(), language: list(d.Languages).first(), pages: pagesIn(list(d.Formats).first()),
	}
	for _, creator := range d.Creators {
		a.authors = append(a.authors, turned(role.ReplaceAllString(creator, "")))
	}
	for _, identifier := range d.Identifiers {
		if isbn, found := strings.CutPrefix(identifier, "ISBN "); found {
			a.isbns = append(a.isbns, isbn)
		}
	}
	return a
}
