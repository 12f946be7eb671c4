package transfer

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"bookplate/models"
)

// tableText returns the columns and the records of a file as one text, or the detail of the error.
func tableText(content string) string {
	t, err := openTable(strings.NewReader(content), nil)
	if err != nil {
		return detailOf(err)
	}
	var lines []string
	for _, column := range t.columns {
		lines = append(lines, column.Name)
	}
	text := []string{t.format.name + ": " + strings.Join(lines, "|")}
	for rec, err := range t.records {
		if err != nil {
			return detailOf(err)
		}
		text = append(text, fmt.Sprint(rec.line, " ", strings.Join(rec.cells, "|")))
	}
	return strings.Join(text, "\n")
}

func detailOf(err error) string {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err.Error()
	}
	return fmt.Sprint(e.Detail)
}

func inUTF16(text string, bigEndian bool) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		low, high := byte(unit), byte(unit>>8)
		if bigEndian {
			low, high = high, low
		}
		out.WriteByte(low)
		out.WriteByte(high)
	}
	return out.String()
}

func TestTables(t *testing.T) {
	for name, file := range map[string]struct{ content, want string }{
		"comma":              {"Title,Author\nEmma,Jane Austen\n", "csv: Title|Author\n2 Emma|Jane Austen"},
		"no end of line":     {"Title,Author\r\nEmma,Jane Austen", "csv: Title|Author\n2 Emma|Jane Austen"},
		"semicolon":          {"Title;Author\n\"Emma; or\";Jane, Austen\n", "csv: Title|Author\n2 Emma; or|Jane, Austen"},
		"tab":                {"Title\tAuthor\n\"Repent\" said\tX\n\"a\tb\"\tY\n", "csv: Title|Author\n2 \"Repent\" said|X\n3 a\tb|Y"},
		"the mark of Excel":  {"sep=;\nTitle;Author\nEmma;x,y,z\n", "csv: Title|Author\n3 Emma|x,y,z"},
		"quotes":             {"Title,Author\n\"He said \"\"hi\"\"\",\"a\"b\"\nx\"y\",z\n", "csv: Title|Author\n2 He said \"hi\"|a\"b\n3 x\"y\"|z"},
		"lines in cells":     {"Title,Author\n\"two\r\nlines\",A\n\n , \nnext,B\n", "csv: Title|Author\n2 two\r\nlines|A\n5 |\n6 next|B"},
		"few cells":          {"Title,Author,Tags\nEmma\n", "csv: Title|Author|Tags\n2 Emma"},
		"UTF-8 with a mark":  {"\ufeffTitle\nÉmile\n", "csv: Title\n2 Émile"},
		"UTF-16":             {inUTF16("Title\tAuthor\nÉmile 📚\tA\n", false), "csv: Title|Author\n2 Émile 📚|A"},
		"UTF-16, big-endian": {inUTF16("Title\tAuthor\nÉmile\tA\n", true), "csv: Title|Author\n2 Émile|A"},
		"UTF-16, no mark":    {strings.TrimPrefix(inUTF16("Title\tAuthor\nÉmile\tA\n", false), "\xff\xfe"), "csv: Title|Author\n2 Émile|A"},
		"Latin-1, mixed":     {"Title\nÉmile and \xc9mile \x80\n", "csv: Title\n2 Émile and Émile €"},
		"ISBNs":              {"9780441013593\n0-441-01359-7\n", "csv: column 1\n1 9780441013593\n2 0-441-01359-7"},
		"no header":          {"1,Dune,9780441013593\n", "csv: column 1|column 2|column 3\n1 1|Dune|9780441013593"},
		"spreadsheet cells":  {"Title,ISBN\n'=1+1,\"=\"\"0441013597\"\"\"\n", "csv: Title|ISBN\n2 =1+1|0441013597"},
		"JSON":               {`[{"title":"Emma","authors":["A","B"],"n":1.50,"x":{"y":true}},{"title":"Z"}]`, "csv: authors|n|title|x.y\n1 A\nB|1.50|Emma|true\n2 ||Z|"},
		"JSON in an answer":  {`{"message":"ok","data":[{"title":"Emma"}]}`, "csv: title\n1 Emma"},
		"JSON by id":         {`{"12":{"books_id":"12","title":"Emma"},"13":{"books_id":"13","title":"Z"}}`, "librarything: books_id|title\n1 12|Emma\n2 13|Z"},
		"empty":              {"", "the file is empty"},
		"empty lines":        {"\n\n", "the file is empty"},
		"open quote":         {"Title\nEmma\n\"Sanditon\nx\n", "the quote that opens in line 3 is never closed"},
		"binary":             {"abc\x00\x01\x02\x03", "the file is not text: export the books as CSV, TSV or JSON"},
		"many columns":       {strings.Repeat("a,", 10_000), "line 1 has more than 500 columns"},
		"a large cell":       {"Title\n" + strings.Repeat("x", 2<<20), "line 2 has a cell of more than 1048576 bytes; perhaps a quote is never closed"},
		"JSON cut short":     {`[{"title":"Emma"},{"ti`, "the JSON is malformed or was cut short"},
		"JSON of numbers":    {`[1,2]`, "the JSON has a list of values that are not objects"},
		"deep JSON":          {strings.Repeat("[", 100_000), "the JSON is malformed or was cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tableText(file.content); got != file.want && file.want != "" {
				t.Errorf("read %q\nwant %q", got, file.want)
			}
		})
	}
}
