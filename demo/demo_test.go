package demo

import (
	"testing"

	"bookplate/models"
)

// The table has two hundred books. Each has all the fields that a list shows.
func TestTable(t *testing.T) {
	books, err := readTable()
	if err != nil {
		t.Fatal(err)
	}
	if len(books) != 200 {
		t.Errorf("%d books, want 200", len(books))
	}
	titles, categories := map[string]bool{}, map[string]bool{}
	for _, b := range books {
		titles[*b.Title], categories[*b.Category] = true, true
		if len(*b.Authors) == 0 || *b.Language == "" || len(*b.Tags) == 0 || *b.Description == "" {
			t.Errorf("%s has no author, language, tag or description", *b.Title)
		}
		if *b.Published > "1929" {
			t.Errorf("%s was published in %s: it is not in the public domain everywhere", *b.Title, *b.Published)
		}
		if (*b.Series == "") != (b.SeriesNumber == nil) {
			t.Errorf("%s: a series and its number go together", *b.Title)
		}
	}
	if len(titles) != len(books) || len(categories) != len(models.DefaultCategories) {
		t.Errorf("%d titles in %d categories", len(titles), len(categories))
	}
}

func TestPasswords(t *testing.T) {
	password := newPassword()
	if err := (models.PasswordPolicy{Min: 7, Max: 200}).Check(password); err != nil {
		t.Errorf("%s %v", password, err)
	}
	if password == newPassword() {
		t.Error("two passwords are the same")
	}
}
