package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"strings"

	"bookplate/models"
)

// importedFiles are the files of an archive whose records are imported, in this order. The profile comes first, because it is
// taken over only into an empty account. The trash comes before the books, because a book in the trash may have the title
// of one outside of it.
var importedFiles = []string{profileFile, trashFile, booksFile, readingsFile, shelvesFile, loansFile, goalsFile}

// The cells of an archive's line.
const (
	cellFile    = iota // the name of the file
	cellRecord         // the record as JSON
	cellPicture        // the cover's picture in base64; empty if there is none
	cellLoans          // the new ids of the loans of a book in the trash, separated by spaces
	cellBook           // the number of the line that has the record's book; empty if the archive does not have the book
)

// errStopped ends the reading of an archive when the caller needs no more lines.
var errStopped = errors.New("stopped")

// lines returns the records of an archive as lines of an import, file by file. The lines are numbered from 1. Books and
// loans get new ids, which are the same in each attempt to receive the archive.
func (a *archive) lines(ctx context.Context, importID models.ID) iter.Seq2[models.ImportLine, error] {
	return func(yield func(models.ImportLine, error) bool) {
		n := numbering{
			archive: a, next: 1, yield: func(line models.ImportLine) bool { return yield(line, nil) },
			books: newIDsOf(importID, booksFile), loans: newIDsOf(importID, loansFile),
		}
		for _, name := range importedFiles {
			if err := n.file(ctx, name); err != nil {
				if !errors.Is(err, errStopped) {
					yield(models.ImportLine{}, err)
				}
				return
			}
		}
	}
}

// numbering converts the records of an archive to lines.
type numbering struct {
	archive      *archive
	next         int // the number of the next line
	firstBook    int // the number of the first line with a book
	books, loans newIDs
	yield        func(models.ImportLine) bool
}

// file converts the records of a file to lines.
func (n *numbering) file(ctx context.Context, name string) error {
	if name == booksFile {
		n.firstBook = n.next
	}
	covers := map[string]string{booksFile: coversFile, trashFile: trashCoversFile}[name]
	if covers == "" {
		return n.records(ctx, name, nil)
	}
	return n.archive.withCovers(ctx, covers, func(c *coverReader) error { return n.records(ctx, name, c) })
}

func (n *numbering) records(ctx context.Context, name string, covers *coverReader) error {
	return eachRecord(ctx, n.archive, name, func(_ int, text json.RawMessage) error {
		line := models.ImportLine{Number: n.next, Cells: []string{name, string(text), "", "", ""}}
		n.next++
		var ids struct {
			ID     models.ID   `json:"_id"`
			BookID models.ID   `json:"book_id"`
			Loans  []trashLoan `json:"loans"`
		}
		if err := json.Unmarshal(text, &ids); err != nil {
			return err
		}
		switch name {
		case booksFile:
			line.BookID = n.books.of(n.archive.books.rank(ids.ID, false))
		case trashFile:
			line.BookID = n.books.of(n.archive.books.rank(ids.ID, true))
			line.Cells[cellLoans] = n.trashLoans(ids.Loans)
		default:
			line.BookID, line.Cells[cellBook] = n.bookOf(ids.BookID)
		}
		if name == loansFile {
			line.LoanID = n.loans.of(n.archive.loans.rank(ids.ID, false))
		}
		if covers != nil {
			picture, err := covers.of(ids.ID)
			if err != nil {
				return err
			}
			line.Cells[cellPicture] = base64.StdEncoding.EncodeToString(picture)
		}
		if !n.yield(line) {
			return errStopped
		}
		return nil
	})
}

// trashLoans returns the new ids of the loans of a book in the trash. With those of the other loans they sort like the
// ids in the archive, so that the lists of loans are the same after the book is restored.
func (n *numbering) trashLoans(loans []trashLoan) string {
	ids := make([]string, len(loans))
	for i, l := range loans {
		ids[i] = string(n.loans.of(n.archive.loans.rank(l.ID, true)))
	}
	return strings.Join(ids, " ")
}

// bookOf returns the new id of a book in the archive and the number of its line. For other books, which belong to other
// accounts, it returns id.
func (n *numbering) bookOf(id models.ID) (newID models.ID, line string) {
	earlier, found := n.archive.books.shown.find(id)
	if !found {
		return id, ""
	}
	return n.books.of(n.archive.books.rank(id, false)), strconv.Itoa(n.firstBook + earlier)
}

// newIDs makes the new ids of books or of loans. An id is computed from the id of the import and the rank of the old id, so
// it is the same in each attempt, and the new ids sort like the old ones.
type newIDs [9]byte

func newIDsOf(importID models.ID, file string) (ids newIDs) {
	packed, sum := packID(importID), sha256.Sum256([]byte(string(importID)+file))
	copy(ids[:4], packed[:4]) // the time of the import's id
	copy(ids[4:], sum[:])
	return ids
}

func (ids newIDs) of(rank int) models.ID {
	id := binary.BigEndian.AppendUint32(ids[:8:8], uint32(rank)) //nolint:gosec // at most maxRecords, which has 24 bits
	id[8] = ids[8]                                               // replaces the first byte of the number, which is zero
	return models.ID(hex.EncodeToString(id))
}

// made reports whether these are the ids of the import that made id.
func (ids newIDs) made(id models.ID) bool {
	return strings.HasPrefix(string(id), hex.EncodeToString(ids[:]))
}
