//go:build unix

package transfer

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// benchBooks is the number of books in the benchmarks. Adding them takes longer than the measured work.
const benchBooks = 20_000

// fillMany adds books with the usual details to the account. Half of them get a reading record.
func (s *server) fillMany(count int) {
	s.Helper()
	s.user.HasReadings = true
	_, err := s.store.Users().Update(s.Context(), s.user.ID, models.UserUpdate{HasReadings: new(true)})
	s.must(err)
	var all errgroup.Group
	all.SetLimit(batchLines)
	for i := range count {
		id := models.NewID(now)
		all.Go(func() error {
			b := models.Book{
				ID: id, UserID: s.user.ID, CreatedAt: now, UpdatedAt: now,
				BookTexts: models.BookTexts{Title: fmt.Sprintf("Volume %06d", i), Description: strings.Repeat("about a book ", 10), Category: "science"},
				BookDetails: models.BookDetails{
					Authors: []string{fmt.Sprintf("Author %d", i%5000)}, ISBN: "9780441013593", Publisher: "Ace", Published: "2005",
					Language: "en", Pages: 300, Tags: []string{"desert", "novel"},
				},
			}
			if err := s.store.Books().Create(s.Context(), b); err != nil || i%2 == 1 {
				return err
			}
			_, err := s.store.Readings().Put(s.Context(), models.ReadingKey{UserID: s.user.ID, BookID: id}, models.ReadingUpdate{
				Status: new(models.StatusRead), Rating: new(models.Rating(16)), UpdatedAt: now,
				Reads: &models.Reads{{Started: 20260102, Finished: 20260109}},
			})
			return err
		})
	}
	s.must(all.Wait())
}

// BenchmarkExport measures an export of each format, and the peak heap meanwhile.
func BenchmarkExport(b *testing.B) {
	for engine := range engines {
		b.Run(engine, func(b *testing.B) {
			s := newServer(b, engine)
			s.fillMany(benchBooks)
			for format := range fileFormats {
				b.Run(string(format), func(b *testing.B) {
					report := measure(b)
					for b.Loop() {
						s.must(s.exporter.Write(b.Context(), s.user, format, io.Discard))
					}
					report(benchBooks, "books")
				})
			}
		})
	}
}

// BenchmarkImportArchive measures checking an archive and importing it into an empty account.
func BenchmarkImportArchive(b *testing.B) {
	source := newServer(b, "sqlite")
	source.fillMany(benchBooks)
	archive := source.export(ZIP)
	for engine := range engines {
		b.Run(engine, func(b *testing.B) {
			s := newServer(b, engine)
			report := measure(b)
			for i := 0; b.Loop(); i++ {
				s.user = s.addUser(fmt.Sprintf("ada%d@example.com", i))
				if rows := s.finish(s.start(archive, models.DuplicateSkip)); count(rows) != fmt.Sprint(benchBooks*3/2, 0, 0, 0) {
					b.Fatal(count(rows))
				}
			}
			report(benchBooks*3/2, "records")
		})
	}
}

// measure starts measuring the CPU time and the heap of the process. The function report reports the peak heap, and how
// many things were processed per second and per CPU second. Other processes hardly affect the last figure.
func measure(b *testing.B) (report func(count int, things string)) {
	b.Helper()
	peak, before := watchHeap(), storagetest.CPUTime()
	return func(count int, things string) {
		total := float64(count) * float64(b.N)
		b.ReportMetric(total/b.Elapsed().Seconds(), things+"/s")
		b.ReportMetric(total/(storagetest.CPUTime()-before).Seconds(), things+"/cpu-s")
		b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MiB")
	}
}

// watchHeap starts watching the size of the heap. peak stops that and returns the maximum size, in bytes.
func watchHeap() (peak func() uint64) {
	runtime.GC()
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var highest uint64
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			highest = max(highest, m.HeapInuse)
			select {
			case <-ticker.C:
			case <-done:
				most <- highest
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-most
	}
}
