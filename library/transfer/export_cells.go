package transfer

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// startsFormula are the characters with which a spreadsheet may begin a formula, according to OWASP's page on CSV injection
// (CWE-1236). The last four are those that Japanese and Chinese keyboards write.
const startsFormula = "=+-@\t\r\n＝＋－＠"

// isFormula reports whether a spreadsheet may take a cell for a formula, or whether a cell is such a cell that defuse has
// marked.
func isFormula(cell string) bool {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, "'"))
	return size > 0 && strings.ContainsRune(startsFormula, first)
}

// defuse marks a text as text, by an apostrophe before it, if a spreadsheet would take it for a formula. A text that looks
// as if it were marked gets another apostrophe, so that plainCell returns every text as it was.
func defuse(text string) string {
	if isFormula(text) {
		return "'" + text
	}
	return text
}

// exactCell returns a cell that spreadsheets show as it is. They would show an ISBN as 9.78E+12, and drop zeros at its
// beginning. Goodreads writes ISBNs in the same way.
func exactCell(digits string) string { return `="` + digits + `"` }

var exactPattern = regexp.MustCompile(`^="([0-9Xx]*)"$`)

// plainCell returns the text of a cell that exactCell or defuse has returned. It returns other cells unchanged.
func plainCell(cell string) string {
	if match := exactPattern.FindStringSubmatch(cell); match != nil {
		return match[1]
	}
	if cell != "" && cell[0] == '\'' && isFormula(cell) {
		return cell[1:]
	}
	return cell
}
