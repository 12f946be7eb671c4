package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"bookplate/models"
)

// sampleSize is the number of bytes that are read to recognise a file's encoding and delimiter.
const sampleSize = 64 << 10

// unreadable returns the error for a file that cannot be imported. The reason is shown to the client.
func unreadable(format string, args ...any) error {
	return &models.Error{
		Code: models.Invalid, Name: "import_unreadable", Message: "The file cannot be imported", Detail: fmt.Sprintf(format, args...),
	}
}

var signatures = map[string]string{
	"%PDF":             "a PDF",
	"\x1f\x8b":         "compressed",
	"\xff\xd8\xff":     "a picture",
	"\x89PNG":          "a picture",
	"SQLite format 3":  "a database",
	"\xd0\xcf\x11\xe0": "an old spreadsheet",
}

// openText returns a reader that converts UTF-16 to UTF-8. Text in Windows-1252 is left for repairText, because a file
// may mix it with UTF-8.
func openText(file io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(file, sampleSize)
	sample, err := in.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for signature, kind := range signatures {
		if bytes.HasPrefix(sample, []byte(signature)) {
			return nil, unreadable("the file is %s: export the books as CSV, TSV or JSON", kind)
		}
	}
	switch {
	case bytes.HasPrefix(sample, []byte("\xff\xfe")), nulAt(sample, 1):
		return utf16Reader(in, unicode.LittleEndian), nil
	case bytes.HasPrefix(sample, []byte("\xfe\xff")), nulAt(sample, 0):
		return utf16Reader(in, unicode.BigEndian), nil
	case bytes.IndexByte(sample, 0) >= 0:
		return nil, unreadable("the file is not text: export the books as CSV, TSV or JSON")
	case bytes.HasPrefix(sample, []byte("\ufeff")):
		_, err = in.Discard(len("\ufeff"))
		return in, err
	}
	return in, nil
}

// nulAt reports whether most characters have a zero byte at the position first, which is 0 or 1. In UTF-16, Latin
// letters have one.
func nulAt(sample []byte, first int) bool {
	zeros := 0
	for i := first; i < len(sample); i += 2 {
		if sample[i] == 0 {
			zeros++
		}
	}
	return zeros > len(sample)/4 && zeros > 1
}

func utf16Reader(in io.Reader, order unicode.Endianness) *bufio.Reader {
	decoded := transform.NewReader(in, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
	return bufio.NewReaderSize(decoded, sampleSize)
}

// repairText converts bytes that are not UTF-8 from Windows-1252, which includes Latin-1. It removes NUL characters.
func repairText(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	var repaired strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(text[0])
		}
		if r != 0 {
			repaired.WriteRune(r)
		}
		text = text[size:]
	}
	return repaired.String()
}
