package transfer

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"bookplate/models"
)

// bookRow is a book with the user's reading record, and the names of the user's shelves that have the book.
type bookRow struct {
	models.Book
	shelves []string
}

type csvColumn struct {
	name string
	cell func(b bookRow) string
}

// listSeparator separates values in a cell. It is not a comma, because authors' names may have one.
const listSeparator = "; "

// csvColumns are the columns of the format CSV. Their names are those of the API's fields.
var csvColumns = []csvColumn{
	{"title", func(b bookRow) string { return defuse(b.Title) }},
	{"subtitle", func(b bookRow) string { return defuse(b.Subtitle) }},
	{"authors", func(b bookRow) string { return defuse(strings.Join(b.Authors, listSeparator)) }},
	{"isbn", isbnCell},
	{"publisher", func(b bookRow) string { return defuse(b.Publisher) }},
	{"published", func(b bookRow) string { return b.Published }},
	{"language", func(b bookRow) string { return b.Language }},
	{"pages", func(b bookRow) string { return numberCell(b.Pages) }},
	{"series", func(b bookRow) string { return defuse(b.Series) }},
	{"series_number", func(b bookRow) string { return decimalCell(b.SeriesNumber) }},
	{"category", func(b bookRow) string { return defuse(b.Category) }},
	{"tags", func(b bookRow) string { return defuse(strings.Join(b.Tags, listSeparator)) }},
	{"location", func(b bookRow) string { return defuse(b.Location) }},
	{"copies", func(b bookRow) string { return numberCell(b.Copies) }},
	{"description", func(b bookRow) string { return defuse(b.Description) }},
	{"shelves", func(b bookRow) string { return defuse(strings.Join(b.shelves, listSeparator)) }},
	{"status", ofReading(func(r models.Reading) string { return string(r.Status) })},
	{"rating", ofReading(func(r models.Reading) string { return decimalCell(stars(r.Rating)) })},
	{"progress", ofReading(func(r models.Reading) string { return progressCell(r.Progress) })},
	{"reads", ofReading(func(r models.Reading) string { return readsCell(r.Reads) })},
	{"review", ofReading(func(r models.Reading) string { return defuse(string(r.Review)) })},
	{"created_at", func(b bookRow) string { return dayCell(b.CreatedAt, time.DateOnly) }},
}

// byteOrderMark is a UTF-8 BOM, which tells spreadsheets the encoding.
const byteOrderMark = "\uFEFF"

func (x *Exporter) writeCSV(ctx context.Context, user models.User, w io.Writer) error {
	out, err := newSheet(w)
	if err != nil {
		return err
	}
	return x.writeTable(ctx, user, out, csvColumns)
}

// newSheet begins a CSV file for spreadsheets.
func newSheet(w io.Writer) (*csv.Writer, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	return out, nil
}

// writeTable writes a line for each book of the user.
func (x *Exporter) writeTable(ctx context.Context, user models.User, w *csv.Writer, columns []csvColumn) error {
	shelves, err := x.shelvesOf(ctx, user)
	if err != nil {
		return err
	}
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = column.name
	}
	if err := w.Write(cells); err != nil {
		return err
	}
	for b, err := range x.booksRead(ctx, user) {
		if err != nil {
			return err
		}
		for i, column := range columns {
			cells[i] = column.cell(bookRow{b, shelves[b.ID]})
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// ofReading returns the function of a column that shows a value of the reading record. The cell is empty if the book
// has no record.
func ofReading(cell func(r models.Reading) string) func(bookRow) string {
	return func(b bookRow) string {
		if b.Reading == nil {
			return ""
		}
		return cell(*b.Reading)
	}
}

func isbnCell(b bookRow) string {
	if b.ISBN == "" {
		return ""
	}
	return exactCell(b.ISBN)
}

func numberCell(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func decimalCell(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// stars returns a rating as a number of stars.
func stars(r models.Rating) float64 { return float64(r) / 4 }

// progressCell returns the progress as a page number, or as a percentage such as 40%.
func progressCell(p models.Progress) string {
	switch p.Unit {
	case models.UnitPage:
		return strconv.Itoa(p.Value)
	case models.UnitPercent:
		return fmt.Sprintf("%d%%", p.Value)
	}
	return ""
}

// readsCell returns the periods of reading in the format of StoryGraph, such as 2026/01/31-2026/02/14. A period without
// an end is 2026/01/31-, and one without a start is 2026/02/14.
func readsCell(reads models.Reads) string {
	days := make([]string, len(reads))
	for i, read := range reads {
		days[i] = slashedDate(read.Finished)
		if read.Started != 0 {
			days[i] = slashedDate(read.Started) + "-" + days[i]
		}
	}
	return strings.Join(days, listSeparator)
}

// slashedDate returns a date such as 2026/01/31, or an empty string if the date is unknown.
func slashedDate(d models.Date) string {
	if d == 0 {
		return ""
	}
	return strings.ReplaceAll(d.String(), "-", "/")
}

func dayCell(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}
