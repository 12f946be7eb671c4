package models

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// foldedLetters maps letters that Unicode does not decompose to the letters that people type for them.
var foldedLetters = map[rune]string{
	'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ŧ': "t", 'ı': "i",
	'ـ': "", // the Arabic tatweel, which only stretches a word
}

// Fold removes case and accents from a text, for searching and sorting. Émile becomes emile and Straße becomes strasse.
// Fold keeps marks that are letters in their script, such as the vowels of Thai.
func Fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	var folded strings.Builder
	for _, r := range norm.NFKD.String(cases.Fold().String(text)) {
		switch letters, found := foldedLetters[r]; {
		case found:
			folded.WriteString(letters)
		case !isAccent(r):
			folded.WriteRune(r)
		}
	}
	return norm.NFC.String(folded.String())
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isAccent reports whether a character is a mark that people omit when they search. The voicing marks of Japanese
// (U+3099 and U+309A) are not accents, because they make other letters.
func isAccent(r rune) bool {
	return unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Hebrew, unicode.Arabic) &&
		r != '\u3099' && r != '\u309a'
}

// unspaced lists the scripts that have no spaces between words.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// maxWord is the maximum length of a word, in characters. The rest of a longer word is ignored.
const maxWord = 64

// wordsOf returns the folded words of a text in order. In scripts without spaces, each pair of adjacent characters is a
// word, so a search finds any part of a text.
func wordsOf(text string) (list []string) {
	for _, run := range strings.FieldsFunc(Fold(text), separates) {
		list = append(list, split([]rune(run))...)
	}
	return list
}

// separates reports whether a character separates words.
func separates(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) }

// split returns the words in a run of letters, digits and marks.
func split(run []rune) (list []string) {
	for len(run) > 0 {
		n, isUnspaced := 1, unicode.In(run[0], unspaced...)
		for n < len(run) && isUnspaced == unicode.In(run[n], unspaced...) {
			n++
		}
		part := run[:n]
		run = run[n:]
		if !isUnspaced || n == 1 {
			list = append(list, string(part[:min(n, maxWord)]))
			continue
		}
		for i := 1; i < n; i++ {
			list = append(list, string(part[i-1:i+1]))
		}
	}
	return list
}
