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
	"strings"

	"bookplate/models"
)

// archivedBook is a bookRecord as it is read. The embedded update has the fields that are in the record, and checks them.
type archivedBook struct {
	ID models.ID `json:"_id"`
	models.BookUpdate
	ImageURL  string    `json:"image_url"`
	CreatedAt timestamp `json:"created_at"`
	UpdatedAt timestamp `json:"updated_at"`
}

// eachRecord calls do with each record of a file, in their order. Lines count from 1.
func eachRecord[T any](ctx context.Context, a *Archive, name string, do func(line int, record T) error) error {
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

// checkRecords checks what nothing of an archive can be stored without: that each record can be decoded, that ids are ids,
// and that the files are in order. What breaks a rule of books is left out later, and the report says so.
func (a *Archive) checkRecords(ctx context.Context) error {
	return errors.Join(
		checkFile(ctx, a, booksFile, func(b archivedBook) error { return a.books.add(b.ID) }),
		checkFile(ctx, a, readingsFile, func(r readingRecord) error { return checkIDs(r.BookID) }),
		checkFile(ctx, a, shelvesFile, func(p placeRecord) error {
			if name, err := models.ShelfName(p.Shelf); err != nil || name != p.Shelf {
				return fmt.Errorf("%q is not the name of a shelf", p.Shelf)
			}
			return checkIDs(p.BookID, p.Place)
		}),
		checkFile(ctx, a, loansFile, func(l loanRecord) error { return checkIDs(l.ID, l.BookID) }),
		checkFile(ctx, a, goalsFile, func(g goalRecord) error {
			if g.Year < 1 || g.Year > 9999 {
				return fmt.Errorf("%d is not a year", g.Year)
			}
			return nil
		}),
		a.checkCovers(ctx),
	)
}

func checkFile[T any](ctx context.Context, a *Archive, name string, check func(record T) error) error {
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

// bookIndex has the ids of the books of an archive, ascending. It takes 12 bytes a book.
type bookIndex [][12]byte

func (x *bookIndex) add(id models.ID) error {
	if err := checkIDs(id); err != nil {
		return err
	}
	next := packID(id)
	if n := len(*x); n > 0 && compareIDs((*x)[n-1], next) >= 0 {
		return errors.New("the books are not in the order of their ids, each once")
	}
	*x = append(*x, next)
	return nil
}

// line returns the line of a book in the file of books. It returns 0 if the book is not there.
func (x bookIndex) line(id models.ID) int {
	i, found := slices.BinarySearchFunc(x, packID(id), compareIDs)
	if !found {
		return 0
	}
	return i + 1
}

// packID returns the bytes of an id that checkIDs accepts.
func packID(id models.ID) (packed [12]byte) {
	_, _ = hex.Decode(packed[:], []byte(id))
	return packed
}

func compareIDs(a, b [12]byte) int { return slices.Compare(a[:], b[:]) }

// checkCovers checks that each picture is that of a book.
func (a *Archive) checkCovers(ctx context.Context) error {
	return a.read(ctx, coversFile, func(r io.Reader) error {
		covers, pictures := newCoverReader(r), 0
		for {
			if err := covers.advance(); err != nil {
				return err
			}
			if covers.book == noBook {
				break
			}
			if a.books.line(covers.book) == 0 {
				return fmt.Errorf("%s has the cover of the book %s, which is not in the export", coversFile, covers.book)
			}
			pictures++
		}
		if pictures != a.records[coversFile] {
			return fmt.Errorf("%s has %d pictures, but %s says %d", coversFile, pictures, manifestFile, a.records[coversFile])
		}
		return nil
	})
}

// coverReader reads the pictures of covers.tar one after another.
type coverReader struct {
	tar  *tar.Reader
	book models.ID // whose picture is next; empty before the first one, and noBook after the last one
}

// noBook sorts after all ids.
const noBook models.ID = "~"

func newCoverReader(r io.Reader) *coverReader { return &coverReader{tar: tar.NewReader(r)} }

// advance reads the header of the next picture. It checks that the pictures are in the order of their books, each once.
func (c *coverReader) advance() error {
	header, err := c.tar.Next()
	if errors.Is(err, io.EOF) {
		c.book = noBook
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", coversFile, err)
	}
	name, isPicture := strings.CutSuffix(header.Name, coverExtension)
	book := models.ID(name)
	switch {
	case !isPicture || header.Typeflag != tar.TypeReg || checkIDs(book) != nil:
		return fmt.Errorf("%s has %q, which is not the picture of a book", coversFile, header.Name)
	case header.Size > maxPicture:
		return fmt.Errorf("%s has the picture %s of more than %d bytes", coversFile, header.Name, maxPicture)
	case book <= c.book:
		return fmt.Errorf("%s is not in the order of the books", coversFile)
	}
	c.book = book
	return nil
}

// of returns the picture of a book, or nil if it has none. The books must be in their order.
func (c *coverReader) of(book models.ID) ([]byte, error) {
	for c.book < book {
		if err := c.advance(); err != nil {
			return nil, err
		}
	}
	if c.book != book {
		return nil, nil
	}
	return io.ReadAll(c.tar)
}
