package transfer

import (
	"slices"
	"strings"
)

// format describes the files of a program. A file is of a format if it has all columns in has. Names of columns are in lower
// case.
type format struct {
	name   string
	has    []string
	fields map[string]string // the field into which a column is read; other columns are left out

	lastFirst  bool   // whether names of authors are written as Last, First
	separators string // characters between the items of a list; empty to guess them
	brackets   bool   // whether cells may be in square brackets
	own        bool   // whether this is an export of Bookplate, whose texts are read as they are
}

// formats are all formats. The first one that a file is of counts.
var formats = []*format{
	&goodreads, &storyGraph, &libraryThing, &libraryThingJSON, &bookWyrm, &libib, &calibre, &bookCatalogue, &openReads,
	&hardcover, &jelu, &bookplate, &bookplateJSON, &generic,
}

// formatOf returns the format of a file with these columns.
func formatOf(columns []string) *format {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = columnKey(column)
	}
	i := slices.IndexFunc(formats, func(f *format) bool {
		return !slices.ContainsFunc(f.has, func(name string) bool { return !slices.Contains(names, name) })
	})
	return formats[i] // the last format is that of any file
}

// textOf returns the text of a cell, whose lines end with \n, without brackets around it.
func (f *format) textOf(cell string) string {
	text := strings.TrimSpace(strings.ReplaceAll(cell, "\r\n", "\n"))
	if f.brackets && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") && strings.Count(text, "[") == 1 {
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	return text
}

// columnKey returns the name of a column as the tables of the formats have it.
func columnKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// fieldOf returns the field into which a column is read, or an empty text.
func (f *format) fieldOf(column string) string { return f.fields[columnKey(column)] }
