package tests

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	crashRounds  = 20
	crashWriters = 16
)

// After the server is killed, all writes that it answered are kept. Other writes are either complete or absent.
func TestKilledServerLosesNoAnsweredWrite(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	s := startServer(t)
	token := s.signedIn("ada@example.com").Token
	writers := make([]*writer, crashWriters)
	for i := range writers {
		own := rand.New(rand.NewPCG(seed, uint64(i+1)))
		writers[i] = &writer{server: s, token: token, number: i, random: own, shelf: map[string]book{}}
	}
	for round := range crashRounds {
		answered := 20 + random.IntN(100)
		writeUntilKilled(s, writers, answered, time.Duration(random.IntN(10_000))*time.Microsecond)
		s.start()
		checkShelves(s, writers, token)
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	total := 0
	for _, w := range writers {
		total += w.answered
	}
	t.Logf("%d answered writes", total)
	books := len(s.books(token))
	s.kill()
	s.wantReport(report(books, 0, 0, 0)) // pictures left by the kills are younger than an hour, so they are not reported
}

// writeUntilKilled runs all writers at once. It waits until the server has given this many answers and for a moment
// longer, and then kills the server.
func writeUntilKilled(s *server, writers []*writer, answers int, moment time.Duration) {
	s.Helper()
	var count atomic.Int64
	enough, killed := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	for _, w := range writers {
		all.Go(func() {
			for w.write(killed) {
				if count.Add(1) == int64(answers) {
					close(enough)
				}
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(patience):
		s.Error("the writes are not answered")
	}
	time.Sleep(moment) // random, so that the kill hits the next requests at any stage
	close(killed)
	s.kill()
	all.Wait()
}

// checkShelves checks that the restarted server has every book whose write was answered before the kill, and no deleted
// ones. The last write of each writer got no answer, so it may be stored or not.
func checkShelves(s *server, writers []*writer, token string) {
	s.Helper()
	listed := map[string]book{}
	for _, b := range s.books(token) {
		listed[b.ID] = b
	}
	for _, w := range writers {
		w.check(listed)
	}
	for _, b := range listed {
		s.Errorf("no writer has this book, so it was deleted: %+v", b)
	}
	var all sync.WaitGroup
	for _, w := range writers {
		all.Go(func() {
			for _, b := range w.shelf {
				s.wantCover(b)
			}
		})
	}
	all.Wait()
}
