package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestDemo starts a demo where the environment and the file .env name another library.
func TestDemo(t *testing.T) {
	temporary, existing := t.TempDir(), t.TempDir()
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", temporary)
	t.Setenv("TMP", temporary) // Windows
	t.Setenv("DATABASE_URL", "sqlite:"+filepath.Join(existing, "bookplate.db"))
	writeFile(t, ".env", "DATA_DIR="+existing+"\nCOVERS_URL=disk:"+existing+"\nSIGNUP=closed\n")
	writeFile(t, filepath.Join(existing, "bookplate.db"), "somebody's library")

	d := startDemo(t)
	for _, test := range []struct {
		name string
		run  func(t *testing.T, d *runningDemo)
	}{
		{"accounts", demoAccounts},
		{"books", demoBooks},
		{"records", demoRecords},
		{"reset", demoReset},
		{"resets at once", demoResetsAtOnce},
		{"reset by another page", demoResetByPage},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, d) })
	}
	d.stop(t)

	for folder, want := range map[string][]string{temporary: nil, existing: {"bookplate.db"}, ".": {".env"}} {
		if got := fileNames(t, folder); !slices.Equal(got, want) {
			t.Errorf("the demo leaves %q, want %q", got, want)
		}
	}
	if got, err := os.ReadFile(filepath.Join(existing, "bookplate.db")); string(got) != "somebody's library" {
		t.Errorf("the existing library is %q: %v", got, err)
	}
}

// A demo with a data folder is a mistake: its data would be deleted.
func TestDemoRejectsDataFolder(t *testing.T) {
	program, out := newProgram(), &lockedBuffer{}
	program.SetOut(out)
	program.SetErr(out)
	program.SetArgs([]string{"demo", "--data", t.TempDir()})
	if code := run(t.Context(), program); code != exitUsage || !strings.Contains(out.String(), "--data cannot be used") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func demoAccounts(t *testing.T, d *runningDemo) {
	for email, role := range map[string]string{
		"admin@example.com": "admin", "librarian@example.com": "librarian", "mira@example.com": "user", "jonas@example.com": "user",
	} {
		var profile struct{ Role, Name string }
		d.get(t, d.logIn(t, email), "/users/", &profile)
		if profile.Role != role || profile.Name == "" {
			t.Errorf("%s has the role %q and the name %q", email, profile.Role, profile.Name)
		}
	}
}

func demoBooks(t *testing.T, d *runningDemo) {
	token := d.logIn(t, "mira@example.com")
	var books []demoBook
	d.get(t, token, "/books/?scope=all&sort=-created", &books)
	owners, months := map[string]bool{}, map[string]bool{}
	for _, b := range books {
		owners[b.UserID], months[b.CreatedAt[:len("2006-01")]] = true, true
		if len(b.Authors) == 0 || b.Category == "" || len(b.Covers) != 3 {
			t.Errorf("%s has the authors %q, the category %q and the covers %q", b.Title, b.Authors, b.Category, b.Covers)
		}
	}
	if len(books) != 200 || len(owners) != 4 || len(months) < 24 {
		t.Errorf("%d books of %d owners in %d months", len(books), len(owners), len(months))
	}
	if added := books[0].CreatedAt; added < now().AddDate(0, 0, -7).Format(time.DateOnly) || added > now().Format(time.RFC3339) {
		t.Errorf("the last book was added at %s", added)
	}
	response := d.do(t, "GET", strings.TrimPrefix(books[0].ImageURL, d.url), token, nil)
	if content := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || content != "image/jpeg" {
		t.Errorf("a cover is answered %d with %q", response.StatusCode, content)
	}
}

func demoRecords(t *testing.T, d *runningDemo) {
	for _, email := range []string{"admin@example.com", "librarian@example.com", "mira@example.com", "jonas@example.com"} {
		token := d.logIn(t, email)
		for _, path := range []string{
			"/books/", "/shelves/wishlist/books", "/shelves/favourites/books",
			"/reading?status=want", "/reading?status=reading", "/reading?status=read",
			"/loans?state=open", "/loans?state=overdue", "/loans?state=returned", "/loans?direction=borrowed",
			fmt.Sprintf("/reading?year=%d", now().Year()-1),
		} {
			var list []any
			if d.get(t, token, path, &list); len(list) == 0 {
				t.Errorf("GET %s is empty for %s", path, email)
			}
		}
		var stats struct{ Goal *int }
		if d.get(t, token, "/stats", &stats); stats.Goal == nil {
			t.Errorf("%s has no goal", email)
		}
	}
}

// A reset undoes all changes and ends all sessions. Ids and passwords stay the same.
func demoReset(t *testing.T, d *runningDemo) {
	token := d.logIn(t, "mira@example.com")
	var before, after []demoBook
	d.get(t, token, "/books/", &before)
	d.do(t, "DELETE", "/books/"+before[0].ID, token, nil)
	d.do(t, "PATCH", "/books/"+before[1].ID, token, []byte(`{"title":"changed"}`))
	d.do(t, "DELETE", "/books/"+before[2].ID+"/cover", token, nil)
	if response := d.do(t, "POST", "/demo/reset", "", nil); response.StatusCode != http.StatusOK {
		t.Fatalf("the reset is answered %d", response.StatusCode)
	}
	if response := d.do(t, "GET", "/books/", token, nil); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a token from before the reset is answered %d", response.StatusCode)
	}
	d.get(t, d.logIn(t, "mira@example.com"), "/books/", &after)
	if len(after) != len(before) {
		t.Fatalf("%d books after the reset, want %d", len(after), len(before))
	}
	for i, b := range after {
		if b.ID != before[i].ID || b.Title != before[i].Title || !slices.Equal(b.Covers, before[i].Covers) {
			t.Errorf("after the reset: %+v, want %+v", b, before[i])
		}
	}
}

