package transfer

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// startsFormula are the first characters of a cell that a spreadsheet takes for a formula, according to OWASP's page on
// CSV injection (CWE-1236). The last four are full-width forms that East Asian keyboards write.
const startsFormula = "=+-@\t\r\n＝＋－＠"

// isFormula reports whether a spreadsheet may take a cell for a formula. It ignores leading apostrophes, so it is also
// true for a result of defuse.
func isFormula(cell string) bool {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, "'"))
	return size > 0 && strings.ContainsRune(startsFormula, first)
}

// defuse puts an apostrophe before a text that a spreadsheet may take for a formula. It adds one even if the text
// begins with an apostrophe, so plainCell can restore every text.
func defuse(text string) string {
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// exactCell returns a cell in which spreadsheets show all digits. They would show a plain ISBN as 9.78E+12 or drop its
// leading zeros. Goodreads writes ISBNs in the same way.
func exactCell(digits string) string { return `="` + digits + `"` }

var exactPattern = regexp.MustCompile(`^="([^"]*)"$`)

// plainCell undoes exactCell and defuse. It returns any other cell unchanged.
func plainCell(cell string) string {
	if match := exactPattern.FindStringSubmatch(cell); match != nil {
		return match[1]
	}
	if cell != "" && cell[0] == '\'' && isFormula(cell) {
		return cell[1:]
	}
	return cell
}
