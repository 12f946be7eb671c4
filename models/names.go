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

// UsernameKey returns the form in which user names are compared: the profile UsernameCaseMapped of RFC 8265. A name that
// the profile does not allow, such as one with a space, is compared without case, in composed form.
func UsernameKey(username string) string {
	if key, err := precis.UsernameCaseMapped.String(username); err == nil {
		return key
	}
	return norm.NFC.String(strings.ToLower(username))
}

var errInvisible = errors.New("must not have control characters or invisible characters")

// checkVisible returns an error if text has characters that nobody sees. With such characters, one name could look like
// another.
func checkVisible(text string) error {
	if strings.ContainsFunc(text, invisible) {
		return errInvisible
	}
	return nil
}

// invisible reports whether a character is a control or format character, or separates lines.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// joins reports whether r is a joiner that follows a letter of a script with joiners.
func joins(letter, r rune) bool {
	isJoiner := r == '\u200c' || r == '\u200d'
	return isJoiner && (unicode.IsLetter(letter) || unicode.IsMark(letter)) && !unicode.Is(unicode.Latin, letter)
}

// checkVisibleName is like checkVisible, but allows the joiners that Persian and Indic names are written with (U+200C and
// U+200D) after a letter of such a script.
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
