package storagetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

var findingTests = map[string]func(*testing.T, suite){
	"a query finds words, names and beginnings":      testQuery,
	"a query finds what was just stored":             testQueryAfterChange,
	"the best matches come first":                    testRelevance,
	"filters and sorts combine":                      testFilters,
	"books of other owners are not found or counted": testFindingByOwner,
	"a book counts once for a repeated author":       testRepeatedAuthor,
}

// addLibrary stores books of one owner that differ in every field by which books can be found. The owner has rated some of
// them and lent some. The returned books have these reading records and loans.
func addLibrary(t *testing.T, s suite, owner models.ID) []models.Book {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	var list []models.Book
	for i := range 40 {
		b := newBook(owner, pick("The Trial", "Émile", "Straße", "三体", "the trial", "Nana", "Łódź")+strings.Repeat(" ", i%3)+pick("", " II"))
		b.Authors = slices.Compact([]string{pick("Émile Zola", "Franz Kafka", "emile zola"), pick("Émile Zola", "Liu Cixin 刘慈欣")})
		b.ISBN = fmt.Sprintf("97800000%05d", i) // only the models check the digits
		b.Description, b.Category = pick("", "Read by Zola", "A trial"), models.DefaultCategories[random.IntN(3)]
		b.Tags = slices.Compact(slices.Sorted(slices.Values([]string{pick("old", "Été"), pick("old", "new")})))
		b.Series, b.SeriesNumber = pick("", "Rougon-Macquart", "rougon-macquart"), float64(random.IntN(12))
		b.Published, b.Language = pick("", "1995", "1995-03", "2004-05-01", "2011"), pick("", "en", "fr")
		b.Location, b.Publisher = pick("", "Attic", "attic"), pick("", "Charpentier")
		if i%4 == 0 {
			b.Cover = models.Cover{}
		}
		addBook(t, s, b)
		if i%3 == 0 {
			b.Reading = addRating(t, s, b, models.Rating(random.IntN(3)*6))
		}
		if i%5 == 0 {
			loan := models.Loan{ID: models.NewID(now), BookID: b.ID, LenderID: owner, Borrower: "Bob", LentAt: now}
			wantOK(t, s.Loans().Create(t.Context(), loan, 1))
			b.OpenLoans, b.Lent = []models.Loan{loan}, true
		}
		list = append(list, b)
	}
	return list
}

// addRating stores a reading record with a rating. The reader is the owner of the book.
func addRating(t *testing.T, s suite, b models.Book, rating models.Rating) *models.Reading {
	t.Helper()
	status := models.StatusWant
	if rating > 6 {
		status = models.StatusRead
	}
	up := models.ReadingUpdate{Status: &status, Rating: &rating, UpdatedAt: now}
	r, err := s.Readings().Put(t.Context(), models.ReadingKey{UserID: b.UserID, BookID: b.ID}, up)
	wantOK(t, err)
	return &r
}

// matches reports whether a filter selects a book.
func matches(b models.Book, f models.BookFilter) bool {
	w := b.Words()
	for _, word := range f.Query.Words {
		if !slices.Contains(w.Heading, word) && !slices.Contains(w.Body, word) {
			return false
		}
	}
	begins := func(word string) bool { return strings.HasPrefix(word, f.Query.Last) }
	if f.Query.Last != "" && !slices.ContainsFunc(append(w.Heading, w.Body...), begins) {
		return false
	}
	for _, v := range f.Values {
		found := false
		for field, value := range b.Values() {
			found = found || field == v.Field && models.Fold(value) == v.Folded
		}
		if !found {
			return false
		}
	}
	var status models.ReadingStatus
	var rating models.Rating
	if b.Reading != nil {
		status, rating = b.Reading.Status, b.Reading.Rating
	}
	year, _, _ := strings.Cut(b.Published, "-")
	return (f.UserID == "" || b.UserID == f.UserID) && (f.Category == "" || b.Category == f.Category) &&
		(f.Published == models.Dates{} || year != "" && year >= f.Published.First && year <= f.Published.Last) &&
		(f.Status == "" || status == f.Status) &&
		(f.Rating == models.Ratings{} || rating >= f.Rating.Lowest && rating <= f.Rating.Highest) &&
		(f.OnLoan == nil || *f.OnLoan == (len(b.OpenLoans) > 0))
}

