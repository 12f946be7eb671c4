package models

import (
	"encoding/json"
	"testing"
)

func TestStreak(t *testing.T) {
	for _, test := range []struct {
		months []Month
		want   int
	}{
		{nil, 0},
		{[]Month{202601}, 1},
		{[]Month{202512, 202511, 202509}, 2}, // the user may still finish a book in January
		{[]Month{202601, 202512, 202511}, 3},
		{[]Month{202511}, 0},
		{[]Month{202602}, 0},
	} {
		stats := ReadingStats{Finished: map[Month]ReadCount{}}
		for _, month := range test.months {
			stats.Finished[month] = ReadCount{Books: 2}
		}
		if got := stats.Streak(202601); got != test.want {
			t.Errorf("the streak of %v is %d, want %d", test.months, got, test.want)
		}
	}
}

// Decoding a JSON value and encoding it again gives the same value.
func FuzzReadingJSON(f *testing.F) {
	f.Add(`{"status":"read","rating":4.25,"progress":{"page":12},"reads":[{"started":"2004-02-29"}],"review":"x"}`)
	f.Add(`{"status":null,"rating":1e400,"progress":{"percent":1.5},"reads":[null,{"finished":""}],"review":"\u0000"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var up, again ReadingUpdate
		if json.Unmarshal([]byte(text), &up) != nil {
			return
		}
		once, err := json.Marshal(up)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		twice, err := json.Marshal(again)
		if err != nil || string(once) != string(twice) {
			t.Errorf("%s, then %s (%v)", once, twice, err)
		}
	})
}
