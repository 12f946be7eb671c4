package copies

import (
	"context"
	"regexp"
	"sync/atomic"
	"time"
)

// Schedule makes backups at intervals and deletes old ones. The name of a backup has its time, so every server knows
// when the last good one was made.
type Schedule struct {
	Backups
	Every time.Duration
	Keep  int // the number of backups to keep

	last atomic.Pointer[time.Time]
}

// nameLayout is the time layout of the names of scheduled backups. Names sort by time.
const nameLayout = "bookplate-20060102T150405Z.zip"

var namePattern = regexp.MustCompile(`^bookplate-\d{8}T\d{6}Z\.zip$`)

// Last returns the time of the last good backup, as of the last call of Due or Run, or zero if there is none.
func (s *Schedule) Last() time.Time {
	if last := s.last.Load(); last != nil {
		return *last
	}
	return time.Time{}
}

// Due reports whether it is time for the next backup.
func (s *Schedule) Due(ctx context.Context) (bool, error) {
	names, err := s.names(ctx)
	if err != nil {
		return false, err
	}
	last := time.Time{}
	if len(names) > 0 {
		if last, err = time.Parse(nameLayout, names[len(names)-1]); err != nil {
			return false, err
		}
	}
	s.last.Store(&last)
	return !last.Add(s.Every).After(s.Now()), nil
}

// Run makes a backup, and deletes old ones.
func (s *Schedule) Run(ctx context.Context) (name string, m Manifest, err error) {
	at := s.Now().UTC().Truncate(time.Second)
	name = at.Format(nameLayout)
	if m, err = s.Write(ctx, name, func(string, int64, int64) {}); err != nil {
		return "", m, err
	}
	s.last.Store(&at)
	names, err := s.names(ctx)
	if err != nil {
		return name, m, err
	}
	for _, old := range names[:max(len(names)-s.Keep, 0)] {
		if err := s.To.Delete(ctx, old); err != nil {
			return name, m, err
		}
	}
	return name, m, nil
}

// names returns the names of the scheduled backups, the oldest first.
func (s *Schedule) names(ctx context.Context) (names []string, err error) {
	all, err := s.To.List(ctx)
	for _, name := range all {
		if namePattern.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, err
}
