package isbn

import (
	"encoding/json"
	"strings"
	"testing"

	"bookplate/models"
)

func TestDate(t *testing.T) {
	for words, want := range map[string]string{
		"1979": "1979", "c1979": "1979", "June 1979": "1979-06", "July 16, 2019": "2019-07-16", "Jul 16, 2019": "2019-07-16",
		"16 July 2019": "2019-07-16", "2004-05-01": "2004-05-01", "2004-05": "2004-05", "[1998]": "1998", "1996, c1995": "1996",
		"impr. 1999": "1999", "DL 2012": "2012", "May, 2003": "2003-05", "2004-02-30": "2004", "02/03/2004": "2004", "": "", "n.d.": "",
		"19790": "", "0001-01-01": "", "2001/02/03": "2001-02-03", " 1979 ": "1979",
	} {
		if got := date(words); got != want {
			t.Errorf("the date of %q is %q, want %q", words, got, want)
		}
	}
}

func TestSplitSeries(t *testing.T) {
	for text, want := range map[string][2]string{
		"Dune ; 2": {"Dune", "2"}, "Dune, #2": {"Dune", "2"}, "Dune (2)": {"Dune", "2"}, "Dune. Band 2": {"Dune", "2"},
		"Dune, vol. 1.5": {"Dune", "1.5"}, "Penguin classics": {"Penguin classics", ""}, "": {"", ""}, "1984": {"1984", ""},
	} {
		if series, number := splitSeries(text); [2]string{series, number} != want {
			t.Errorf("%q is number %q of %q", text, number, series)
		}
	}
}

func TestLeadingNumber(t *testing.T) {
	for text, want := range map[string]float64{"Nr. 9676": 9676, "2": 2, "Bd. 1.5": 1.5, "": 0, "A": 0} {
		if got := leadingNumber(text); got != want {
			t.Errorf("the number in %q is %g, want %g", text, got, want)
		}
	}
}

func TestNamesOfFrenchAuthors(t *testing.T) {
	for creator, want := range map[string]string{
		"Hugo, Victor (1802-1885). Auteur du texte": "Victor Hugo", "Strozzi, Filippo. Auteur du texte": "Filippo Strozzi",
		"Oda, Eiichiro (1975-....). Auteur du texte": "Eiichiro Oda", "Tolkien, J. R. R.": "J. R. R. Tolkien", "Molière": "Molière",
	} {
		if got := (dublinCore{Creators: []string{creator}}).answer().authors[0]; got != want {
			t.Errorf("%q is %q, want %q", creator, got, want)
		}
	}
}

// Open Library may send the same field as a string or as an object.
func TestShapesOfOpenLibrary(t *testing.T) {
	for text, want := range map[string]string{
		`"a"`: "a", `{"type":"/type/text","value":"a"}`: "a", `{"name":"a"}`: "a", `null`: "", `1`: "", `["a"]`: "",
	} {
		var w words
		if err := json.Unmarshal([]byte(text), &w); err != nil || string(w) != want {
			t.Errorf("%s is the text %q (%v)", text, w, err)
		}
	}
	for text, want := range map[string]string{`["a","b"]`: "a,b", `"a"`: "a", `[{"name":"a"}]`: "a", `[]`: "", `null`: ""} {
		var l list
		if err := json.Unmarshal([]byte(text), &l); err != nil || strings.Join(l, ",") != want {
			t.Errorf("%s is the list %q (%v)", text, l, err)
		}
	}
	for text, want := range map[string]int{`12`: 12, `"12"`: 12, `null`: 0, `"xii"`: 0, `{}`: 0} {
		var n count
		if err := json.Unmarshal([]byte(text), &n); err != nil || int(n) != want {
			t.Errorf("%s is the number %d (%v)", text, n, err)
		}
	}
}

// The fields of a record are valid for any answer of a source.
func FuzzRecord(f *testing.F) {
	const number = "9780141439518"
	f.Add("Pride and Prejudice", "Jane Austen", "<p>a</p>", "June 1979", "eng", 12, "1.5")
	f.Add(strings.Repeat("ä", 600), strings.Repeat("b", 300), strings.Repeat("d", 10_001), "\x00", "xx", -1, "99999999")
	f.Fuzz(func(t *testing.T, title, name, description, published, language string, pages int, series string) {
		a := answer{
			isbns: []string{number}, title: title, subtitle: name, authors: []string{name}, description: description, publisher: name,
			published: published, language: language, pages: pages, series: name, number: series,
		}
		rec, err := a.record(number)
		if err != nil {
			return
		}
		if rec.Fields.Title == nil || *rec.Fields.Title == "" {
			t.Error("there is no title")
		}
		rec.Fields.Check(nil, func(name string, reason error) {
			if reason != nil {
				t.Errorf("%s %v", name, reason)
			}
		})
		text, err := encode(rec)
		if err != nil || strings.Contains(text, `\u0000`) {
			t.Errorf("stored as %q (%v)", text, err)
		}
		if again, err := decode(models.SourceAnswer{Record: text}); err != nil || !again.Fields.Empty() && *again.Fields.Title != *rec.Fields.Title {
			t.Errorf("decoded as %v (%v)", again, err)
		}
	})
}
