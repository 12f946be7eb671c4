package catalogue

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"bookplate/models"
)

// FuzzShownBook compares the JSON of a shownBook with what package json makes of the bookView.
func FuzzShownBook(f *testing.F) {
	f.Add("Emma", "A novel", "romance", "Jane Austen", "http://localhost:5000", "0123456789abcdef", "", int64(1700000000000), true, false)
	f.Add("<\"\\&>\u2028", "\xff\x00\n", "Zoë", "", "", "", "http://x/?a&b", int64(-62135596800000), false, true)
	f.Fuzz(func(t *testing.T, title, description, category, author, base, cover, image string, at int64, own, lent bool) {
		b := models.Book{
			ID: "a", UserID: "b", BookTexts: models.BookTexts{Title: title, Description: description, Category: category},
			Cover: models.Cover{Name: cover}, ImageURL: image, CreatedAt: time.UnixMilli(at % 1e14), OwnerName: author,
		}
		if cover != "" {
			b.Cover.Sizes = []int{models.ThumbnailSize, 300, 1200}
		}
		if author != "" {
			b.Authors, b.Pages = []string{author}, 128
			b.Reading = &models.Reading{Status: models.StatusRead, Review: models.Review(description)}
		}
		if lent {
			b.OpenLoans = []models.Loan{{ID: "c", Borrower: author, Due: 20240229}}
		}
		viewer := bookViewer{base: base, user: "c"}
		if own {
			viewer.user = b.UserID
		}
		got, err := shownBook{viewer, &b}.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(viewer.view(b))
		if err != nil {
			t.Fatal(err)
		}
		var gotValue, wantValue any
		if err := json.Unmarshal(got, &gotValue); err != nil {
			t.Fatalf("%v: %s", err, got)
		}
		if err := json.Unmarshal(want, &wantValue); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(gotValue, wantValue) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
