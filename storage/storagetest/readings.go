package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

var readingTests = map[string]func(*testing.T, suite){
	"a reading is stored as it was put":         testReadingFields,
	"a change keeps the other fields":           testReadingChange,
	"a new reading needs a status":              testReadingStatus,
	"20 concurrent changes are all made":        testReadingRace,
	"an unknown book has no reading":            testReadingUnknownBook,
	"a reading belongs to its user":             testReadingOwner,
	"readings are listed in pages":              testReadingPages,
	"readings of many books are found":          testReadingsOf,
	"a deleted book has no readings":            testReadingDeletedBook,
	"no reading outlives its deleted book":      testReadingDeleteRace,
	"books of an erased owner have no readings": testReadingDeletedOwner,
	"all readings of a user are deleted":        testReadingDeleteAll,
	"readings are counted":                      testReadingStats,
	"statistics of one owner's books":           testStatsOfOwner,
	"statistics have the 50 largest names":      testStatsNames,
	"statistics of many readings":               testStatsOfMany,
	"a year has one goal":                       testGoals,
	"goals of all years":                        testAllGoals,
}

// fullUpdate returns an update that sets every field.
func fullUpdate(at time.Time) models.ReadingUpdate {
	return models.ReadingUpdate{
		Status: new(models.StatusRead), Rating: new(models.Rating(17)),
		Progress: new(models.Progress{Unit: models.UnitPage, Value: 12}),
		Reads:    new(models.Reads{{Started: 20040228, Finished: 20040229}, {Finished: 20110101}, {Started: 20250101}, {}}),
		Review:   new(models.Review("Émile's “best” 日本語")), UpdatedAt: at,
	}
}

func statusUpdate(status models.ReadingStatus, at time.Time) models.ReadingUpdate {
	return models.ReadingUpdate{Status: &status, UpdatedAt: at}
}

func putReading(t *testing.T, s suite, key models.ReadingKey, up models.ReadingUpdate) models.Reading {
	t.Helper()
	r, err := s.Readings().Put(t.Context(), key, up)
	wantOK(t, err)
	return r
}

// wantReading checks the stored reading record.
func wantReading(t *testing.T, s suite, want models.Reading) {
	t.Helper()
	got, err := s.Readings().Get(t.Context(), want.ReadingKey)
	wantOK(t, err)
	wantEqual(t, got, want)
}

func wantNoReading(t *testing.T, s suite, key models.ReadingKey) {
	t.Helper()
	_, err := s.Readings().Get(t.Context(), key)
	wantCode(t, err, models.NotFound)
	of, err := s.Readings().Of(t.Context(), key.UserID, []models.ID{key.BookID})
	wantOK(t, err)
	wantEqual(t, len(of), 0)
	for _, b := range readReadings(t, s, models.ReadingFilter{UserID: key.UserID, Sort: models.SortUpdated, Limit: 9}) {
		if b.ID == key.BookID {
			t.Fatalf("the list has %+v", b)
		}
	}
}

// keyOf stores a user and a book, and returns the key of the user's reading record of the book.
func keyOf(t *testing.T, s suite) models.ReadingKey {
	t.Helper()
	return models.ReadingKey{UserID: addOwner(t, s), BookID: addBooks(t, s, "Emma")[0].ID}
}

func testReadingFields(t *testing.T, s suite) {
	key := keyOf(t, s)
	for _, up := range []models.ReadingUpdate{
		fullUpdate(now),
		statusUpdate(models.StatusWant, now).Whole(),
		{Status: new(models.StatusReading), Progress: new(models.Progress{Unit: models.UnitPercent}), UpdatedAt: now},
	} {
		wantOK(t, s.Readings().Delete(t.Context(), key))
		wantNoReading(t, s, key)
		want := up.Apply(models.Reading{ReadingKey: key, CreatedAt: now})
		wantEqual(t, putReading(t, s, key, up), want)
		wantReading(t, s, want)
	}
	for _, text := range hardTexts {
		review := models.Review(text)
		r := putReading(t, s, key, models.ReadingUpdate{Review: &review, UpdatedAt: now})
		wantEqual(t, r.Review, review)
	}
}

func testReadingChange(t *testing.T, s suite) {
	key := keyOf(t, s)
	want := putReading(t, s, key, fullUpdate(now))
	for _, up := range []models.ReadingUpdate{
		{Status: new(models.StatusAbandoned)},
		{Rating: new(models.Rating(0))},
		{Progress: new(models.Progress{Unit: models.UnitPercent, Value: 40})},
		{Reads: new(models.Reads{{Started: 20260101}})},
		{Review: new(models.Review(""))},
	} {
		up.UpdatedAt = later
		want = up.Apply(want)
		wantEqual(t, putReading(t, s, key, up), want)
		wantReading(t, s, want)
	}
	wantEqual(t, want.CreatedAt, now)
}

