package throttle

import (
	"testing"
	"time"

	"bookplate/models"
)

var start = time.Date(2026, time.May, 6, 7, 8, 9, 0, time.UTC)

func TestLimit(t *testing.T) {
	limit := Limit{N: 3, Per: 30 * time.Second}
	var tally models.Tally
	for _, step := range []struct {
		at, wait time.Duration
		add      int
	}{
		{0, 0, 3},
		{0, 10 * time.Second, 0},
		{9 * time.Second, time.Second, 0},
		{10 * time.Second, 0, 1},
		{15 * time.Second, 5 * time.Second, 2}, // concurrent events that exceed the limit make later ones wait longer
		{30 * time.Second, 10 * time.Second, 0},
		{40 * time.Second, 0, 0},
		{time.Minute, 0, 0},
		{time.Hour, 0, 1},
		{time.Hour, 0, 0},
	} {
		now := start.Add(step.at)
		if wait := limit.Wait(tally, now); wait != step.wait {
			t.Errorf("after %s: wait %s, want %s", step.at, wait, step.wait)
		}
		for range step.add {
			tally = limit.Add(tally, now)
		}
	}
	if want := start.Add(time.Hour + 10*time.Second); tally.Count != 1 || !tally.ExpiresAt.Equal(want) {
		t.Errorf("the tally is %+v, want one that expires at %s", tally, want)
	}
}

// After a pause, the limit is the same as before. A pause does not shorten a longer one.
func TestPause(t *testing.T) {
	limit := Limit{N: 3, Per: 3 * time.Second}
	tally := limit.Pause(models.Tally{}, start, time.Minute)
	tally = limit.Pause(tally, start, 10*time.Second)
	for at, want := range map[time.Duration]time.Duration{0: time.Minute, 50 * time.Second: 10 * time.Second, time.Minute: 0} {
		if wait := limit.Wait(tally, start.Add(at)); wait != want {
			t.Errorf("after %s: wait %s, want %s", at, wait, want)
		}
	}
	if wait := limit.Wait(limit.Pause(models.Tally{}, start, 1500*time.Millisecond), start); wait != 2*time.Second {
		t.Errorf("a pause of 1.5 s is %s, want the next multiple of the interval", wait)
	}
	if at := start.Add(2 * time.Minute); !limit.Add(tally, at).ExpiresAt.Equal(at.Add(time.Second)) {
		t.Error("the pause is still counted after its end")
	}
}

func TestBackoff(t *testing.T) {
	b := Backoff{Free: 3, First: 30 * time.Second, Most: 100 * time.Second, Memory: time.Hour}
	var tally models.Tally
	now := start
	for i, want := range []time.Duration{0, 0, 30 * time.Second, 60 * time.Second, 100 * time.Second, 100 * time.Second} {
		tally = b.Add(tally, now)
		if wait := b.Wait(tally, now); wait != want {
			t.Errorf("after failure %d: wait %s, want %s", i+1, wait, want)
		}
		if wait := b.Wait(tally, now.Add(want)); wait != 0 {
			t.Errorf("after failure %d and the wait: wait %s", i+1, wait)
		}
		now = now.Add(want)
	}
	if want := tally.At.Add(3 * time.Hour); !tally.ExpiresAt.Equal(want) {
		t.Errorf("it expires at %s, want %s", tally.ExpiresAt, want)
	}
	if wait := b.Wait(tally, tally.ExpiresAt); wait != 0 {
		t.Errorf("after it has expired: wait %s", wait)
	}
	if again := b.Add(tally, tally.ExpiresAt); again.Count != 1 {
		t.Errorf("an expired tally is not reset: %+v", again)
	}
}

// After the clock was set back, a tally may have a time in the future. That time counts as now, so that no wait is
// longer than the limit allows.
func TestClockSetBack(t *testing.T) {
	limit := Limit{N: 3, Per: 30 * time.Second}
	backoff := Backoff{Free: 2, First: 30 * time.Second, Most: time.Minute, Memory: time.Hour}
	nextYear := start.AddDate(1, 0, 0)
	var full, failed models.Tally
	for range 3 {
		full, failed = limit.Add(full, nextYear), backoff.Add(failed, nextYear)
	}
	if wait := limit.Wait(full, start); wait != 10*time.Second {
		t.Errorf("the limit waits %s", wait)
	}
	if wait := backoff.Wait(failed, start); wait != time.Minute {
		t.Errorf("the back-off waits %s", wait)
	}
	if again := limit.Add(full, start); again.Count != 4 || !again.At.Equal(start) {
		t.Errorf("the next tally of the limit is %+v", again)
	}
	if again := backoff.Add(failed, start); again.ExpiresAt.After(start.Add(2 * time.Hour)) {
		t.Errorf("the back-off expires at %s", again.ExpiresAt)
	}
}