// wantFound checks that a filter finds and counts the right books of the list.
func wantFound(t *testing.T, s suite, list []models.Book, f models.BookFilter) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(list), func(b models.Book) bool { return !matches(b, f) })
	sortBooks(want, f)
	byID := map[models.ID]models.Book{}
	for _, b := range list {
		byID[b.ID] = b
	}
	var got []models.ID
	for f.After = nil; ; {
		page, err := s.Books().List(t.Context(), f)
		wantOK(t, err)
		for _, b := range page {
			got = append(got, b.ID)
		}
		if len(page) < f.Limit || len(got) > len(list) {
			break
		}
		f.After = new(f.Cursor(byID[page[len(page)-1].ID])) // the books of the test have their readings
	}
	if fmt.Sprint(got) != fmt.Sprint(idsOf(want)) {
		t.Errorf("%+v\nfinds %s\nwant  %s", f, described(got, byID), described(idsOf(want), byID))
	}
	n, err := s.Books().Count(t.Context(), f)
	wantOK(t, err)
	wantEqual(t, n, int64(len(want)))
}

// wantFacets checks the facets of the books in the list that match a filter.
func wantFacets(t *testing.T, s suite, list []models.Book, f models.BookFilter) {
	t.Helper()
	facets, err := s.Books().Facets(t.Context(), f)
	wantOK(t, err)
	wantEqual(t, facets, facetsOf(slices.DeleteFunc(slices.Clone(list), func(b models.Book) bool { return !matches(b, f) })))
}

func idsOf(list []models.Book) (ids []models.ID) {
	for _, b := range list {
		ids = append(ids, b.ID)
	}
	return ids
}

func described(ids []models.ID, books map[models.ID]models.Book) (titles []string) {
	for _, id := range ids {
		titles = append(titles, fmt.Sprintf("%s %q by %q", id[18:], books[id].Title, books[id].Authors))
	}
	return titles
}

// facetsOf computes the facets of books.
func facetsOf(list []models.Book) models.Facets {
	counts := map[models.BookField]map[string]int{}
	add := func(field models.BookField, value string) {
		if counts[field] == nil {
			counts[field] = map[string]int{}
		}
		counts[field][value]++
	}
	for _, b := range list {
		for field, value := range b.Values() {
			if slices.Contains(models.FacetFields, field) {
				add(field, value)
			}
		}
		if b.Reading != nil {
			add(models.FacetStatus, string(b.Reading.Status))
		}
	}
	facets := models.Facets{}
	for field, values := range counts {
		facets[field] = models.SortCounts(values)
	}
	return facets
}

func testFilters(t *testing.T, s suite) {
	owner := addOwner(t, s)
	list := addLibrary(t, s, owner)
	filters := map[string]func(*models.BookFilter){
		"q":         func(f *models.BookFilter) { f.Query = query("zola tr") },
		"author":    value(models.FieldAuthor, "Emile Zola"),
		"tag":       value(models.FieldTag, "été"),
		"series":    value(models.FieldSeries, "Rougon-Macquart"),
		"language":  value(models.FieldLanguage, "EN"),
		"location":  value(models.FieldLocation, "ATTIC"),
		"isbn":      value(models.FieldISBN, list[3].ISBN),
		"cover":     value(models.FieldCover, "false"),
		"category":  func(f *models.BookFilter) { f.Category = models.DefaultCategories[0] },
		"published": func(f *models.BookFilter) { f.Published = models.Dates{First: "1990", Last: "2004"} },
		"status":    func(f *models.BookFilter) { f.Status = models.StatusRead },
		"rating":    func(f *models.BookFilter) { f.Rating = models.Ratings{Lowest: 6, Highest: 20} },
		"on loan":   func(f *models.BookFilter) { f.OnLoan = new(true) },
		"not lent":  func(f *models.BookFilter) { f.OnLoan = new(false) },
		"all":       func(f *models.BookFilter) { f.UserID = "" },
	}
	names, sorts := slices.Sorted(maps.Keys(filters)), bookSorts()
	for i, name := range names {
		for j := range 2 {
			f := models.BookFilter{UserID: owner, Reader: owner, Sort: sorts[(2*i+j)%len(sorts)], Limit: 11}
			filters[name](&f)
			wantFound(t, s, list, f)
			if j == 0 {
				wantFacets(t, s, list, f)
			}
			filters[names[(i+j+1)%len(names)]](&f)
			wantFound(t, s, list, f)
		}
	}
}

func value(field models.BookField, text string) func(*models.BookFilter) {
	return func(f *models.BookFilter) {
		f.Values = append(f.Values, models.FieldValue{Field: field, Folded: models.Fold(text)})
	}
}

func query(text string) models.Query {
	q, _ := models.ParseQuery(text)
	return q
}

