package models

import (
	"reflect"
	"testing"
	"time"
)

// A repeated merge combines the same reading records again.
func TestCombiningReadingsAgain(t *testing.T) {
	at := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	var list []Reading
	for i, status := range append([]ReadingStatus{StatusRead}, ReadingStatuses...) {
		list = append(list, Reading{Status: status, CreatedAt: at, UpdatedAt: at.AddDate(0, 0, i%3), Reads: Reads{{Finished: Date(20260101 + i)}}})
		list = append(list, Reading{
			Status: status, Rating: Rating(i), Progress: Progress{UnitPage, i}, CreatedAt: at.AddDate(0, 0, -i), UpdatedAt: at.AddDate(0, 0, 2-i%3),
			Reads: Reads{{Started: 20260101}, {Finished: 20260101}}, Review: Review("Review "[:i]),
		})
	}
	for _, a := range list {
		for _, b := range list {
			once := a.Combine(b)
			if again := once.Combine(b); !reflect.DeepEqual(again, once) {
				t.Errorf("%+v\nand %+v\ngive  %+v\nagain %+v", a, b, once, again)
			}
			if once.Status.rank() < max(a.Status.rank(), b.Status.rank()) || len(once.Reads) < max(len(a.Reads), len(b.Reads)) {
				t.Errorf("%+v\nand %+v\ngive  %+v", a, b, once)
			}
		}
	}
}
