package transfer

import (
	"bufio"
	"context"
	"io"
	"strconv"

	"bookplate/models"
)

// WriteReport writes the report of an import as CSV for spreadsheets. If outcome is not empty, the report has only the
// lines with that outcome.
func (l *Imports) WriteReport(ctx context.Context, i models.Import, outcome models.ImportOutcome, w io.Writer) error {
	buffer := bufio.NewWriterSize(w, bufferSize) // nothing reaches w if the store fails before the buffer is full
	out, err := newSheet(buffer)
	if err != nil {
		return err
	}
	if err := out.Write([]string{"line", "outcome", "title", "reason", "book_id"}); err != nil {
		return err
	}
	report := rows(func(last *ReportRow) ([]ReportRow, error) {
		var after models.Cursor
		if last != nil {
			after = last.Cursor(i.ID)
		}
		return l.Rows(ctx, i, outcome, after, batchSize)
	})
	for row, err := range report {
		if err != nil {
			return err
		}
		cells := []string{strconv.Itoa(row.Line), string(row.Outcome), defuse(row.Title), defuse(row.Reason), string(row.BookID)}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	if out.Flush(); out.Error() != nil {
		return out.Error()
	}
	return buffer.Flush()
}
