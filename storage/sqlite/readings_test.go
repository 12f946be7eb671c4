package sqlite

import (
	"strings"
	"testing"

	"bookplate/models"
)

// For every sort there is an index with a user's reading records in order, so that a page reads at most the records of
// one user.
func TestEveryReadingListReadsAnIndexInOrder(t *testing.T) {
	s := open(t)
	for _, sort := range models.ReadingSorts {
		for _, after := range []*models.Cursor{nil, {ID: "b", Number: 1}} {
			f := models.ReadingFilter{UserID: "a", Status: models.StatusRead, Year: 2020, Sort: sort, After: after, Limit: 20}
			query, args := listReadings(f)
			plan := explain(t, s, query, args)
			if !strings.HasPrefix(plan[0], "SEARCH r USING INDEX") || strings.Contains(strings.Join(plan, " "), "TEMP B-TREE") {
				t.Errorf("%s\nhas the plan %q", query, plan)
			}
			if after != nil && !strings.ContainsAny(plan[0], "<>") {
				t.Errorf("%s\nreads the rows before the cursor: %s", query, plan[0])
			}
		}
	}
}

// The query for the reading records of the books on a page finds them by their key.
func TestReadingsOfBooksAreLookedUp(t *testing.T) {
	s := open(t)
	plan := strings.Join(explain(t, s, selectReadings, []any{"a", `["b"]`}), "\n")
	if !strings.Contains(plan, "SEARCH readings USING PRIMARY KEY (user_id=? AND book_id=?)") {
		t.Errorf("%s\nhas the plan %s", selectReadings, plan)
	}
}

// The statistics find the reading records of one user, and of one year, by an index on the day of the last finish. Then they
// look up the books of these records.
func TestStatsReadIndexes(t *testing.T) {
	s := open(t)
	for _, query := range []string{
		countFinished, countRatings, countCategories, countLanguages, countAuthors, selectLongest, selectShortest,
	} {
		args := append([]any{"a", "", 20260101}, daysOf(2026)...)
		if query == countFinished {
			args = args[:2]
		}
		plan := explain(t, s, query, args)
		if !strings.HasPrefix(plan[0], "SEARCH r USING INDEX readings_by_finish (user_id=? AND finished>?)") ||
			!strings.Contains(strings.Join(plan, " "), "SEARCH b USING INDEX books_by_id (id=?)") {
			t.Errorf("%s\nhas the plan %q", query, plan)
		}
	}
}
