package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

// For every list there is an index with the books in order, so that the cost of a page depends only on its number of
// books.
func TestEveryListReadsAnIndexInOrder(t *testing.T) {
	s := open(t)
	for _, owner := range []models.ID{"", "a"} {
		for _, category := range []string{"", "poetry"} {
			for _, sort := range models.BookSorts {
				f := models.BookFilter{UserID: owner, Category: category, Sort: sort, Limit: 20}
				wantInOrder(t, s, f)
				f.After = &models.Cursor{ID: "b", Title: "Emma"}
				wantInOrder(t, s, f)
			}
		}
	}
}

func wantInOrder(t *testing.T, s *Store, f models.BookFilter) {
	t.Helper()
	query, args := listBooks(f)
	plan := explain(t, s, query, args)
	if len(plan) != 1 || !strings.Contains(plan[0], "USING INDEX") {
		t.Errorf("%s\nhas the plan %q", query, plan)
	}
	for column, filtered := range map[string]bool{"user_id=?": f.UserID != "", "category=?": f.Category != ""} {
		if filtered && !strings.Contains(plan[0], column) {
			t.Errorf("%s\ndoes not search by %s: %s", query, column, plan[0])
		}
	}
	if f.After != nil && !strings.ContainsAny(plan[0], "<>") {
		t.Errorf("%s\nreads the rows before the cursor: %s", query, plan[0])
	}
}

// A count reads only index entries and no books.
func TestEveryCountReadsAnIndexOnly(t *testing.T) {
	s := open(t)
	for _, owner := range []models.ID{"", "a"} {
		for _, category := range []string{"", "poetry"} {
			where, args := bookConditions(models.BookFilter{UserID: owner, Category: category})
			plan := explain(t, s, countBooks+where, args)
			if len(plan) != 1 || !strings.Contains(plan[0], "USING COVERING INDEX") {
				t.Errorf("the count of %s has the plan %q", where, plan)
			}
		}
	}
}

// explain returns the lines of a query's plan.
func explain(t *testing.T, s *Store, query string, args []any) []string {
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
		f.After = &models.Cursor{ID: page[0].ID, Title: page[0].Title}
	}
}
