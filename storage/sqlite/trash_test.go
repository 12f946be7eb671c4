package sqlite

import (
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// The cost of a page of the trash, and of deleting a batch of books from it, depends only on its length, because an index is
// read in order.
func TestTrashReadsAnIndexInOrder(t *testing.T) {
	s := open(t)
	for _, after := range []*models.Cursor{nil, {ID: "b", Number: 1}} {
		query, args := listTrash(models.TrashFilter{UserID: "a", After: after, Limit: 20})
		plan := explain(t, s, query, args)
		if len(plan) != 1 || !strings.Contains(plan[0], "INDEX trash_by_owner (user_id=? AND ") {
			t.Errorf("%s\nhas the plan %q", query, plan)
		}
	}
	for owner, index := range map[models.ID]string{"": "trash_by_time", "a": "trash_by_owner"} {
		query, args := emptyTrash(models.TrashFilter{UserID: owner, Until: time.Now(), Limit: 20})
		plan := strings.Join(explain(t, s, query, args), "\n")
		if !strings.Contains(plan, "INDEX "+index) || strings.Contains(plan, "SCAN trash") {
			t.Errorf("%s\nhas the plan %s", query, plan)
		}
	}
	for _, query := range []string{listShelves, toRemind} {
		plan := strings.Join(explain(t, s, query, make([]any, strings.Count(query, "?"))), "\n")
		if strings.Contains(plan, "SCAN trash") {
			t.Errorf("%s\nreads the whole trash: %s", query, plan)
		}
	}
}
