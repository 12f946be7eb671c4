package sqlite

import (
	"strings"
	"testing"

	"bookplate/models"
)

// For every list there is an index with the loans in order, so that the cost of a page depends only on its number of
// loans. The queries for the open loans of books and for reminders use an index, too, but not in its order.
func TestEveryListOfLoansReadsAnIndexInOrder(t *testing.T) {
	s := open(t)
	for index, f := range map[string]models.LoanFilter{
		"loans_by_book":          {BookID: "a"},
		"loans_by_lender":        {LenderID: "a"},
		"loans_by_borrower":      {BorrowerID: "a"},
		"loans_open_by_lender":   {LenderID: "a", State: models.LoanOpen},
		"loans_open_by_borrower": {BorrowerID: "a", State: models.LoanOverdue},
	} {
		for _, f.Before = range []models.ID{"", "b"} {
			query, args := listLoans(f)
			plan := explain(t, s, query, args)
			if len(plan) != 2 || !strings.Contains(plan[0], "INDEX "+index+" ") || !strings.HasPrefix(plan[1], "SEARCH b ") {
				t.Errorf("%s\nhas the plan %q", query, plan)
			}
		}
	}
	for index, query := range map[string]string{"loans_open_by_book": openLoans, "loans_by_reminder (reminded=? AND due>? AND due<?)": toRemind} {
		plan := strings.Join(explain(t, s, query, make([]any, strings.Count(query, "?"))), "\n")
		if !strings.Contains(plan, "INDEX "+index) || strings.Contains(plan, "SCAN loans") {
			t.Errorf("%s\nhas the plan %s", query, plan)
		}
	}
}
