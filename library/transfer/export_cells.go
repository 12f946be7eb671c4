package transfer

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// startsFormula are the characters at the beginning of a cell that make spreadsheets take it for a formula, according to
// OWASP's page on CSV injection (CWE-1236). The last four are the full-width forms that East Asian keyboards write.
const startsFormula = "=+-@\t\r\n＝＋－＠"

// isFormula reports whether a spreadsheet may take a cell for a formula. It ignores apostrophes at the beginning, so it is
// also true for a cell that defuse has returned.
func isFormula(cell string) bool {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, "'"))
	return size > 0 && strings.ContainsRune(startsFormula, first)
}

// defuse puts an apostrophe before a text that a spreadsheet may take for a formula. It does the same if there is an
// apostrophe already, so that plainCell can restore every text.
func defuse(text string) string {
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// exactCell returns a cell that makes spreadsheets show all digits. They would show a plain ISBN as 9.78E+12 and drop its
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
