package sqlite

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// BenchmarkFinding measures searches, filters, sorts and facets in a generated library. One owner has BENCH_BOOKS books,
// 10,000 by default. Others have BENCH_OTHERS books. With -v, the benchmark logs the plan of each query.
func BenchmarkFinding(b *testing.B) {
	others, _ := strconv.Atoi(os.Getenv("BENCH_OTHERS"))
	s, owner := benchLibrary(b, benchBooks(), others)
	for _, c := range benchFilters(owner) {
		for _, scope := range []models.ID{owner, ""} {
			name := c.name + "/mine"
			if scope == "" {
				name = c.name + "/all"
			}
			b.Run(name, func(b *testing.B) { benchFilter(b, s, scope, c) })
		}
	}
}

// benchBooks returns the number of the owner's books in a benchmark.
func benchBooks() int {
	total, _ := strconv.Atoi(os.Getenv("BENCH_BOOKS"))
	return max(total, 10_000)
}

// benchCase is a filter whose values are random.
type benchCase struct {
	name   string
	filter func(r *rand.Rand) models.BookFilter
	call   func(b *testing.B, s *Store, f models.BookFilter)
}

func benchFilter(b *testing.B, s *Store, owner models.ID, c benchCase) {
	random := rand.New(rand.NewPCG(1, 2))
	var times []time.Duration
	for b.Loop() {
		f := c.filter(random)
		f.UserID, f.Limit = owner, 20
		begin := time.Now()
		c.call(b, s, f)
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
	if testing.Verbose() && b.N > 1 {
		logPlans(b, s, owner, c.filter(random))
	}
}

func logPlans(b *testing.B, s *Store, owner models.ID, f models.BookFilter) {
	f.UserID, f.Limit = owner, 20
	for _, part := range f.Parts() {
		conds := bookConditions(f, part)
		few, err := fewest(s.lists.statements, conds)
		check(b, err)
		query := listBooks(f, conds, orderOf(f, part), few)
		b.Logf("%s", strings.Join(explain(b, s, query.text, query.args), " | "))
	}
}

func listOf(b *testing.B, s *Store, f models.BookFilter) {
	_, err := s.Books().List(b.Context(), f)
	check(b, err)
}

func countOf(b *testing.B, s *Store, f models.BookFilter) {
	_, err := s.Books().Count(b.Context(), f)
	check(b, err)
}

func facetsOf(b *testing.B, s *Store, f models.BookFilter) {
	_, err := s.Books().Facets(b.Context(), f)
	check(b, err)
}

func benchFilters(reader models.ID) (cases []benchCase) {
	add := func(name string, call func(*testing.B, *Store, models.BookFilter), set func(*rand.Rand, *models.BookFilter)) {
		cases = append(cases, benchCase{name, func(r *rand.Rand) models.BookFilter {
			f := models.BookFilter{Reader: reader, Sort: models.SortCreated}
			set(r, &f)
			return f
		}, call})
	}
	query := func(text string, f *models.BookFilter) {
		f.Query, _ = models.ParseQuery(text)
		f.Sort = models.SortRelevance
	}
	value := func(field models.BookField, text string, f *models.BookFilter) {
		f.Values = append(f.Values, models.FieldValue{Field: field, Folded: models.Fold(text)})
	}
	add("q of two words", listOf, func(r *rand.Rand, f *models.BookFilter) { query(benchWord(r)+" "+benchWord(r), f) })
	add("q of two common words", listOf, func(_ *rand.Rand, f *models.BookFilter) { query(benchWords[0]+" "+benchWords[1], f) })
	add("q of two words by title", listOf, func(r *rand.Rand, f *models.BookFilter) {
		query(benchWord(r)+" "+benchWord(r), f)
		f.Sort = models.SortTitle
	})
	for n := 1; n <= 4; n++ {
		add(fmt.Sprintf("typed %d letters", n), listOf, func(r *rand.Rand, f *models.BookFilter) { query(benchWord(r)[:n], f) })
	}
	add("count of a word", countOf, func(r *rand.Rand, f *models.BookFilter) { query(benchWord(r), f) })
	add("author", listOf, func(r *rand.Rand, f *models.BookFilter) { value(models.FieldAuthor, benchAuthor(r), f) })
	add("author by title", listOf, func(r *rand.Rand, f *models.BookFilter) {
		value(models.FieldAuthor, benchAuthor(r), f)
		f.Sort = models.SortTitle
	})
	add("tag", listOf, func(r *rand.Rand, f *models.BookFilter) { value(models.FieldTag, benchTag(r), f) })
	add("tag by title", listOf, func(r *rand.Rand, f *models.BookFilter) {
		value(models.FieldTag, benchTag(r), f)
		f.Sort = models.SortTitle
	})
	add("series", listOf, func(r *rand.Rand, f *models.BookFilter) { value(models.FieldSeries, benchSeries(r), f) })
	add("language", listOf, func(_ *rand.Rand, f *models.BookFilter) { value(models.FieldLanguage, "en", f) })
	add("language by author", listOf, func(_ *rand.Rand, f *models.BookFilter) {
		value(models.FieldLanguage, "en", f)
		f.Sort = models.SortAuthor
	})
	add("no cover", listOf, func(_ *rand.Rand, f *models.BookFilter) { value(models.FieldCover, "false", f) })
	add("category by title", listOf, func(_ *rand.Rand, f *models.BookFilter) { f.Category, f.Sort = "science", models.SortTitle })
	add("published by author", listOf, func(r *rand.Rand, f *models.BookFilter) {
		year := fmt.Sprint(1900 + r.IntN(100))
		f.Published, f.Sort = models.Dates{First: year, Last: year}, models.SortAuthor
	})
	add("status", listOf, func(_ *rand.Rand, f *models.BookFilter) { f.Status = models.StatusRead })
	add("rating by title", listOf, func(_ *rand.Rand, f *models.BookFilter) {
		f.Rating, f.Sort = models.Ratings{Lowest: 16, Highest: 20}, models.SortTitle
	})
	add("on loan", listOf, func(_ *rand.Rand, f *models.BookFilter) { f.OnLoan = new(true) })
	add("not on loan", listOf, func(_ *rand.Rand, f *models.BookFilter) { f.OnLoan = new(false) })
	for _, sort := range models.BookSorts {
		add("sort "+string(sort), listOf, func(_ *rand.Rand, f *models.BookFilter) { f.Sort = sort })
		add("sort -"+string(sort), listOf, func(_ *rand.Rand, f *models.BookFilter) { f.Sort = "-" + sort })
	}
	add("count", countOf, func(*rand.Rand, *models.BookFilter) {})
	add("facets", facetsOf, func(*rand.Rand, *models.BookFilter) {})
	add("facets of a word", facetsOf, func(r *rand.Rand, f *models.BookFilter) { query(benchWord(r), f) })
	return cases
}

// benchWords are 5,000 made-up words. The first ones are the most common in the generated library.
var benchWords = func() []string {
	random := rand.New(rand.NewPCG(3, 4))
	syllables := []string{"ba", "lo", "mi", "tru", "ven", "sa", "kor", "ne", "pi", "du", "gra", "fe", "hol", "zi", "wa"}
	list := make([]string, 5000)
	for i := range list {
		for range 2 + random.IntN(3) {
			list[i] += syllables[random.IntN(len(syllables))]
		}
	}
	return list
}()

// common returns a random number below n. Small numbers are the most common, because some words and authors are more common
// than others.
func common(r *rand.Rand, n int) int {
	x := r.Float64()
	return int(x * x * x * float64(n))
}

func benchWord(r *rand.Rand) string { return benchWords[common(r, len(benchWords))] }

func benchAuthor(r *rand.Rand) string {
	n := common(r, 20_000)
	return benchWords[n%5000] + " " + benchWords[n/4%5000]
}

func benchTag(r *rand.Rand) string    { return "tag " + benchWords[common(r, 300)] }
func benchSeries(r *rand.Rand) string { return "series of " + benchWords[common(r, 2000)] }

func benchText(r *rand.Rand, words int) string {
	list := make([]string, words)
	for i := range list {
		list[i] = benchWord(r)
	}
	return strings.Join(list, " ")
}

// benchLibrary returns a store with books of one owner and of others. The owner has read some of their books and lent some.
func benchLibrary(b *testing.B, own, others int) (*Store, models.ID) {
	b.Helper()
	s, now, random := open(b), time.Now(), rand.New(rand.NewPCG(5, 6))
	owner := models.NewID(now)
	for done := 0; done < own+others; {
		check(b, s.write(b.Context(), func(q *statements) error {
			for range 2000 {
				book := randomBook(random, done)
				book.UserID = owner
				if done >= own {
					book.UserID = models.ID(fmt.Sprintf("%024x", done/1000))
				}
				if err := insertBook(q, book); err != nil {
					return err
				}
				if err := addHistory(q, random, book, done < own); err != nil {
					return err
				}
				done++
			}
			return nil
		}))
	}
	check(b, s.indexWords(b.Context()))
	return s, owner
}

func randomBook(r *rand.Rand, i int) models.Book {
	now := time.Now()
	book := models.Book{
		ID: models.NewID(now), CreatedAt: now, UpdatedAt: now,
		BookTexts: models.BookTexts{
			Title: fmt.Sprint(benchText(r, 3), " ", i), Description: benchText(r, 30), Category: models.DefaultCategories[r.IntN(8)],
		},
		BookDetails: models.BookDetails{
			Authors: []string{benchAuthor(r)}, Tags: []string{benchTag(r)}, Language: []string{"en", "fr", "de"}[common(r, 3)],
			Published: fmt.Sprint(1900 + r.IntN(125)), Pages: 100 + r.IntN(900),
		},
	}
	if r.IntN(3) == 0 {
		book.Series, book.SeriesNumber = benchSeries(r), float64(r.IntN(20))
	}
	if r.IntN(20) > 0 {
		book.Cover = models.Cover{Name: "0123456789abcdef", Sizes: []int{150, 300, 600}}
	}
	return book
}

// addHistory makes the owner read every tenth of their books and lend every hundredth.
func addHistory(q *statements, r *rand.Rand, b models.Book, owned bool) error {
	if !owned {
		return nil
	}
	if r.IntN(10) == 0 {
		reading := models.Reading{
			ReadingKey: models.ReadingKey{UserID: b.UserID, BookID: b.ID}, Status: models.ReadingStatuses[r.IntN(4)],
			Rating: models.Rating(r.IntN(21)), CreatedAt: b.CreatedAt, UpdatedAt: b.CreatedAt,
		}
		if _, err := q.exec(replaceReading, append(readingTable.values(reading), 0)...); err != nil {
			return err
		}
	}
	if r.IntN(100) > 0 {
		return nil
	}
	loan := models.Loan{ID: models.NewID(b.CreatedAt), BookID: b.ID, LenderID: b.UserID, Borrower: "Bob", LentAt: b.CreatedAt}
	_, err := q.exec(insertLoan, loanTable.values(loan)...)
	return err
}
