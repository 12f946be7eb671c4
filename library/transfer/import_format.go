package transfer

import (
	"slices"
	"strings"
)

// format describes the files of a program. A file has the format if it has all columns that has lists. Names of columns
// are in lower case.
type format struct {
	name   string
	has    []string
	fields map[string]string // maps columns to fields; other columns are ignored

	lastFirst  bool   // whether authors' names are written as Last, First
	separators string // the characters that separate the items of a list; empty to guess them
	brackets   bool   // whether cells may be in square brackets
	own        bool   // whether Bookplate wrote the file, so its texts are read unchanged
}

// formats are all formats. A file has the first format that matches.
var formats = []*format{
	&goodreads, &storyGraph, &libraryThing, &libraryThingJSON, &bookWyrm, &libib, &calibre, &bookCatalogue, &openReads,
	&hardcover, &jelu, &bookplate, &bookplateJSON, &generic,
}

func formatOf(columns []string) *format {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = columnKey(column)
	}
	i := slices.IndexFunc(formats, func(f *format) bool {
		return !slices.ContainsFunc(f.has, func(name string) bool { return !slices.Contains(names, name) })
	})
	return formats[i] // the last format matches any file
}

// textOf returns the text of a cell with \n as line breaks and without brackets around it.
func (f *format) textOf(cell string) string {
	text := strings.TrimSpace(strings.ReplaceAll(cell, "\r\n", "\n"))
	if f.brackets && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") && strings.Count(text, "[") == 1 {
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	return text
}

// columnKey returns the name of a column as it is written in format.fields.
func columnKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// fieldOf returns the field of a column, or an empty string if the column is ignored.
func (f *format) fieldOf(column string) string { return f.fields[columnKey(column)] }
