package sqlite

import (
	"strings"
	"testing"

	"bookplate/models"
)

// Groups of similar books are read in order from the index of values, without sorting all values.
func TestGroupsAreReadInOrder(t *testing.T) {
	plan := strings.Join(explain(t, open(t), selectGroups, []any{"a", string(models.FieldISBN), "b", 20}), "\n")
	if !strings.Contains(plan, "USING PRIMARY KEY (user_id=? AND field=? AND folded>?)") || strings.Contains(plan, "BY") {
		t.Errorf("the groups have the plan\n%s", plan)
	}
}

// BenchmarkDuplicates measures how long it takes to read all of an owner's groups of similar books in pages.
func BenchmarkDuplicates(b *testing.B) {
	s, owner := benchLibrary(b, benchBooks(), 0)
	for b.Loop() {
		f := models.DuplicateFilter{UserID: owner, Limit: 200}
		groups := 0
		for {
			page, err := s.Books().Duplicates(b.Context(), f)
			check(b, err)
			if groups += len(page); len(page) < f.Limit {
				break
			}
			f.After = new(f.Cursor(page[len(page)-1]))
		}
		b.ReportMetric(float64(groups), "groups")
	}
}
