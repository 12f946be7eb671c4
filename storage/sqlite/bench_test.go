package sqlite

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/models"
)

// benchStore returns a store with one user, one session and 1000 books of that user.
func benchStore(b *testing.B) (*Store, models.Session, []models.Book) {
	b.Helper()
	s, now := open(b), time.Now()
	user := models.User{
		ID: models.NewID(now), Name: "Ada Lovelace", Email: "ada@example.com", PasswordHash: strings.Repeat("h", 97),
		Active: true, Role: models.RoleUser, CreatedAt: now, UpdatedAt: now,
	}
	session := models.Session{
		ID: models.NewID(now), UserID: user.ID, CreatedAt: now, ExpiresAt: now, IP: "127.0.0.1", UserAgent: "curl/8.5.0",
	}
	shelf := make([]models.Book, 1000)
	err := s.write(b.Context(), func(q *statements) error {
		for i := range shelf {
			shelf[i] = benchBook(user.ID, i)
			if err := insertBook(q, shelf[i]); err != nil {
				return err
			}
		}
		return nil
	})
	check(b, err)
	check(b, s.Users().Create(b.Context(), user))
	check(b, s.Sessions().Create(b.Context(), session))
	b.ReportAllocs()
	b.ResetTimer()
	return s, session, shelf
}

func benchBook(owner models.ID, i int) models.Book {
	now := time.Now()
	return models.Book{
		ID: models.NewID(now), UserID: owner,
		BookTexts: models.BookTexts{
			Title:       fmt.Sprintf("The History of Things, Volume %d", i),
			Description: strings.Repeat("A long time ago. ", 15), Category: "science",
		},
		Cover: models.Cover{Name: "0123456789abcdef", Sizes: []int{150, 300, 600}}, CreatedAt: now, UpdatedAt: now,
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	s, session, _ := benchStore(b)
	for b.Loop() {
		_, _, err := s.Sessions().Authenticate(b.Context(), session.ID, session.UserID)
		check(b, err)
	}
}

func BenchmarkGet(b *testing.B) {
	s, _, shelf := benchStore(b)
	for b.Loop() {
		_, err := s.Books().Get(b.Context(), shelf[500].ID)
		check(b, err)
	}
}

func BenchmarkList20(b *testing.B) {
	s, session, shelf := benchStore(b)
	after := &models.Cursor{ID: shelf[500].ID}
	f := models.BookFilter{UserID: session.UserID, Sort: models.SortCreated, After: after, Limit: 20}
	for b.Loop() {
		_, err := s.Books().List(b.Context(), f)
		check(b, err)
	}
}

func BenchmarkCreate(b *testing.B) {
	s, session, _ := benchStore(b)
	i := 1_000_000
	for b.Loop() {
		i++
		check(b, s.Books().Create(b.Context(), benchBook(session.UserID, i)))
	}
}

func BenchmarkUpdate(b *testing.B) {
	s, session, shelf := benchStore(b)
	for i := 0; b.Loop(); i++ {
		up := models.BookUpdate{Title: new(fmt.Sprintf("Renamed %d", i)), UpdatedAt: time.Now()}
		_, _, err := s.Books().Update(b.Context(), shelf[500].ID, session.UserID, up)
		check(b, err)
	}
}

// BenchmarkUpdateParallel runs 32 clients at once. Their writes share an fsync.
func BenchmarkUpdateParallel(b *testing.B) {
	s, session, shelf := benchStore(b)
	var n atomic.Int64
	b.SetParallelism(32 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(n.Add(1))
			up := models.BookUpdate{Title: new(fmt.Sprintf("Renamed %d", i)), UpdatedAt: time.Now()}
			_, _, err := s.Books().Update(b.Context(), shelf[i%len(shelf)].ID, session.UserID, up)
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkStats measures the statistics of 1000 reading records, of which 50 are of books finished in the year.
func BenchmarkStats(b *testing.B) {
	s, session, shelf := benchStore(b)
	for i, book := range shelf {
		read := models.Read{Finished: models.Date((2026-i%20)*10000 + 101)}
		_, err := s.Readings().Put(b.Context(), models.ReadingKey{UserID: session.UserID, BookID: book.ID}, models.ReadingUpdate{
			Status: new(models.StatusRead), Rating: new(models.Rating(1 + i%20)), Reads: &models.Reads{read}, UpdatedAt: time.Now(),
		})
		check(b, err)
	}
	for b.Loop() {
		_, err := s.Readings().Stats(b.Context(), models.StatsFilter{UserID: session.UserID, Year: 2026})
		check(b, err)
	}
}
