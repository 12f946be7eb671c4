package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// What has expired is removed in portions, but no portion is left.
func TestAllExpiredTalliesAreRemoved(t *testing.T) {
	const n = 2*maxSwept + 1
	s := open(t)
	expired := time.UnixMilli(1)
	check(t, s.write(t.Context(), func(q *statements) error {
		for i := range n {
			tally := models.Tally{Count: 1, At: expired, ExpiresAt: expired}
			if _, err := q.exec(upsertThrottle, append([]any{fmt.Sprint(i)}, tallyTable.values(tally)...)...); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, want := range []int64{n, 0} {
		got, err := s.Throttles().DeleteExpired(t.Context(), expired.Add(time.Millisecond))
		check(t, err)
		if got != want {
			t.Errorf("%d were removed, want %d", got, want)
		}
	}
}

// A page of a shelf, and the shelves with their counts, cost what they have: an index has them in order.
func TestShelvesReadAnIndexInOrder(t *testing.T) {
	s := open(t)
	for query, args := range map[string][]any{
		listShelves:   {"a"},
		listShelf:     {"a", "cart", "", 20},
		newestAudit:   {20},
		olderAudit:    {"a", 20},
		unshelveBook:  {"a"},
		deleteShelved: {"a", "cart", "b"},
	} {
		for _, line := range explain(t, s, query, args) {
			if strings.Contains(line, "TEMP B-TREE") || strings.HasPrefix(line, "SCAN") && query != newestAudit {
				t.Errorf("%s\nis planned as %s", query, line)
			}
		}
	}
}
