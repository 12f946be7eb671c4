package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"bookplate/models"
)

// The format and version in the files. The version increases if an older server would misread the new files.
const (
	booksFormat  = "bookplate books"
	booksVersion = 1
)

// listedBook is a book in a file of the format JSON.
type listedBook struct {
	bookRecord
	Reading *readingFields `json:"reading"` // null if there is none
	Shelves []string       `json:"shelves"`
}

// writeJSON writes a JSON object. Its last field is the array of books, with one book on each line.
func (x *Exporter) writeJSON(ctx context.Context, user models.User, w io.Writer) error {
	shelves, err := x.shelvesOf(ctx, user)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `{"format":%q,"version":%d,"books":[`, booksFormat, booksVersion)
	if err != nil {
		return err
	}
	encoder := newEncoder(w)
	separator := "\n"
	for b, err := range x.booksRead(ctx, user) {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		if err := encoder.Encode(listedBook{recordBook(b), recordBookReading(b), append([]string{}, shelves[b.ID]...)}); err != nil {
			return err
		}
		separator = ","
	}
	_, err = io.WriteString(w, "]}\n")
	return err
}

// newEncoder returns an encoder that ends each value with a newline.
func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}
