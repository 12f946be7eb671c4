package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

// The cost of a page depends only on its length, because an index has the books in order.
func TestEveryListReadsAnIndexInOrder(t *testing.T) {
	s := open(t)
	for _, owner := range []models.ID{"", "a"} {
		for _, category := range []string{"", "poetry"} {
			for _, sort := range models.BookSorts {
				for _, sort := range []models.BookSort{sort, "-" + sort} {
					f := models.BookFilter{UserID: owner, Category: category, Reader: "a", Sort: sort, Limit: 20}
					wantInOrder(t, s, f)
					f.After = &models.Cursor{ID: "b", Key: "emma"}
					wantInOrder(t, s, f)
				}
			}
		}
	}
}

// wantInOrder checks that a list reads its books from an index in order, without sorting, if no condition finds few books.
func wantInOrder(t *testing.T, s *Store, f models.BookFilter) {
	t.Helper()
	for _, part := range f.Parts() {
		query := listBooks(f, bookConditions(f, part), orderOf(f, part), nil)
		plan := explain(t, s, query.text, query.args)
		if !strings.Contains(plan[0], "INDEX") || strings.Contains(strings.Join(plan, "\n"), "TEMP B-TREE") {
			t.Errorf("%s\nhas the plan %q", query.text, plan)
		}
		if f.After != nil && !strings.ContainsAny(plan[0], "<>") {
			t.Errorf("%s\nreads the rows before the cursor: %s", query.text, plan[0])
		}
	}
}

// A count reads only index entries and no books.
func TestEveryCountReadsAnIndexOnly(t *testing.T) {
	s := open(t)
	for _, owner := range []models.ID{"", "a"} {
		for _, category := range []string{"", "poetry"} {
			from, _, err := matching(s.lists.statements, models.BookFilter{UserID: owner, Category: category})
			check(t, err)
			plan := explain(t, s, "SELECT count(*) FROM "+from.text, from.args)
			if len(plan) != 1 || !strings.Contains(plan[0], "USING COVERING INDEX") {
				t.Errorf("the count of %s has the plan %q", from.text, plan)
			}
		}
	}
}

// explain returns the lines of a query's plan.
func explain(t testing.TB, s *Store, query string, args []any) []string {
	t.Helper()
	type line struct {
		id, parent, unused int64
		detail             string
	}
	lines, err := findAll(t.Context(), s, "EXPLAIN QUERY PLAN "+query, args, func(l *line) []any {
		return []any{&l.id, &l.parent, &l.unused, &l.detail}
	})
	check(t, err)
	details := make([]string, len(lines))
	for i, line := range lines {
		details[i] = line.detail
	}
	return details
}

// FuzzPages lists books with arbitrary titles, in pages of one book. The list must contain each book once, in the byte
// order of the titles.
func FuzzPages(f *testing.F) {
	f.Add("Emma\nemma\nZoë\n\nZoe\u0308", true)
	f.Add("a\na\x00\na\x00b\nab\n\xff\n😀\n\uff21", false)
	s := open(f)
	f.Fuzz(func(t *testing.T, text string, descending bool) {
		titles := slices.Compact(slices.Sorted(strings.SplitSeq(text, "\n")))
		slices.SortStableFunc(titles, func(a, b string) int {
			return cmp.Compare(newBook(a).SortKeys().Title, newBook(b).SortKeys().Title)
		})
		owner := newBook("").ID
		for _, title := range titles {
			book := newBook(title)
			book.UserID = owner
			check(t, addBook(s, book))
		}
		sort := models.SortTitle
		if descending {
			slices.Reverse(titles)
			sort = models.SortTitleDesc
		}
		got := readTitles(t, s, models.BookFilter{UserID: owner, Sort: sort, Limit: 1})
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", titles) {
			t.Errorf("got %q, want %q", got, titles)
		}
	})
}

func readTitles(t *testing.T, s *Store, f models.BookFilter) (titles []string) {
	t.Helper()
	for {
		page, err := s.Books().List(t.Context(), f)
		check(t, err)
		if len(page) == 0 {
			return titles
		}
		titles = append(titles, page[0].Title)
		f.After = new(f.Cursor(page[0]))
	}
}