func testReadingStatus(t *testing.T, s suite) {
	key := keyOf(t, s)
	_, err := s.Readings().Put(t.Context(), key, models.ReadingUpdate{Rating: new(models.Rating(4)), UpdatedAt: now})
	wantEqual(t, err, models.ErrNoStatus)
	wantNoReading(t, s, key)
}

// Half of the calls set the rating, and the other half set the review. Afterwards the reading record has both.
func testReadingRace(t *testing.T, s suite) {
	key := keyOf(t, s)
	for _, err := range concurrently(20, func(i int) error {
		up := statusUpdate(models.StatusRead, later)
		if i%2 == 0 {
			up.Rating = new(models.Rating(20))
		} else {
			up.Review = new(models.Review("Good"))
		}
		_, err := s.Readings().Put(t.Context(), key, up)
		return err
	}) {
		wantOK(t, err)
	}
	r, err := s.Readings().Get(t.Context(), key)
	wantOK(t, err)
	wantEqual(t, r.Rating, 20)
	wantEqual(t, r.Review, "Good")
}

func testReadingUnknownBook(t *testing.T, s suite) {
	key := models.ReadingKey{UserID: addOwner(t, s), BookID: models.NewID(now)}
	_, err := s.Readings().Put(t.Context(), key, fullUpdate(now))
	wantCode(t, err, models.NotFound)
	wantNoReading(t, s, key)
}

func testReadingOwner(t *testing.T, s suite) {
	ada := keyOf(t, s)
	bob := models.ReadingKey{UserID: addOwner(t, s), BookID: ada.BookID}
	want := putReading(t, s, ada, fullUpdate(now))
	wantNoReading(t, s, bob)
	putReading(t, s, bob, statusUpdate(models.StatusWant, now))
	wantOK(t, s.Readings().Delete(t.Context(), bob))
	wantOK(t, s.Readings().DeleteAll(t.Context(), bob.UserID))
	wantReading(t, s, want)
}

// readReadings returns the books on all pages of a list of reading records.
func readReadings(t *testing.T, s suite, f models.ReadingFilter) (books []models.Book) {
	t.Helper()
	for range maxPages {
		page, err := s.Readings().List(t.Context(), f)
		wantOK(t, err)
		books = append(books, page...)
		if len(page) < f.Limit {
			return books
		}
		f.After = new(f.Sort.Cursor(*page[len(page)-1].Reading))
	}
	t.Fatalf("the list does not end: %+v", f)
	return nil
}

// filterReadings returns the books whose reading records a filter selects, sorted.
func filterReadings(list []models.Book, f models.ReadingFilter) (books []models.Book) {
	for _, b := range list {
		inYear := slices.ContainsFunc(b.Reading.Reads, func(r models.Read) bool { return int(r.Finished)/10000 == f.Year })
		if (f.Status == "" || f.Status == b.Reading.Status) && (f.Year == 0 || inYear) {
			books = append(books, b)
		}
	}
	slices.SortFunc(books, func(a, b models.Book) int {
		x, y := f.Sort.Cursor(*a.Reading), f.Sort.Cursor(*b.Reading)
		return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID))
	})
	if strings.HasPrefix(string(f.Sort), "-") {
		slices.Reverse(books)
	}
	return books
}

func testReadingPages(t *testing.T, s suite) {
	user := addOwner(t, s)
	var list []models.Book
	for i, b := range addBooks(t, s, "A", "B", "C", "D", "E", "F", "G", "H", "I") {
		up := statusUpdate(models.StatusWant, now.Add(time.Duration(i%4)*time.Minute))
		if i%3 > 0 {
			up.Status, up.Rating = new(models.StatusRead), new(models.Rating(4*(i%3)))
			up.Reads = &models.Reads{{Finished: models.Date(20200000 + 10000*(i%2) + 101)}, {Started: 20221231}, {Finished: 20221231}}
		}
		b.Reading = new(putReading(t, s, models.ReadingKey{UserID: user, BookID: b.ID}, up))
		putReading(t, s, models.ReadingKey{UserID: addOwner(t, s), BookID: b.ID}, up)
		list = append(list, b)
	}
	for _, sort := range models.ReadingSorts {
		for _, status := range []models.ReadingStatus{"", models.StatusRead, models.StatusWant, models.StatusAbandoned} {
			for _, year := range []int{0, 2020, 2022, 2023} {
				for _, limit := range []int{1, 4, 100} {
					f := models.ReadingFilter{UserID: user, Status: status, Year: year, Sort: sort, Limit: limit}
					got, want := readReadings(t, s, f), filterReadings(list, f)
					wantEqual(t, titlesOf(got), titlesOf(want))
					for i := range got {
						wantEqual(t, got[i].Title, want[i].Title)
						wantEqual(t, got[i].Reading.Rating, want[i].Reading.Rating)
					}
				}
			}
		}
	}
}

