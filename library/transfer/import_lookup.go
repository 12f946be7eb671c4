package transfer

import (
	"context"
	"os"

	"bookplate/models"
)

// lookUp fills the empty fields of a line from the ISBN sources, if the import has this option. It reports whether a
// source has the book, and returns the file of the cover or nil.
func (l *Imports) lookUp(ctx context.Context, i *models.Import, p *plan) (known bool, cover *os.File, err error) {
	if p.Book.ISBN == nil || !i.LookUp && !i.Covers {
		return false, nil, nil
	}
	found, err := l.ISBN.Find(ctx, *p.Book.ISBN)
	switch models.CodeOf(err) {
	case models.NotFound, models.Unavailable, models.Forbidden:
		if ctx.Err() != nil {
			return false, nil, err
		}
		p.notes = append(p.notes, "not looked up: "+reasonOf(err))
		return false, nil, nil
	}
	if err != nil {
		return false, nil, err
	}
	if i.LookUp {
		p.Book.Fill(found.Fields)
	}
	if i.Covers {
		cover = l.ISBN.Cover(ctx, found)
	}
	return p.Book.Title != nil, cover, nil
}

func closeFile(file *os.File) {
	if file != nil {
		_ = file.Close() // the file was only read
		_ = os.Remove(file.Name())
	}
}
