package models

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseISBN(t *testing.T) {
	for isbn, want := range map[string]string{
		"9780141439976": "9780141439976", "978-0-14-143997-6": "9780141439976", "0-14-143997-X": "", "0141439971": "9780141439976",
		"080442957X": "9780804429573", "0 8044 2957 x": "9780804429573", "979-10-90636-07-1": "9791090636071",
		"9780141439975": "", "0": "", "14": "", "abcdefghij": "", "9770141439976": "", "97801414399761": "", "978014143997X": "",
		"X123456789": "", "\u0660\u0661\u0662\u0663\u0664": "",
	} {
		got, err := ParseISBN(isbn)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, error %v, want %q", isbn, got, err, want)
		}
	}
	if _, err := ParseISBN("9780141439975"); err == nil || !strings.Contains(err.Error(), "does not add up") || strings.Contains(err.Error(), "6") {
		t.Errorf("a wrong check digit: %v", err)
	}
}

// check returns the invalid fields of an update.
func check(up *BookUpdate) Fields {
	wrong := Fields{}
	up.Check(DefaultCategories, func(name string, reason error) {
		if reason != nil {
			wrong[name] = reason.Error()
		}
	})
	return wrong
}

func TestDetailsAreStoredInOneForm(t *testing.T) {
	up := BookUpdate{
		ISBN: new("0-8044-2957-X"), Language: new("EN-gb"), Authors: &[]string{" H. G. Wells ", "", "Zoe\u0308"},
		Tags: &[]string{"b", "a", "b "}, Published: new("1895-05"), SeriesNumber: new(1.5), Pages: new(128), Copies: new(2),
	}
	if wrong := check(&up); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	want := BookDetails{
		ISBN: "9780804429573", Language: "en-GB", Authors: []string{"H. G. Wells", "Zo\u00eb"}, Tags: []string{"a", "b"},
		Published: "1895-05", SeriesNumber: 1.5, Pages: 128, Copies: 2,
	}
	if got := up.Apply(Book{}).BookDetails; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDetailsThatBreakARule(t *testing.T) {
	many := make([]string, 10_000)
	for i := range many {
		many[i] = strings.Repeat("a", 1+i%50)
	}
	for name, up := range map[string]BookUpdate{
		"isbn":          {ISBN: new("9780141439975")},
		"published":     {Published: new("2004-13")},
		"language":      {Language: new("english, please")},
		"pages":         {Pages: new(-1)},
		"copies":        {Copies: new(1_001)},
		"series_number": {SeriesNumber: new(1.234)},
		"subtitle":      {Subtitle: new(strings.Repeat("a", 501))},
		"authors":       {Authors: &[]string{strings.Repeat("a", 10_000)}},
		"tags":          {Tags: &[]string{"a\u202eb"}},
	} {
		if wrong := check(&up); len(wrong) != 1 || wrong[name] == "" {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	if wrong := check(&BookUpdate{Language: new("x" + strings.Repeat("-abcdefgh", 100_000))}); wrong["language"] == "" {
		t.Error("a language of 900 KB: accepted")
	}
	for _, authors := range [][]string{many, {"Vic\u200btim"}, {"A\u200fB"}} {
		if wrong := check(&BookUpdate{Authors: &authors}); wrong["authors"] == "" {
			t.Errorf("%.40v: accepted", authors)
		}
	}
	if wrong := check(&BookUpdate{Authors: &[]string{"Émile 😀 Zola"}, Published: new(""), ISBN: new("")}); len(wrong) > 0 {
		t.Error(wrong)
	}
}
