// Package transfer exports the library of an account to files of several formats. It imports these files, and those of
// other programs.
package transfer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"time"

	"bookplate/covers"
	"bookplate/library"
	"bookplate/models"
)

// Exporter exports the library of an account. It reads a batch from the store and writes it before it reads the next.
// So an export of any size takes little memory, and a slow client does not block the store.
type Exporter struct {
	Books    *library.Books
	Readings *library.Readings
	Shelves  *library.Shelves
	Loans    *library.Loans
	Covers   *covers.Covers
	Version  string // the version of this server
	Log      *slog.Logger
	Now      func() time.Time
}

// batchSize is the number of rows in a batch from the store.
const batchSize = 200

// bufferSize is the number of bytes in a write to the client.
const bufferSize = 64 << 10

// Format is a format of exports.
type Format string

// The formats.
const (
	JSON      Format = "json"      // the books with their reading records and shelves
	ZIP       Format = "zip"       // all data; Imports can read it
	CSV       Format = "csv"       // like JSON, for spreadsheets
	Goodreads Format = "goodreads" // like CSV with the columns of Goodreads, for other programs
)

type fileFormat struct {
	mediaType string
	extension string // the extension of the file's name
	write     func(x *Exporter, ctx context.Context, user models.User, w io.Writer) error
}

var fileFormats = map[Format]fileFormat{
	JSON:      {"application/json; charset=utf-8", ".json", (*Exporter).writeJSON},
	ZIP:       {"application/zip", ".zip", (*Exporter).writeArchive},
	CSV:       {"text/csv; charset=utf-8", ".csv", (*Exporter).writeCSV},
	Goodreads: {"text/csv; charset=utf-8", "-goodreads.csv", (*Exporter).writeGoodreads},
}

// ParseFormat returns the format with this name. If there is none, the error lists the formats.
func ParseFormat(name string) (Format, error) {
	if _, found := fileFormats[Format(name)]; !found {
		return "", errors.New("must be json, zip, csv or goodreads")
	}
	return Format(name), nil
}

// MediaType returns the media type of the files.
func (f Format) MediaType() string { return fileFormats[f].mediaType }

// FileName returns the name of an exported file. It has the current date.
func (x *Exporter) FileName(f Format) string {
	return "bookplate-" + x.Now().Format(time.DateOnly) + fileFormats[f].extension
}

// Write writes the user's data to w. After an error, the file is incomplete. If a book changes meanwhile, the file has
// the book either before or after the change.
func (x *Exporter) Write(ctx context.Context, user models.User, f Format, w io.Writer) error {
	out := bufio.NewWriterSize(w, bufferSize)
	if err := fileFormats[f].write(x, ctx, user, out); err != nil {
		return err
	}
	return out.Flush()
}

// rows returns all rows of a list. fetch returns up to batchSize rows after the row last, or the first rows if last is
// nil. If fetch fails, the sequence ends with the error.
func rows[T any](fetch func(last *T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var last *T
		for {
			batch, err := fetch(last)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range batch {
				if !yield(row, nil) {
					return
				}
			}
			if len(batch) < batchSize {
				return
			}
			last = &batch[batchSize-1]
		}
	}
}

// books returns the user's books, sorted by id.
func (x *Exporter) books(ctx context.Context, user models.User) iter.Seq2[models.Book, error] {
	return rows(x.fetchBooks(ctx, user))
}

func (x *Exporter) fetchBooks(ctx context.Context, user models.User) func(*models.Book) ([]models.Book, error) {
	f := models.BookFilter{UserID: user.ID, Sort: models.SortCreated, Limit: batchSize}
	return func(last *models.Book) ([]models.Book, error) {
		if last != nil {
			f.After = new(f.Cursor(*last))
		}
		return x.Books.List(ctx, user, f)
	}
}

// booksRead returns the user's books with the user's reading records, sorted by the book's id.
func (x *Exporter) booksRead(ctx context.Context, user models.User) iter.Seq2[models.Book, error] {
	return rows(x.withReadings(ctx, user, x.fetchBooks(ctx, user)))
}

// withReadings adds the user's reading records to the books that fetch returns.
func (x *Exporter) withReadings(
	ctx context.Context, user models.User, fetch func(last *models.Book) ([]models.Book, error),
) func(last *models.Book) ([]models.Book, error) {
	return func(last *models.Book) ([]models.Book, error) {
		books, err := fetch(last)
		if err != nil {
			return nil, err
		}
		read := make([]*models.Book, len(books))
		for i := range books {
			read[i] = &books[i]
		}
		return books, x.Readings.Attach(ctx, user, read)
	}
}

// trash returns the books in the user's trash, last trashed first.
func (x *Exporter) trash(ctx context.Context, user models.User) iter.Seq2[models.Book, error] {
	return rows(fetchTrash(ctx, x.Books.Trash, user.ID))
}

