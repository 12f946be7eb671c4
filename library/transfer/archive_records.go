package transfer

import (
	"archive/tar"
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"bookplate/models"
)

// archivedBook is the type for decoding a bookRecord. Its BookUpdate has only the fields of the record, and can check
// them.
type archivedBook struct {
	ID models.ID `json:"_id"`
	models.BookUpdate
	ImageURL  string    `json:"image_url"`
	CreatedAt timestamp `json:"created_at"`
	UpdatedAt timestamp `json:"updated_at"`
}

// archivedTrash is the type for decoding a trashRecord.
type archivedTrash struct {
	archivedBook
	TrashedAt timestamp      `json:"trashed_at"`
	Reading   *readingFields `json:"reading"`
	Loans     []trashLoan    `json:"loans"`
	Shelves   []trashPlace   `json:"shelves"`
}

// eachRecord calls do with each record of a file in order. Lines are numbered from 1.
func eachRecord[T any](ctx context.Context, a *archive, name string, do func(line int, record T) error) error {
	return a.read(ctx, name, func(r io.Reader) error {
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, maxLine)
		line := 0
		for scanner.Scan() {
			line++
			var record T
			if err := json.Unmarshal(scanner.Bytes(), &record); err != nil {
				return inLine(name, line, err)
			}
			if err := do(line, record); err != nil {
				return err
			}
		}
		if err := scanner.Err(); err != nil {
			return inLine(name, line+1, err)
		}
		return nil
	})
}

func inLine(name string, line int, err error) error {
	return fmt.Errorf("%s, line %d: %w", name, line, err)
}

// checkRecords checks that all records can be decoded, that ids are valid, and that files are sorted. If not, nothing
// of the archive is imported. Other invalid values do not fail the import: they are omitted later, and the report names
// them.
func (a *archive) checkRecords(ctx context.Context) error {
	for _, check := range []func(context.Context) error{
		a.checkProfile, a.checkBooks, a.checkTrash, a.checkReadings, a.checkPlaces, a.checkLoans, a.checkGoals,
	} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) checkProfile(ctx context.Context) error {
	return checkFile(ctx, a, profileFile, func(archivedProfile) error { return nil })
}

func (a *archive) checkBooks(ctx context.Context) error {
	return a.withCovers(ctx, coversFile, func(covers *coverReader) error {
		return checkFile(ctx, a, booksFile, func(b archivedBook) error {
			if err := a.books.shown.add(b.ID); err != nil {
				return err
			}
			if !a.books.shown.inOrder(-1) {
				return errors.New("the books are not sorted by id, or an id occurs twice")
			}
			return covers.skip(b.ID)
		})
	})
}

func (a *archive) checkTrash(ctx context.Context) error {
	defer func() {
		a.books.trashed.sort()
		a.loans.trashed.sort()
	}()
	return a.withCovers(ctx, trashCoversFile, func(covers *coverReader) error {
		return checkFile(ctx, a, trashFile, func(b archivedTrash) error {
			if err := a.books.trashed.add(b.ID); err != nil {
				return err
			}
			if b.TrashedAt.IsZero() {
				return errors.New("trashed_at is required")
			}
			for _, l := range b.Loans {
				if err := a.loans.trashed.add(l.ID); err != nil {
					return err
				}
			}
			for _, p := range b.Shelves {
				if err := checkPlace(p.Shelf, p.Place); err != nil {
					return err
				}
			}
			return covers.skip(b.ID)
		})
	})
}

func (a *archive) checkReadings(ctx context.Context) error {
	return checkFile(ctx, a, readingsFile, func(r readingRecord) error { return checkIDs(r.BookID) })
}

func (a *archive) checkPlaces(ctx context.Context) error {
	return checkFile(ctx, a, shelvesFile, func(p placeRecord) error {
		if err := checkPlace(p.Shelf, p.Place); err != nil {
			return err
		}
		return checkIDs(p.BookID)
	})
}

func checkPlace(shelf string, place models.Place) error {
	if name, err := models.ShelfName(shelf); err != nil || name != shelf {
		return fmt.Errorf("%q is not the name of a shelf", shelf)
	}
	_, err := models.ParsePlace(string(place))
	return err
}

func (a *archive) checkLoans(ctx context.Context) error {
	defer func() { a.loans.shown.sort() }()
	return checkFile(ctx, a, loansFile, func(l loanRecord) error {
		if err := a.loans.shown.add(l.ID); err != nil {
			return err
		}
		if !a.loans.shown.inOrder(1) { // latest first
			return errors.New("the loans are not sorted by id, or an id occurs twice")
		}
		return checkIDs(l.BookID)
	})
}

func (a *archive) checkGoals(ctx context.Context) error {
	return checkFile(ctx, a, goalsFile, func(g goalRecord) error {
		if g.Year < 1 || g.Year > 9999 {
			return fmt.Errorf("%d is not a year", g.Year)
		}
		return nil
	})
}