func titlesOf(books []models.Book) string {
	var titles []string
	for _, b := range books {
		titles = append(titles, b.Title)
	}
	return fmt.Sprint(titles)
}

func testReadingsOf(t *testing.T, s suite) {
	user := addOwner(t, s)
	ids, want := []models.ID{models.NewID(now)}, map[models.ID]models.Reading{}
	for i, b := range addBooks(t, s, "A", "B", "C", "D") {
		r := putReading(t, s, models.ReadingKey{UserID: user, BookID: b.ID}, fullUpdate(now))
		if i > 0 {
			ids, want[b.ID] = append(ids, b.ID), r
		}
	}
	list, err := s.Readings().Of(t.Context(), user, ids)
	wantOK(t, err)
	got := map[models.ID]models.Reading{}
	for _, r := range list {
		got[r.BookID] = r
	}
	wantEqual(t, got, want)
	list, err = s.Readings().Of(t.Context(), addOwner(t, s), ids)
	wantOK(t, err)
	wantEqual(t, len(list), 0)
}

func testReadingDeletedBook(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	users := []models.ID{addOwner(t, s), addOwner(t, s)}
	for _, user := range users {
		for _, b := range books {
			putReading(t, s, models.ReadingKey{UserID: user, BookID: b.ID}, fullUpdate(now))
		}
	}
	_, err := s.Books().Delete(t.Context(), books[0].ID, books[0].UserID, nil)
	wantOK(t, err)
	addBook(t, s, books[0]) // a new book with the same id has no readings
	for _, user := range users {
		wantNoReading(t, s, models.ReadingKey{UserID: user, BookID: books[0].ID})
		f := models.ReadingFilter{UserID: user, Sort: models.SortUpdated, Limit: 9}
		wantEqual(t, titlesOf(readReadings(t, s, f)), "[Dune]")
	}
}

func testReadingDeleteRace(t *testing.T, s suite) {
	user := addOwner(t, s)
	for range 20 {
		b := addBooks(t, s, "Emma")[0]
		key := models.ReadingKey{UserID: user, BookID: b.ID}
		for i, err := range concurrently(6, func(i int) error {
			if i == 0 {
				_, err := s.Books().Delete(t.Context(), b.ID, b.UserID, nil)
				return err
			}
			_, err := s.Readings().Put(t.Context(), key, fullUpdate(now))
			return err
		}) {
			if i == 0 || err == nil {
				wantOK(t, err)
				continue
			}
			wantCode(t, err, models.NotFound)
		}
		addBook(t, s, b)
		wantNoReading(t, s, key)
	}
}

func testReadingDeletedOwner(t *testing.T, s suite) {
	key := keyOf(t, s)
	putReading(t, s, key, fullUpdate(now))
	b, err := s.Books().Get(t.Context(), key.BookID)
	wantOK(t, err)
	_, err = s.Books().DeleteOwned(t.Context(), b.UserID, 9)
	wantOK(t, err)
	addBook(t, s, b)
	wantNoReading(t, s, key)
}

func testReadingDeleteAll(t *testing.T, s suite) {
	key := keyOf(t, s)
	putReading(t, s, key, fullUpdate(now))
	wantOK(t, s.Readings().PutGoal(t.Context(), key.UserID, 2026, 24))
	for range 2 {
		wantOK(t, s.Readings().DeleteAll(t.Context(), key.UserID))
		wantNoReading(t, s, key)
		wantStats(t, s, key.UserID, 2026, models.ReadingStats{})
	}
}

func testGoals(t *testing.T, s suite) {
	user, other := addOwner(t, s), addOwner(t, s)
	wantOK(t, s.Readings().PutGoal(t.Context(), other, 2026, 100))
	for _, goal := range []models.Goal{24, 30, 0, 0} {
		wantOK(t, s.Readings().PutGoal(t.Context(), user, 2026, goal))
		wantStats(t, s, user, 2026, models.ReadingStats{Goal: goal})
		wantStats(t, s, user, 2025, models.ReadingStats{})
	}
	for _, err := range concurrently(20, func(i int) error {
		return s.Readings().PutGoal(t.Context(), user, 2027, models.Goal(i+1))
	}) {
		wantOK(t, err)
	}
	wantStats(t, s, other, 2026, models.ReadingStats{Goal: 100})
}

func testAllGoals(t *testing.T, s suite) {
	user := addOwner(t, s)
	wantOK(t, s.Readings().PutGoal(t.Context(), addOwner(t, s), 2026, 100))
	want := map[int]models.Goal{}
	for _, year := range []int{1, 2026, 2027, 9999} {
		goals, err := s.Readings().Goals(t.Context(), user)
		wantOK(t, err)
		wantEqual(t, goals, want)
		want[year] = models.Goal(year)
		wantOK(t, s.Readings().PutGoal(t.Context(), user, year, want[year]))
	}
}
