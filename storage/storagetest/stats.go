package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

// wantStats checks the statistics of a user. An empty map or list in the statistics may be nil in want.
func wantStats(t *testing.T, s suite, user models.ID, year int, want models.ReadingStats) {
	t.Helper()
	wantFilteredStats(t, s, models.StatsFilter{UserID: user, Year: year}, want)
}

func wantFilteredStats(t *testing.T, s suite, f models.StatsFilter, want models.ReadingStats) {
	t.Helper()
	got, err := s.Readings().Stats(t.Context(), f)
	wantOK(t, err)
	wantEqual(t, fmt.Sprint(got.Finished, got.Goal, got.Ratings, got.Categories, got.Languages, got.Authors),
		fmt.Sprint(want.Finished, want.Goal, want.Ratings, want.Categories, want.Languages, want.Authors))
	wantEqual(t, got.Longest, want.Longest)
	wantEqual(t, got.Shortest, want.Shortest)
}

// finish records that a user has read a book on these days.
func finish(t *testing.T, s suite, user models.ID, b models.Book, rating models.Rating, days ...models.Date) {
	t.Helper()
	up := statusUpdate(models.StatusRead, now)
	up.Rating, up.Reads = &rating, &models.Reads{{Started: 20210101}}
	for _, day := range days {
		*up.Reads = append(*up.Reads, models.Read{Finished: day})
	}
	putReading(t, s, models.ReadingKey{UserID: user, BookID: b.ID}, up)
}

// addRead adds a book that a user has read.
func addRead(t *testing.T, s suite, user models.ID, b models.Book, rating models.Rating, days ...models.Date) models.Book {
	t.Helper()
	addBook(t, s, b)
	finish(t, s, user, b, rating, days...)
	finish(t, s, addOwner(t, s), b, 20, 20260606) // which must not count
	return b
}

func lengthOf(b models.Book) *models.BookLength {
	return &models.BookLength{ID: b.ID, Title: b.Title, Pages: b.Pages}
}

func testReadingStats(t *testing.T, s suite) {
	user, owner := addOwner(t, s), addOwner(t, s)
	wantStats(t, s, user, 2026, models.ReadingStats{})
	book := func(title, category string, details models.BookDetails) models.Book {
		b := newBook(owner, title)
		b.Category, b.BookDetails = category, details
		return b
	}
	a := addRead(t, s, user, book("A", "science", models.BookDetails{Pages: 100, Language: "en", Authors: []string{"Ada", "Bob"}}),
		4, 20200131, 20260131)
	addRead(t, s, user, book("B", "science", models.BookDetails{Pages: 100, Language: "de", Authors: []string{"Bob", "Bob"}}),
		8, 20260101, 20260102)
	c := addRead(t, s, user, book("C", "poetry", models.BookDetails{Pages: 300, Language: "de"}), 8, 20260201)
	addRead(t, s, user, book("D", "", models.BookDetails{}), 0, 20261231)
	e := addRead(t, s, user, book("E", "horror", models.BookDetails{Pages: 500, Authors: []string{"Eve"}}), 0, 20200101)
	addRead(t, s, user, book("F", "horror", models.BookDetails{Pages: 1000, Language: "fr", Authors: []string{"Eve"}}), 1)

	all := models.ReadingStats{Finished: map[models.Month]models.ReadCount{
		202001: {Books: 2, Pages: 600}, 202601: {Books: 3, Pages: 300}, 202602: {Books: 1, Pages: 300}, 202612: {Books: 1},
	}}
	want := all
	want.Ratings = map[models.Rating]int{4: 1, 8: 2}
	want.Categories = []models.NameCount{{Name: "science", Books: 2}, {Name: "poetry", Books: 1}}
	want.Languages = []models.NameCount{{Name: "de", Books: 2}, {Name: "en", Books: 1}}
	want.Authors = []models.NameCount{{Name: "Bob", Books: 2}, {Name: "Ada", Books: 1}}
	want.Longest, want.Shortest = lengthOf(c), lengthOf(a)
	wantStats(t, s, user, 2026, want)

	want = all
	want.Ratings = map[models.Rating]int{4: 1}
	want.Categories = []models.NameCount{{Name: "horror", Books: 1}, {Name: "science", Books: 1}}
	want.Languages = []models.NameCount{{Name: "en", Books: 1}}
	want.Authors = []models.NameCount{{Name: "Ada", Books: 1}, {Name: "Bob", Books: 1}, {Name: "Eve", Books: 1}}
	want.Longest, want.Shortest = lengthOf(e), lengthOf(a)
	wantStats(t, s, user, 2020, want)
	wantStats(t, s, user, 2021, all)
}

func testStatsOfOwner(t *testing.T, s suite) {
	user := addOwner(t, s)
	own, other := newBook(user, "Own"), newBook(addOwner(t, s), "Other")
	own.Pages, other.Pages = 200, 300
	addRead(t, s, user, own, 4, 20260101)
	addRead(t, s, user, other, 8, 20260101)
	wantFilteredStats(t, s, models.StatsFilter{UserID: user, Owner: user, Year: 2026}, models.ReadingStats{
		Finished: map[models.Month]models.ReadCount{202601: {Books: 1, Pages: 200}}, Ratings: map[models.Rating]int{4: 1},
		Categories: []models.NameCount{{Name: "poetry", Books: 1}}, Longest: lengthOf(own), Shortest: lengthOf(own),
	})
}

func testStatsNames(t *testing.T, s suite) {
	user := addOwner(t, s)
	b := newBook(user, "Anthology")
	var want []models.NameCount
	for i := range 60 {
		b.Authors = append(b.Authors, fmt.Sprintf("Author %02d", 59-i))
		want = append(want, models.NameCount{Name: fmt.Sprintf("Author %02d", i), Books: 1})
	}
	addRead(t, s, user, b, 0, 20260101)
	last := newBook(user, "Last")
	last.Authors = b.Authors[:1]
	addRead(t, s, user, last, 0, 20260101)
	want = append([]models.NameCount{{Name: "Author 59", Books: 2}}, want[:models.MaxNameCounts-1]...)
	stats, err := s.Readings().Stats(t.Context(), models.StatsFilter{UserID: user, Year: 2026})
	wantOK(t, err)
	wantEqualList(t, stats.Authors, want)
}

// There are more reading records than the MongoDB engine reads at a time.
func testStatsOfMany(t *testing.T, s suite) {
	const many = 110
	user := addOwner(t, s)
	concurrently(many, func(i int) error {
		b := newBook(user, fmt.Sprint(i))
		b.Pages = 100 + i
		addBook(t, s, b)
		finish(t, s, user, b, 0, models.Date(20260101+i%28))
		return nil
	})
	stats, err := s.Readings().Stats(t.Context(), models.StatsFilter{UserID: user, Year: 2026})
	wantOK(t, err)
	wantEqual(t, stats.Finished, map[models.Month]models.ReadCount{202601: {Books: many, Pages: 100*many + many*(many-1)/2}})
	wantEqual(t, stats.Categories, []models.NameCount{{Name: "poetry", Books: many}})
	wantEqual(t, []int{stats.Shortest.Pages, stats.Longest.Pages}, []int{100, 99 + many})
}