// checkFile checks each record of a file, and compares the number of records with the manifest.
func checkFile[T any](ctx context.Context, a *archive, name string, check func(record T) error) error {
	lines := 0
	err := eachRecord(ctx, a, name, func(line int, record T) error {
		lines = line
		if line > maxRecords {
			return fmt.Errorf("%s has more than %d records", name, maxRecords)
		}
		if err := check(record); err != nil {
			return inLine(name, line, err)
		}
		return nil
	})
	if err == nil && lines != a.records[name] {
		err = fmt.Errorf("%s has %d records, but %s says %d", name, lines, manifestFile, a.records[name])
	}
	return err
}

func checkIDs(ids ...models.ID) error {
	for _, id := range ids {
		if parsed, err := models.ParseID(string(id)); err != nil || parsed != id {
			return fmt.Errorf("%q is not an id", id)
		}
	}
	return nil
}

// idIndex has ids in ascending order, in 12 bytes each.
type idIndex [][12]byte

func (x *idIndex) add(id models.ID) error {
	if err := checkIDs(id); err != nil {
		return err
	}
	if len(*x) == maxRecords/2 { // the ranks of idRanks are at most maxRecords
		return fmt.Errorf("the file has more than %d ids", len(*x))
	}
	*x = append(*x, packID(id))
	return nil
}

// inOrder reports whether comparing the last two ids gives the result want, or whether there are fewer than two.
func (x idIndex) inOrder(want int) bool {
	n := len(x)
	return n < 2 || compareIDs(x[n-2], x[n-1]) == want
}

func (x idIndex) sort() { slices.SortFunc(x, compareIDs) }

// find returns the number of smaller ids, and whether the index has this id.
func (x idIndex) find(id models.ID) (smaller int, found bool) {
	return slices.BinarySearchFunc(x, packID(id), compareIDs)
}

// idRanks has the ids of all books in an archive, or of all loans.
type idRanks struct {
	shown   idIndex // in the file of books or of loans
	trashed idIndex // in the file of the trash
}

// rank returns the position of an id among all ids, from 1. A book that was moved to the trash during the export is in both
// files, and so are its loans. Then the one in the trash is the second.
func (x idRanks) rank(id models.ID, trashed bool) int {
	shown, both := x.shown.find(id)
	rank, _ := x.trashed.find(id)
	if rank += shown + 1; trashed && both {
		rank++
	}
	return rank
}

// packID returns the 12 bytes of a valid id.
func packID(id models.ID) (packed [12]byte) {
	_, _ = hex.Decode(packed[:], []byte(id))
	return packed
}

func compareIDs(a, b [12]byte) int { return slices.Compare(a[:], b[:]) }

// coverReader reads the pictures in a tar file in order. The caller must iterate over the books in the same order.
type coverReader struct {
	name string
	tar  *tar.Reader
	next string // the name of the next picture; empty after the last one
	read int    // the number of pictures before the next one
}

// withCovers calls do with a reader of the pictures in a file. It returns an error if do returns nil but has not read
// or skipped all pictures.
func (a *archive) withCovers(ctx context.Context, name string, do func(*coverReader) error) error {
	return a.read(ctx, name, func(r io.Reader) error {
		covers := &coverReader{name: name, tar: tar.NewReader(r), read: -1}
		if err := covers.advance(); err != nil {
			return err
		}
		if err := do(covers); err != nil {
			return err
		}
		switch {
		case covers.next != "":
			return fmt.Errorf("%s has %q, which is not the picture of a book, or not in the order of the books", name, covers.next)
		case covers.read != a.records[name]:
			return fmt.Errorf("%s has %d pictures, but %s says %d", name, covers.read, manifestFile, a.records[name])
		}
		return nil
	})
}

// advance reads the header of the next picture in the tar file.
func (c *coverReader) advance() error {
	header, err := c.tar.Next()
	c.read++
	switch {
	case errors.Is(err, io.EOF):
		c.next = ""
		return nil
	case err != nil:
		return fmt.Errorf("%s cannot be read: %w", c.name, err)
	case header.Size > maxPicture:
		return fmt.Errorf("%s has the picture %q of more than %d bytes", c.name, header.Name, maxPicture)
	}
	c.next = header.Name
	return nil
}

// skip skips the picture of a book. It does nothing if the book has no picture.
func (c *coverReader) skip(book models.ID) error {
	if c.next != coverName(book) {
		return nil
	}
	return c.advance()
}

// of returns the picture of a book, or nil if the book has none.
func (c *coverReader) of(book models.ID) ([]byte, error) {
	if c.next != coverName(book) {
		return nil, nil
	}
	picture, err := io.ReadAll(c.tar)
	if err != nil {
		return nil, err
	}
	return picture, c.advance()
}
