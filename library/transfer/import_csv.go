package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
)

// Limits of a file.
const (
	maxCell    = 1 << 20 // in bytes; the longest review has 40 KB
	maxRecord  = 4 << 20 // in bytes
	maxColumns = 500
	maxLines   = 500_000
)

// record is a row of a table. It spans several lines if its cells have line breaks.
type record struct {
	line  int // the number of the first line, from 1
	cells []string
}

// csvReader reads a table. Cells are separated by a delimiter, and are in quotes if they have delimiters or line
// breaks.
//
// Unlike package encoding/csv, it accepts common mistakes of programs: quotes inside a cell without quotes, and quotes
// that are not doubled. A missing closing quote is an error, because it would hide all further lines.
type csvReader struct {
	in    *bufio.Reader
	comma byte
	line  int // the number of the current line
	size  int // the size of the current record, in bytes
	cell  []byte
}

// newCSVReader returns a reader of a table. It recognises the delimiter by the first line, in which Excel may name it.
func newCSVReader(in *bufio.Reader) (*csvReader, error) {
	sample, err := in.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	r := &csvReader{in: in, line: 1}
	first, _, _ := bytes.Cut(sample, []byte("\n"))
	first = bytes.TrimSuffix(first, []byte("\r"))
	if name, found := strings.CutPrefix(string(first), "sep="); found && len(name) == 1 {
		r.comma = name[0]
		r.line++
		_, err := in.ReadSlice('\n')
		return r, err
	}
	r.comma = delimiterOf(first)
	return r, nil
}

// delimiterOf returns the most frequent delimiter in a line, not counting those in quotes.
func delimiterOf(line []byte) byte {
	counts, quoted := map[byte]int{}, false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte("\t;|") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// records returns all remaining records. If first is not nil, it comes before them.
func (r *csvReader) records(first *record) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		if first != nil && !yield(*first, nil) {
			return
		}
		for {
			rec, err := r.next()
			if errors.Is(err, io.EOF) || !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// next returns the next record, skipping empty lines. The error is io.EOF at the end of the file.
func (r *csvReader) next() (record, error) {
	for {
		rec := record{line: r.line}
		r.size = 0
		for more := true; more; {
			var err error
			if more, err = r.readCell(rec.line); err != nil && (!errors.Is(err, io.EOF) || len(rec.cells) == 0 && len(r.cell) == 0) {
				return record{}, err
			}
			if rec.cells = append(rec.cells, cellText(string(r.cell))); len(rec.cells) > maxColumns {
				return record{}, unreadable("line %d has more than %d columns", rec.line, maxColumns)
			}
		}
		if len(rec.cells) > 1 || rec.cells[0] != "" {
			return rec, nil
		}
	}
}

// cellText returns the text of a cell, without characters that were added only for spreadsheets.
func cellText(cell string) string {
	return strings.TrimSpace(plainCell(strings.TrimSpace(repairText(cell))))
}

// readCell reads a cell into r.cell and reports whether the record has more cells. At the end of the file it returns
// io.EOF, even if it has read a cell.
func (r *csvReader) readCell(line int) (more bool, err error) {
	r.cell = r.cell[:0]
	quoted, start := false, r.line
	for {
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) && quoted {
			return false, unreadable("the quote that opens in line %d is never closed", start)
		}
		if err != nil {
			return false, err
		}
		if r.size++; len(r.cell) >= maxCell || r.size > maxRecord {
			return false, unreadable("line %d has a cell of more than %d bytes; perhaps a quote is never closed", line, maxCell)
		}
		switch {
		case c == '"' && !quoted && len(r.cell) == 0:
			quoted = true
		case c == '"' && quoted:
			quoted = !r.closes()
		case c == r.comma && !quoted:
			return true, nil
		case c == '\n':
			r.line++
			if !quoted {
				r.cell = bytes.TrimSuffix(r.cell, []byte("\r"))
				return false, nil
			}
			r.cell = append(r.cell, c)
		default:
			r.cell = append(r.cell, c)
		}
	}
}

// closes reports whether the quote that was just read closes its cell. If not, the quote is part of the text, and
// closes adds it to the cell.
func (r *csvReader) closes() bool {
	following, _ := r.in.Peek(2)
	switch {
	case len(following) == 0, following[0] == r.comma, following[0] == '\n', bytes.Equal(following, []byte("\r\n")):
		return true
	case following[0] == '"':
		_, _ = r.in.Discard(1) // cannot fail, because the byte was peeked
		r.cell = append(r.cell, '"')
		return false
	}
	if r.comma == '\t' { // programs that write tab-separated files do not double quotes in a title
		r.cell = append(append([]byte{'"'}, r.cell...), '"')
		return true
	}
	r.cell = append(r.cell, '"')
	return false
}
