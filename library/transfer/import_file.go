package transfer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"bookplate/models"
)

// table is the content of a file to import.
type table struct {
	format  *format
	columns []models.ImportColumn
	records iter.Seq2[record, error] // can be iterated once
}

// openTable recognises the format of a file by the names of its columns. mapping overrides the fields of columns; an
// empty field omits the column. The error is Invalid if the file cannot be read or the mapping is wrong.
func openTable(file io.ReadSeeker, mapping map[string]string) (*table, error) {
	in, err := openFromStart(file)
	if err != nil {
		return nil, err
	}
	start, err := in.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(start) == 0 {
		return nil, unreadable("the file is empty")
	}
	var t *table
	if sample, _ := in.Peek(sampleSize); strings.IndexAny(strings.TrimSpace(string(sample)), "[{") == 0 {
		t, err = openJSON(file)
	} else {
		t, err = openCSV(in)
	}
	if err != nil {
		return nil, err
	}
	return t, t.apply(mapping)
}

func openFromStart(file io.ReadSeeker) (*bufio.Reader, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return openText(file)
}

// openJSON reads the file twice: first the names of the fields, then the values.
func openJSON(file io.ReadSeeker) (*table, error) {
	in, err := openFromStart(file)
	if err != nil {
		return nil, err
	}
	names, err := jsonColumns(in)
	if err != nil {
		return nil, err
	}
	if in, err = openFromStart(file); err != nil {
		return nil, err
	}
	t := newTable(names)
	t.records = jsonRecords(in, names)
	return t, nil
}

// openCSV reads the first line of a table. If the line has an ISBN, it is not a header.
func openCSV(in *bufio.Reader) (*table, error) {
	r, err := newCSVReader(in)
	if err != nil {
		return nil, err
	}
	first, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, unreadable("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(first.cells, func(cell string) bool { return findISBN(cell) != "" }) {
		return headlessTable(r, first), nil
	}
	t := newTable(first.cells)
	t.records = r.records(nil)
	return t, nil
}

// headlessTable returns a table without a header. Its columns have numbers as their names. A column with an ISBN in the
// first line is read as the ISBN.
func headlessTable(r *csvReader, first record) *table {
	t := &table{format: &generic, records: r.records(&first)}
	for i, cell := range first.cells {
		column := models.ImportColumn{Name: fmt.Sprintf("column %d", i+1)}
		if findISBN(cell) != "" {
			column.Field = fieldISBN
		}
		t.columns = append(t.columns, column)
	}
	return t
}

// newTable returns a table of the format with these columns.
func newTable(names []string) *table {
	t := &table{format: formatOf(names)}
	for _, name := range names {
		t.columns = append(t.columns, models.ImportColumn{Name: name, Field: t.format.fieldOf(name)})
	}
	return t
}

// apply overrides the fields of columns. The keys of the mapping are names of columns, ignoring case.
func (t *table) apply(mapping map[string]string) error {
	wrong := models.Fields{}
	for name, field := range mapping {
		i := slices.IndexFunc(t.columns, func(c models.ImportColumn) bool { return strings.EqualFold(c.Name, name) })
		switch _, known := fieldReaders[field]; {
		case i < 0:
			wrong["mapping"] = fmt.Sprintf("the file has no column %q", name)
		case field != "" && !known:
			wrong["mapping"] = fmt.Sprintf("%q is not a field; the fields are %s", field, strings.Join(fieldNames(), ", "))
		default:
			t.columns[i].Field = field
		}
	}
	return models.InvalidFields(wrong)
}

// usable returns an error unless a column is read as the title or the ISBN. The error lists the columns.
func (t *table) usable() error {
	var names []string
	for _, column := range t.columns {
		if column.Field == fieldTitle || column.Field == fieldISBN {
			return nil
		}
		names = append(names, column.Name)
	}
	return &models.Error{
		Code: models.Invalid, Name: "import_columns_unknown", Message: "The file cannot be imported",
		Detail: models.Fields{"mapping": "no column is known as the title or the ISBN: map one of " + strings.Join(names, ", ")},
	}
}