// trashedBook is a book in the trash with its loans and its places on the owner's shelves.
type trashedBook struct {
	models.Book
	loans  []models.Loan       // latest first
	places []models.ShelfEntry // sorted by shelf
}

// trashWithAll returns the books in the user's trash, last trashed first, with the user's reading records and with
// everything else that the store keeps for their return.
func (x *Exporter) trashWithAll(ctx context.Context, user models.User) iter.Seq2[trashedBook, error] {
	fetch := x.withReadings(ctx, user, fetchTrash(ctx, x.Books.Trash, user.ID))
	return rows(func(last *trashedBook) ([]trashedBook, error) {
		var after *models.Book
		if last != nil {
			after = &last.Book
		}
		books, err := fetch(after)
		if err != nil || len(books) == 0 {
			return nil, err
		}
		return x.withKept(ctx, user, books)
	})
}

// withKept adds to books in the trash their loans and their places on the user's shelves.
func (x *Exporter) withKept(ctx context.Context, user models.User, books []models.Book) ([]trashedBook, error) {
	trashed, ids := make([]trashedBook, len(books)), make([]models.ID, len(books))
	at := map[models.ID]*trashedBook{}
	for i, b := range books {
		trashed[i].Book, ids[i], at[b.ID] = b, b.ID, &trashed[i]
	}
	loans, err := x.Books.Trash.Loans(ctx, user.ID, ids)
	if err != nil {
		return nil, err
	}
	for _, l := range loans {
		at[l.BookID].loans = append(at[l.BookID].loans, l)
	}
	places, err := x.Books.Trash.Places(ctx, user.ID, ids)
	for _, p := range places {
		at[p.BookID].places = append(at[p.BookID].places, p)
	}
	return trashed, err
}

func fetchTrash(ctx context.Context, trash models.Trash, owner models.ID) func(*models.Book) ([]models.Book, error) {
	f := models.TrashFilter{UserID: owner, Limit: batchSize}
	return func(last *models.Book) ([]models.Book, error) {
		if last != nil {
			f.After = new(models.TrashCursor(*last))
		}
		return trash.List(ctx, f)
	}
}

// readings returns the books that the user has a reading record of, including books of other accounts. A record that
// changes during the export moves to the end of the list. So the export may have it twice, but does not miss it.
func (x *Exporter) readings(ctx context.Context, user models.User) iter.Seq2[models.Book, error] {
	f := models.ReadingFilter{Sort: models.SortUpdated, Limit: batchSize}
	return rows(func(last *models.Book) ([]models.Book, error) {
		if last != nil {
			f.After = new(f.Sort.Cursor(*last.Reading))
		}
		return x.Readings.List(ctx, user, f)
	})
}

// loans returns the loans of the user's books, latest first.
func (x *Exporter) loans(ctx context.Context, user models.User) iter.Seq2[models.LentBook, error] {
	f := models.LoanFilter{LenderID: user.ID, Limit: batchSize}
	return rows(func(last *models.LentBook) ([]models.LentBook, error) {
		if last != nil {
			f.Before = last.ID
		}
		return x.Loans.List(ctx, f)
	})
}

// places returns the places of books on the user's shelves, shelf by shelf.
func (x *Exporter) places(ctx context.Context, user models.User) iter.Seq2[placeRecord, error] {
	return func(yield func(placeRecord, error) bool) {
		shelves, err := x.Shelves.List(ctx, user.ID)
		if err != nil {
			yield(placeRecord{}, err)
			return
		}
		for _, shelf := range shelves {
			for b, err := range x.shelf(ctx, user, shelf.Name) {
				place := placeRecord{Shelf: shelf.Name, BookID: b.ID, Place: b.Place}
				if !yield(place, err) {
					return
				}
			}
		}
	}
}

// shelf returns the books on a shelf in order.
func (x *Exporter) shelf(ctx context.Context, user models.User, name string) iter.Seq2[models.ShelvedBook, error] {
	f := models.ShelfFilter{ShelfKey: models.ShelfKey{UserID: user.ID, Name: name}, Limit: batchSize}
	return rows(func(last *models.ShelvedBook) ([]models.ShelvedBook, error) {
		if last != nil {
			f.After = last.Place
		}
		return x.Shelves.Page(ctx, user, f)
	})
}

// shelvesOf maps the ids of books to the names of the user's shelves that have the book. The map is small, because
// models.DefaultShelfLimits limits the entries.
func (x *Exporter) shelvesOf(ctx context.Context, user models.User) (map[models.ID][]string, error) {
	names := map[models.ID][]string{}
	for place, err := range x.places(ctx, user) {
		if err != nil {
			return nil, err
		}
		names[place.BookID] = append(names[place.BookID], place.Shelf)
	}
	return names, nil
}
