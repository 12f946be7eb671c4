package models

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// EmailKey returns the form in which e-mail addresses are compared: without case, in Unicode's composed form (NFC).
func EmailKey(email string) string { return norm.NFC.String(strings.ToLower(strings.TrimSpace(email))) }

// UsernameKey returns the form in which user names are compared: the profile UsernameCaseMapped of RFC 8265. If the
// profile does not allow a name, such as one with a space, its key is lower case in composed form (NFC).
func UsernameKey(username string) string {
	if key, err := precis.UsernameCaseMapped.String(username); err == nil {
		return key
	}
	return norm.NFC.String(strings.ToLower(username))
}

var errInvisible = errors.New("must not have control characters or invisible characters")

// checkVisible returns an error if text has invisible characters. They could make two different names look the same.
func checkVisible(text string) error {
	if strings.ContainsFunc(text, invisible) {
		return errInvisible
	}
	return nil
}

// invisible reports whether a character is a control character, a format character or a line separator.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// joins reports whether r is a joiner (U+200C or U+200D) after a letter of a script that uses joiners.
func joins(letter, r rune) bool {
	isJoiner := r == '\u200c' || r == '\u200d'
	return isJoiner && (unicode.IsLetter(letter) || unicode.IsMark(letter)) && !unicode.Is(unicode.Latin, letter)
}

// checkVisibleName is like checkVisible, but allows a joiner (U+200C or U+200D) after a letter of a script that uses
// joiners. Persian and Indic names need them.
func checkVisibleName(name string) error {
	var last rune
	for _, r := range name {
		if invisible(r) && !joins(last, r) {
			return errInvisible
		}
		last = r
	}
	return nil
}