// Requests that run during a reset are answered as usual.
func demoResetsAtOnce(t *testing.T, d *runningDemo) {
	var requests sync.WaitGroup
	for range 4 {
		for _, request := range []*http.Request{d.request(t, "POST", "/demo/reset", "", nil), d.request(t, "GET", "/readyz", "", nil)} {
			requests.Go(func() {
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Error(err)
				} else if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("%s is answered %d: %v", request.URL.Path, response.StatusCode, err)
				}
			})
		}
	}
	requests.Wait()
}

// A page on the internet that a developer visits must not reset the demo on their machine.
func demoResetByPage(t *testing.T, d *runningDemo) {
	for origin, status := range map[string]int{
		"https://evil.example.com": http.StatusForbidden, "http://localhost:5173": http.StatusOK,
	} {
		request := d.request(t, "POST", "/demo/reset", "", nil)
		request.Header.Set("Origin", origin)
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		if response := send(t, request); response.StatusCode != status {
			t.Errorf("a reset by a page of %s is answered %d, want %d", origin, response.StatusCode, status)
		}
	}
}

// demoBook is a book as clients see it.
type demoBook struct {
	ID        string `json:"_id"`
	Title     string
	Authors   []string
	Category  string
	UserID    string `json:"user_id"`
	ImageURL  string `json:"image_url"`
	CreatedAt string `json:"created_at"`
	Covers    []string
}

// UnmarshalJSON turns the map of the covers into a sorted list of their URLs.
func (b *demoBook) UnmarshalJSON(text []byte) error {
	type plain demoBook
	in := struct {
		*plain
		Covers map[string]string
	}{plain: (*plain)(b)}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	for _, url := range in.Covers {
		b.Covers = append(b.Covers, url)
	}
	slices.Sort(b.Covers)
	return nil
}

// runningDemo is a demo that is served by this process.
type runningDemo struct {
	url       string
	passwords map[string]string // by the e-mail address
	cancel    context.CancelFunc
	code      chan int
}

// startDemo starts a demo and waits until it is ready.
func startDemo(t *testing.T) *runningDemo {
	t.Helper()
	addr := freeAddr(t)
	ctx, cancel := context.WithCancel(t.Context())
	d := &runningDemo{url: "http://" + addr, passwords: map[string]string{}, cancel: cancel, code: make(chan int, 1)}
	program, out := newProgram(), &lockedBuffer{}
	program.SetOut(out)
	program.SetErr(out)
	program.SetArgs([]string{"demo", "--addr", addr})
	go func() { d.code <- run(ctx, program) }()
	for !strings.Contains(out.String(), "Stop it with Ctrl-C") {
		select {
		case code := <-d.code:
			t.Fatalf("exit code %d: %s", code, out)
		case <-time.After(10 * time.Millisecond):
		}
	}
	for _, match := range regexp.MustCompile(`(\S+@example\.com) +(\S+)`).FindAllStringSubmatch(out.String(), -1) {
		d.passwords[match[1]] = match[2]
	}
	return d
}

// stop stops the demo as Ctrl-C does.
func (d *runningDemo) stop(t *testing.T) {
	t.Helper()
	d.cancel()
	if code := <-d.code; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// freeAddr returns an address that no program listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// logIn logs an account in and returns its token.
func (d *runningDemo) logIn(t *testing.T, email string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": d.passwords[email]})
	if err != nil {
		t.Fatal(err)
	}
	var user struct{ Token string }
	readData(t, d.do(t, "POST", "/users/login", "", body), &user)
	return user.Token
}

// get makes a GET request and reads the data of the answer.
func (d *runningDemo) get(t *testing.T, token, path string, data any) {
	t.Helper()
	readData(t, d.do(t, "GET", path, token, nil), data)
}

func (d *runningDemo) do(t *testing.T, method, path, token string, body []byte) *http.Response {
	t.Helper()
	return send(t, d.request(t, method, path, token, body))
}

func (d *runningDemo) request(t *testing.T, method, path, token string, body []byte) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, d.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request
}

// send makes a request and returns the answer, whose body can be read after the connection is closed.
func send(t *testing.T, request *http.Request) *http.Response {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

func readData(t *testing.T, response *http.Response, data any) {
	t.Helper()
	envelope := struct{ Data any }{data}
	if err := json.NewDecoder(response.Body).Decode(&envelope); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s is answered %d: %v", response.Request.URL.Path, response.StatusCode, err)
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func fileNames(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// lockedBuffer is a buffer that is safe for concurrent use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
