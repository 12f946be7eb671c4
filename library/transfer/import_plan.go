package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"bookplate/models"
)

// known has the books of an account that lines may duplicate, by ISBN and by folded title.
type known struct {
	byISBN  map[string]*models.Book
	byTitle map[string][]*models.Book
}

// knownBooks looks up the books of an account that the entries may duplicate.
func (l *Imports) knownBooks(ctx context.Context, owner models.ID, entries []*entry) (*known, error) {
	var isbns, titles []string
	for _, e := range entries {
		if e.Book.ISBN != nil {
			isbns = append(isbns, *e.Book.ISBN)
		}
		if e.Book.Title != nil {
			titles = append(titles, titleKey(*e.Book.Title))
		}
	}
	books, err := l.Store.Books().Alike(ctx, owner, isbns, titles)
	return newKnown(books), err
}

func newKnown(books []models.Book) *known {
	k := &known{map[string]*models.Book{}, map[string][]*models.Book{}}
	for i := range books {
		k.add(&books[i])
	}
	return k
}

func (k *known) add(b *models.Book) {
	if b.ISBN != "" {
		k.byISBN[b.ISBN] = b
	}
	key := titleKey(b.Title)
	k.byTitle[key] = append(k.byTitle[key], b)
}

// find returns the book that b duplicates, or nil. That is a book with the same ISBN, or one with the same title and
// author unless both have an ISBN. Books with different ISBNs are different editions.
func (k *known) find(b models.Book) *models.Book {
	if found := k.byISBN[b.ISBN]; found != nil {
		return found
	}
	if b.Title == "" {
		return nil
	}
	list := k.byTitle[titleKey(b.Title)]
	i := slices.IndexFunc(list, func(other *models.Book) bool {
		return (b.ISBN == "" || other.ISBN == "") && sameAuthor(b.Authors, other.Authors)
	})
	if i < 0 {
		return nil
	}
	return list[i]
}

// edition returns the book that has exactly the title, the authors and the ISBN of b, or nil.
func (k *known) edition(b models.Book) *models.Book {
	list := k.byTitle[titleKey(b.Title)]
	i := slices.IndexFunc(list, func(other *models.Book) bool { return other.Title == b.Title && other.Edition() == b.Edition() })
	if i < 0 {
		return nil
	}
	return list[i]
}

func titleKey(title string) string {
	return models.Book{BookTexts: models.BookTexts{Title: title}}.SortKeys().Title
}

// sameAuthor reports whether the first authors are the same, or whether one of them is unknown.
func sameAuthor(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || models.Fold(a[0]) == models.Fold(b[0])
}

// plan is a line and the decision how to import it.
type plan struct {
	*entry
	row    models.ImportRow // without the reason
	target *models.Book     // the book that the line creates or duplicates; nil if the line fails
	repeat bool             // whether the line duplicates another book
	stored bool             // whether the line's new book and reading record are stored

	before  *models.Reading // the reading record of the book that the line updates; nil if there is none
	book    models.BookUpdate
	reading models.ReadingUpdate
}

func (e *entry) asBook(owner models.ID) *models.Book {
	b := e.Book.Apply(models.Book{ID: e.BookID, UserID: owner})
	return &b
}

// planLine decides how to import a line. If the line creates a book, planLine adds the book to the known ones.
func (k *known) planLine(e *entry, owner models.ID, on models.OnDuplicate) *plan {
	p := &plan{entry: e, row: models.ImportRow{Line: e.Number}}
	if e.Book.Title != nil {
		p.row.Title = *e.Book.Title
	}
	b := e.asBook(owner)
	found := k.find(*b)
	if found != nil && found.ID == e.BookID { // the same line has created this book before a crash
		found = nil
	}
	switch {
	case e.skip != "":
		p.row.Outcome = models.RowSkipped
	case e.fail != "":
		p.row.Outcome = models.RowFailed
	case found != nil && on != models.DuplicateAdd:
		p.repeat, p.target, p.row.BookID = true, found, found.ID
		p.row.Outcome = models.RowSkipped
		if e.skip = "it is in the library"; on == models.DuplicateUpdate {
			p.row.Outcome, e.skip = models.RowUpdated, ""
		}
	default:
		p.target, p.row.BookID, p.row.Outcome = b, b.ID, models.RowCreated
		k.add(b)
	}
	return p
}

// fieldsOf returns the fields of a book as JSON.
func fieldsOf(b models.Book) (fields map[string]json.RawMessage) {
	text, _ := json.Marshal(struct { // marshalling strings and numbers never fails
		models.BookTexts
		models.BookDetails
	}{b.BookTexts, b.BookDetails})
	_ = json.Unmarshal(text, &fields)
	return fields
}

// narrow removes from the updates all values that the duplicated book and its reading record have already.
func (p *plan) narrow() {
	p.book, p.reading = narrowBook(p.Book, *p.target), p.Reading
	if p.before != nil {
		p.reading = narrowReading(p.Reading, *p.before)
	}
}

// narrowBook removes from an update all values that a book has already. It adds the update's tags to those of the book.
func narrowBook(up models.BookUpdate, b models.Book) models.BookUpdate {
	if up.Tags != nil {
		tags := append(slices.Clone(b.Tags), *up.Tags...)
		slices.Sort(tags)
		up.Tags = new(slices.Compact(tags))
	}
	before, after := fieldsOf(b), fieldsOf(up.Apply(b))
	for name := range up.Changes() {
		if bytes.Equal(before[name], after[name]) {
			up.Omit(name)
		}
	}
	return up
}

// narrowReading removes from an update all values that a reading record has already.
func narrowReading(up models.ReadingUpdate, r models.Reading) models.ReadingUpdate {
	if up.Status != nil && *up.Status == r.Status {
		up.Status = nil
	}
	if up.Rating != nil && *up.Rating == r.Rating {
		up.Rating = nil
	}
	if up.Progress != nil && *up.Progress == r.Progress {
		up.Progress = nil
	}
	if up.Reads != nil && slices.Equal(*up.Reads, r.Reads) {
		up.Reads = nil
	}
	if up.Review != nil && *up.Review == r.Review {
		up.Review = nil
	}
	return up
}
