package handlers

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/auth"
	"bookplate/models"
	"bookplate/storage/storagetest"
)

// benchEachEngine runs a benchmark on both database engines, without throttling.
func benchEachEngine(b *testing.B, bench func(b *testing.B, s *testServer)) {
	benchEachEngineWith(b, map[string]string{"THROTTLE": "off"}, bench)
}

// benchEachEngineWith runs a benchmark on both database engines with these settings.
func benchEachEngineWith(b *testing.B, env map[string]string, bench func(b *testing.B, s *testServer)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, newServer(b, env)) })
	b.Run("mongo", func(b *testing.B) {
		env := maps.Clone(env)
		env["DATABASE_URL"] = storagetest.MongoURL(b)
		bench(b, newServer(b, env))
	})
}

// BenchmarkRequests measures requests from the router to the store, without the network.
func BenchmarkRequests(b *testing.B) {
	benchEachEngine(b, func(b *testing.B, s *testServer) {
		ada := s.signedIn("ada@example.com")
		for i := range 20 {
			s.storeBook(ada.ID, fmt.Sprintf("Volume %d", i), "science")
		}
		id := s.addBook(ada.Token, "Notes").ID
		handler, err := New(s.services)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range []struct{ name, path, encoding string }{
			{"hello", "/", ""},
			{"profile", "/users/", ""},
			{"get", "/books/" + id, ""},
			{"list20", "/books/?limit=20", ""},
			{"list20gzip", "/books/?limit=20", "gzip"},
		} {
			b.Run(c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, c.path, nil)
					request.Header.Set("Authorization", "Bearer "+ada.Token)
					request.Header.Set("Accept-Encoding", c.encoding)
					recorder := httptest.NewRecorder()
					handler.ServeHTTP(recorder, request)
					if recorder.Code != http.StatusOK {
						b.Fatal(recorder.Code)
					}
				}
			})
		}
	})
}

// BenchmarkBatch measures how long it takes to add 100 books, once with a request for each book and once with a batch. It
// leaves out the network.
func BenchmarkBatch(b *testing.B) {
	benchEachEngine(b, func(b *testing.B, s *testServer) {
		ada, handler := s.signedIn("ada@example.com"), s.handler()
		post := func(path, body string, want int) {
			request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, path, strings.NewReader(body))
			request.Header.Set("Authorization", "Bearer "+ada.Token)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != want {
				b.Fatal(recorder.Code, recorder.Body)
			}
		}
		var volumes int
		books := make([]operation, 100)
		rename := func() {
			for i := range books {
				volumes++
				books[i] = operation{"POST", "/books", fmt.Sprintf(`{"title":"Volume %d","authors":["Jane Austen"]}`, volumes)}
			}
		}
		b.Run("requests", func(b *testing.B) {
			for b.Loop() {
				rename()
				for _, book := range books {
					post(book.path, book.body, http.StatusCreated)
				}
			}
		})
		b.Run("batch", func(b *testing.B) {
			for b.Loop() {
				rename()
				post("/batch", batchBody(false, books...), http.StatusOK)
			}
		})
	})
}

// BenchmarkLogin measures a successful log-in with production password hashing, with and without throttling.
func BenchmarkLogin(b *testing.B) {
	for _, throttle := range []string{"on", "off"} {
		b.Run(throttle, func(b *testing.B) {
			s := newServer(b, map[string]string{"THROTTLE": throttle})
			s.services.Hasher = auth.NewHasher(auth.OWASP)
			s.start()
			s.signUp("ada@example.com")
			for b.Loop() {
				s.login("ada@example.com")
			}
		})
	}
}

// BenchmarkSearchOfHundredThousand measures a search among 100,000 accounts, none of which matches.
func BenchmarkSearchOfHundredThousand(b *testing.B) {
	s := newServer(b, nil)
	users := s.services.Store.Users()
	var all errgroup.Group
	all.SetLimit(256)
	for i := range 100_000 {
		all.Go(func() error {
			return users.Create(b.Context(), models.User{
				ID: models.NewID(s.clock.now()), Name: "Ada Lovelace", Email: fmt.Sprintf("ada%d@example.com", i), Active: true,
			})
		})
	}
	if err := all.Wait(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		found, err := users.List(b.Context(), models.UserFilter{Text: "nobody", Limit: 20})
		if err != nil || len(found) != 0 {
			b.Fatal(found, err)
		}
	}
}

// BenchmarkListOfHundredThousand reports the peak heap use while a list of 100,000 books is sent.
func BenchmarkListOfHundredThousand(b *testing.B) {
	const count = 100_000
	s := newServer(b, nil)
	ada := s.signedIn("ada@example.com")
	storeBooks(b, s, ada.ID, count)
	_, peak := watchHeap(b)
	for b.Loop() {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.url+"/books/", nil)
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+ada.Token)
		response, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		if err != nil || n < count*100 {
			b.Fatalf("%d bytes, error %v", n, err)
		}
		if err := response.Body.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MiB")
}

// storeBooks stores books concurrently, because SQLite then writes several books with one fsync.
func storeBooks(b *testing.B, s *testServer, owner string, count int) {
	b.Helper()
	description := strings.Repeat("about a book ", 10)
	var next atomic.Int64
	failed := make(chan error, 64)
	for range cap(failed) {
		go func() {
			for i := next.Add(1); i <= int64(count); i = next.Add(1) {
				err := s.services.Store.Books().Create(b.Context(), models.Book{
					ID: models.NewID(s.clock.now()), UserID: models.ID(owner),
					BookTexts: models.BookTexts{
						Title: fmt.Sprintf("Volume %06d", i), Description: description, Category: "science",
					},
					Cover:     models.Cover{Name: "x", Sizes: []int{150}},
					CreatedAt: s.clock.now(), UpdatedAt: s.clock.now(),
				})
				if err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			b.Fatal(err)
		}
	}
}

// heapInUse returns the size of the heap in use, in bytes.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// watchHeap starts to watch the size of the heap in use, in bytes, and returns the size at the start. Calling peak
// stops watching and returns the largest size seen.
func watchHeap(t testing.TB) (before uint64, peak func() uint64) {
	t.Helper()
	runtime.GC()
	before = heapInUse()
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		var highest uint64
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			highest = max(highest, heapInUse())
			select {
			case <-ticker.C:
			case <-done:
				most <- highest
				return
			}
		}
	}()
	return before, func() uint64 {
		close(done)
		return <-most
	}
}
