package models

import (
	"fmt"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"The Trial": "the trial", "Émile ZOLA": "emile zola", "Straße": "strasse", "Łódź": "lodz", "Øre": "ore",
		"Ærø": "aero", "ISTANBUL": "istanbul", "İstanbul": "istanbul", "ılık": "ilik", "Đorđe": "dorde",
		"Ёлка": "елка", "ΟΔΟΣ": "οδοσ", "οδός": "οδοσ", "ﬁn": "fin", "Ｄｕｎｅ": "dune",
		"كِتَابٌ": "كتاب", "שָׁלוֹם": "שלום", "がらす": "がらす", "ガラス": "ガラス", "ที่นี่": "ที่นี่", "한국": "한국",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWordsOfABook(t *testing.T) {
	b := Book{
		BookTexts: BookTexts{Title: "三体问", Description: "L'Assommoir, the 3-body; zola"},
		BookDetails: BookDetails{
			Authors: []string{"Émile Zola"}, ISBN: "9780306406157", Tags: []string{"sci-fi"}, Subtitle: "x" + strings.Repeat("y", 99),
		},
	}
	want := "{[emile x" + strings.Repeat("y", 63) + " zola 三 三体 体 体问 问] [3 9780306406157 assommoir body fi l sci the]}"
	if got := fmt.Sprint(b.Words()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		`"*(((^ : -`:        "",
		"Émile zo":          "emile zo*",
		"a AND b* NEAR(c":   "a and b near c*",
		"$where":            "where*",
		"0-306-40615-2":     "9780306406157*",
		"978-0-306-40615-7": "9780306406157*",
		"三 体问题":             "三 体问 问题*",
		"ﷺ":                 "صلى الله عليه وسلم*",
	} {
		q, err := ParseQuery(text)
		got := strings.Join(append(q.Words, q.Last+"*"), " ")
		if q.Last == "" {
			got = strings.Join(q.Words, " ")
		}
		if err != nil || got != want {
			t.Errorf("ParseQuery(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		strings.Repeat("x", 501):   "must have at most 500 characters",
		strings.Repeat("x y ", 17): "must have at most 32 words",
	} {
		if _, err := ParseQuery(text); err == nil || err.Error() != want {
			t.Errorf("ParseQuery(%q): %v; want %s", text, err, want)
		}
	}
}
