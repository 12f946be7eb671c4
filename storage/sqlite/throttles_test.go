package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// DeleteExpired deletes several batches in one call.
func TestAllExpiredTalliesAreDeleted(t *testing.T) {
	const n = 2*sweepBatch + 1
	s := open(t)
	expired := time.UnixMilli(1)
	check(t, s.write(t.Context(), func(q *statements) error {
		for i := range n {
			tally := models.Tally{Count: 1, At: expired, ExpiresAt: expired}
			if _, err := q.exec(upsertThrottle, throttleTable.values(models.TallyRecord{Key: fmt.Sprint(i), Tally: tally})...); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, want := range []int64{n, 0} {
		got, err := s.Throttles().DeleteExpired(t.Context(), expired.Add(time.Millisecond))
		check(t, err)
		if got != want {
			t.Errorf("%d tallies were deleted, want %d", got, want)
		}
	}
}

// For the queries of shelves and of the audit log there are indexes with the rows in order.
func TestShelvesAndAuditReadAnIndexInOrder(t *testing.T) {
	s := open(t)
	for query, args := range map[string][]any{
		listShelves:   {"a"},
		listShelf:     {"a", "cart", "", 20},
		newestAudit:   {20},
		olderAudit:    {"a", 20},
		unshelveBook:  {"a"},
		forgetBook:    {"a"},
		deleteShelved: {"a", "cart", "b"},
	} {
		for _, line := range explain(t, s, query, args) {
			if strings.Contains(line, "TEMP B-TREE") || strings.HasPrefix(line, "SCAN") && query != newestAudit {
				t.Errorf("%s\nhas the plan line %s", query, line)
			}
		}
	}
}
