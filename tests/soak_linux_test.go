package tests

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// The limits of BenchmarkSoak.
const (
	soakClients = 16
	soakBooks   = 100  // of each client
	soakLog     = 60   // iterations between two lines of the log
	maxSoakWAL  = 64   // MB; SQLite's log starts again at 4 MB when no reader needs it
	maxSoakFDs  = 64   // more open files than clients: the database, the listener, an upload of each client
	maxSoakGrow = 1.25 // the peak of the second half, in peaks of the first
)

// BenchmarkSoak sends mixed requests to a server and fails if its memory, its open files or SQLite's log grow. An iteration is
// one second. `make soak` runs it for an hour.
func BenchmarkSoak(b *testing.B) {
	s := startServer(b, "SIGNUP_LIMIT=1000/1h")
	cover := photo(b, 400, 600)
	clients := make([]*soakClient, soakClients)
	for i := range clients {
		clients[i] = newSoakClient(s, i, cover)
	}
	var requests atomic.Int64
	var samples []usage
	for b.Loop() {
		end := time.Now().Add(time.Second)
		atOnce(soakClients, func(i int) {
			for time.Now().Before(end) {
				requests.Add(1)
				if err := clients[i].request(); err != nil {
					b.Error(err)
				}
			}
		})
		if samples = append(samples, s.usage()); len(samples)%soakLog == 0 {
			b.Logf("%5d s: %s, %d requests", len(samples), samples[len(samples)-1], requests.Load())
		}
	}
	first, second := peakOf(samples[:len(samples)/2]), peakOf(samples[len(samples)/2:])
	if first.memory > 0 && second.memory > first.memory*maxSoakGrow {
		b.Errorf("the memory grew from %.0f MB to %.0f MB", first.memory, second.memory)
	}
	peak := peakOf([]usage{first, second})
	if peak.files > soakClients+maxSoakFDs {
		b.Errorf("the server had %d open files", peak.files)
	}
	if peak.wal > maxSoakWAL {
		b.Errorf("SQLite's log had %.0f MB", peak.wal)
	}
	b.ReportMetric(float64(requests.Load())/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(peak.memory, "peak-MB")
	b.ReportMetric(float64(peak.files), "peak-files")
	b.ReportMetric(peak.wal, "peak-WAL-MB")
}

// soakClient is a person with a library.
type soakClient struct {
	*server
	email, token, cover string
	books               []string
	made                int
}

func newSoakClient(s *server, i int, cover string) *soakClient {
	address := fmt.Sprintf("soak%d@example.com", i)
	c := &soakClient{server: s, email: address, token: s.signedIn(address).Token, cover: cover}
	for range soakBooks {
		if err := c.add(""); err != nil {
			s.Fatal(err)
		}
	}
	return c
}

// add makes a book.
func (c *soakClient) add(cover string) error {
	c.made++
	a, err := c.expect(c.newBook(cover), http.StatusCreated)
	if err == nil {
		c.books = append(c.books, data[book](c, a).ID)
	}
	return err
}

// expect makes a request. An answer with another status is an error. Unlike do, it can be called by any goroutine.
func (c *soakClient) expect(r request, status int) (answer, error) {
	a, err := c.send(r)
	if err == nil && a.status != status {
		err = fmt.Errorf("%s %s: status %d, want %d: %s", r.method, r.path, a.status, status, a.body)
	}
	return a, err
}

func (c *soakClient) newBook(cover string) request {
	title := fmt.Sprintf("Volume %d", c.made)
	if cover == "" {
		return withJSON("POST", "/books/", c.token, fmt.Sprintf(`{"title":%q,"category":"science"}`, title))
	}
	return withForm("POST", "/books/", c.token, cover, "title", title, "category", "science")
}

// request makes one request of the mix of a busy library: mostly lists and books, a few changes.
func (c *soakClient) request() error {
	id := c.books[rand.IntN(len(c.books))]
	var r request
	want := http.StatusOK
	switch dice := rand.IntN(1000); {
	case dice < 350:
		r = get("/books/?limit=20", c.token)
	case dice < 400:
		r = get("/books/?q=volume&limit=20", c.token)
	case dice < 750:
		r = get("/books/"+id, c.token)
	case dice < 900:
		r = get("/users/", c.token)
	case dice < 940:
		r = withJSON("PATCH", "/books/"+id, c.token, fmt.Sprintf(`{"description":"at %d"}`, time.Now().UnixNano()))
	case dice < 980:
		r = withJSON("PATCH", "/books/"+id+"/reading", c.token, `{"status":"reading"}`)
	case dice < 985: // a book comes and another goes, so that the library keeps its size
		if err := c.add(c.cover); err != nil {
			return err
		}
		id, c.books = c.books[0], c.books[1:]
		r, want = request{method: "DELETE", path: "/books/" + id, token: c.token}, http.StatusNoContent
	case dice < 986:
		r = login(c.email)
	default:
		r = get("/books/missing", c.token)
		want = http.StatusNotFound
	}
	_, err := c.expect(r, want)
	return err
}

// usage is what a server uses.
type usage struct {
	memory float64 // MB, resident
	wal    float64 // MB
	files  int
}

// peakOf returns the largest value of each field.
func peakOf(samples []usage) (peak usage) {
	for _, u := range samples {
		peak = usage{max(peak.memory, u.memory), max(peak.wal, u.wal), max(peak.files, u.files)}
	}
	return peak
}

func (u usage) String() string {
	return fmt.Sprintf("%.0f MB of memory, a log of %.1f MB, %d open files", u.memory, u.wal, u.files)
}

// usage reads what the server uses now.
func (s *server) usage() (u usage) {
	s.Helper()
	proc := fmt.Sprintf("/proc/%d/", s.cmd.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		s.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	if _, err := fmt.Sscan(string(rest), &u.memory); err != nil {
		s.Fatal(err)
	}
	u.memory *= 1024 / 1e6
	files, err := os.ReadDir(proc + "fd")
	if err != nil {
		s.Fatal(err)
	}
	u.files = len(files)
	if log, err := os.Stat(filepath.Join(s.folder, "data", "bookplate.db-wal")); err == nil {
		u.wal = float64(log.Size()) / 1e6
	}
	return u
}