func testQuery(t *testing.T, s suite) {
	owner := addOwner(t, s)
	b := newBook(owner, "三体问题 and the Straße")
	b.Authors, b.Tags, b.ISBN = []string{"Émile Zola", "نجيب محفوظ"}, []string{"sci-fi"}, "9780306406157"
	b.Description = `He said "NEAR" * ที่นี่`
	addBook(t, s, b)
	addBook(t, s, newBook(owner, "Another"))
	for text, found := range map[string]bool{
		"zola": true, "EMILE": true, "emi": true, "strasse": true, "三体": true, "问题": true, "题": true, "نجيب": true,
		"นี่": true, "sci fi": true, "0-306-40615-2": true, "97803": true, "near": true, "zola 三体": true,
		"ola": false, "zol emile": false, "体三": false, "zola another": false, "$where": false,
	} {
		for _, f := range []models.BookFilter{
			{UserID: owner, Query: query(text), Sort: models.SortRelevance, Limit: 10},
			{Query: query(text), Sort: models.SortTitle, Limit: 10},
		} {
			page, err := s.Books().List(t.Context(), f)
			wantOK(t, err)
			if got := slices.Contains(idsOf(page), b.ID); got != found {
				t.Errorf("the query %q finds the book: %t", text, got)
			}
		}
	}
}

func testQueryAfterChange(t *testing.T, s suite) {
	owner := addOwner(t, s)
	find := func(text string) string {
		page, err := s.Books().List(t.Context(), models.BookFilter{
			UserID: owner, Query: query(text), Sort: models.SortRelevance, Limit: 10,
		})
		wantOK(t, err)
		return fmt.Sprint(idsOf(page))
	}
	b := addBook(t, s, newBook(owner, "Germinal"))
	wantEqual(t, find("germinal"), fmt.Sprint([]models.ID{b.ID}))
	up := models.BookUpdate{Title: new("Nana"), Description: new(""), Tags: &[]string{"naturalism"}, UpdatedAt: later}
	_, _, err := s.Books().Update(t.Context(), b.ID, owner, up)
	wantOK(t, err)
	wantEqual(t, find("germinal"), "[]")
	wantEqual(t, find("nana natural"), fmt.Sprint([]models.ID{b.ID}))
	_, err = s.Books().Delete(t.Context(), b.ID, owner, nil)
	wantOK(t, err)
	wantEqual(t, find("nana"), "[]")
	again := addBook(t, s, newBook(owner, "Nana"))
	wantEqual(t, find("nana"), fmt.Sprint([]models.ID{again.ID}))
}

func testRelevance(t *testing.T, s suite) {
	owner := addOwner(t, s)
	mentioned := newBook(owner, "Another")
	mentioned.Description = "Like Dune"
	addBook(t, s, mentioned)
	heading := addBook(t, s, newBook(owner, "Children of Dune"))
	written := newBook(owner, "Essays")
	written.Authors = []string{"Dune, A."}
	addBook(t, s, written)
	exact := addBook(t, s, newBook(owner, "DUNE"))
	want := []models.ID{exact.ID, heading.ID, written.ID, mentioned.ID}
	for _, limit := range []int{1, 2, 3, 10} {
		f := models.BookFilter{UserID: owner, Query: query("dune"), Sort: models.SortRelevance, Limit: limit}
		wantEqual(t, idsOf(readPages(t, s, f)), want)
	}
}

func testFindingByOwner(t *testing.T, s suite) {
	owner, other := addOwner(t, s), addOwner(t, s)
	list := addLibrary(t, s, owner)
	others := newBook(other, "The Trial of Zola")
	others.Authors, others.Tags = []string{"Émile Zola"}, []string{"old"}
	addBook(t, s, others)
	for _, set := range []func(*models.BookFilter){
		func(*models.BookFilter) {},
		func(f *models.BookFilter) { f.Query = query("zola") },
		value(models.FieldAuthor, "Émile Zola"),
	} {
		f := models.BookFilter{UserID: owner, Reader: owner, Sort: models.SortTitle, Limit: 100}
		set(&f)
		wantFound(t, s, list, f)
		f.UserID = ""
		wantFound(t, s, append(list, others), f)
		wantFacets(t, s, append(list, others), f)
	}
}

func testRepeatedAuthor(t *testing.T, s suite) {
	b := newBook(addOwner(t, s), "Emma")
	b.Authors = []string{"Jane Austen", "A. Editor", "Jane Austen"}
	addBook(t, s, b)
	facets, err := s.Books().Facets(t.Context(), models.BookFilter{UserID: b.UserID})
	wantOK(t, err)
	wantEqual(t, facets[models.FieldAuthor], []models.ValueCount{{Value: "A. Editor", Books: 1}, {Value: "Jane Austen", Books: 1}})
}
