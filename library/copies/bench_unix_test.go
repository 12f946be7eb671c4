//go:build unix

package copies_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"bookplate/library/copies"
	"bookplate/models"
	"bookplate/storage/storagetest"
)

// BenchmarkCopy copies libraries in which each book has a reading record and no picture.
func BenchmarkCopy(b *testing.B) {
	for _, books := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("SQLite to SQLite/%d", books), func(b *testing.B) {
			benchCopy(b, books, benchLibrary(b, books), sqliteURL)
		})
	}
	const few = 10_000 // the MongoDB server of the tests is slow
	b.Run("SQLite to MongoDB", func(b *testing.B) { benchCopy(b, few, benchLibrary(b, few), storagetest.MongoURL) })
	b.Run("MongoDB to SQLite", func(b *testing.B) {
		onMongo := newTarget(b, storagetest.MongoURL(b))
		if _, err := copies.Copy(b.Context(), asSource(benchLibrary(b, few)), onMongo, noProgress); err != nil {
			b.Fatal(err)
		}
		benchCopy(b, few, onMongo, sqliteURL)
	})
}

// BenchmarkBackup writes and verifies a backup of a library without pictures.
func BenchmarkBackup(b *testing.B) {
	for _, books := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(books), func(b *testing.B) {
			library := benchLibrary(b, books)
			measure(b, books, func() {
				if _, err := newBackups(b, library, b.TempDir()).Write(b.Context(), "backup.zip", noProgress); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func benchCopy(b *testing.B, books int, from copies.Target, url func(testing.TB) string) {
	b.Helper()
	to := newTarget(b, url(b))
	measure(b, books, func() {
		if _, err := copies.Copy(b.Context(), asSource(from), to, noProgress); err != nil {
			b.Fatal(err)
		}
	})
}

// measure measures one call of do. The CPU time is that of this process, without a MongoDB server.
func measure(b *testing.B, books int, do func()) {
	b.Helper()
	resetPeak()
	cpu := -storagetest.CPUTime()
	b.ResetTimer()
	do()
	b.StopTimer()
	cpu += storagetest.CPUTime()
	b.ReportMetric(float64(books)/b.Elapsed().Seconds(), "books/s")
	b.ReportMetric(float64(books)/cpu.Seconds(), "books/CPU-s")
	b.ReportMetric(peak(), "MB-peak")
}

func benchLibrary(b *testing.B, books int) copies.Target {
	b.Helper()
	library := newTarget(b, sqliteURL(b))
	records, now := library.Store.Records(), time.Now().UTC().Truncate(time.Millisecond)
	ada := models.User{ID: models.NewID(now), Name: "Ada", Email: "ada@example.com", Active: true, CreatedAt: now, UpdatedAt: now}
	check(b, records.Add(b.Context(), models.UserRecords, []any{ada}))
	const batch = 1000
	for first := 0; first < books; first += batch {
		var list, readings []any
		for i := first; i < first+batch; i++ {
			book := models.Book{
				ID: models.NewID(now), UserID: ada.ID,
				BookTexts: models.BookTexts{
					Title:       fmt.Sprintf("The History of Things, Volume %d", i),
					Description: strings.Repeat("A long time ago. ", 15), Category: "science",
				},
				BookDetails: models.BookDetails{
					Authors: []string{fmt.Sprintf("Author %d", i%1000)}, Publisher: "Heinemann", Published: "1895", Language: "en", Pages: 128,
				},
				CreatedAt: now, UpdatedAt: now,
			}
			list = append(list, book)
			readings = append(readings, models.Reading{
				ReadingKey: models.ReadingKey{UserID: ada.ID, BookID: book.ID}, Status: models.StatusRead, Rating: 16,
				Reads: models.Reads{{Finished: 20240229}}, CreatedAt: now, UpdatedAt: now,
			})
		}
		check(b, records.Add(b.Context(), models.BookRecords, list))
		check(b, records.Add(b.Context(), models.ReadingRecords, readings))
	}
	return library
}

// resetPeak resets the peak memory that peak returns.
func resetPeak() {
	runtime.GC()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // Linux only; see proc(5)
}

// peak returns the peak memory of the process in MB, or 0 if the operating system does not report it.
func peak() (mb float64) {
	status, _ := os.ReadFile("/proc/self/status")
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	_, _ = fmt.Sscan(line, &mb)
	return mb / 1000
}
