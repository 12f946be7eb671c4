package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"bookplate/auth"
	"bookplate/config"
	"bookplate/covers"
	"bookplate/library/isbn/isbntest"
	"bookplate/mail"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/blob"
	"bookplate/storage/storagetest"
)

const password = "Abc@123"

// patience limits every wait. Only a failing test waits that long, so that tests pass on a slow machine.
const patience = 5 * time.Minute

var testSecret = []byte("0123456789abcdef0123456789abcdef")

// cheapArgon2 has parameters that keep tests fast. Package auth tests the real parameters.
var cheapArgon2 = auth.Argon2{Memory: 64, Time: 1, Threads: 1}

// testServer is the real router on a real store, behind a real listener.
type testServer struct {
	testing.TB
	url      string
	services Services
	blobs    blob.Store // the store of covers
	clock    *testClock
	log      *safeBuffer
	mailbox  *mailbox
	sources  *isbntest.Server // of ISBN look-up
}

// eachEngine runs a test on SQLite and, in the full matrix, on MongoDB. Like the functions below, it runs the test in
// parallel with others, because tests wait for the disk and for MongoDB.
func eachEngine(t *testing.T, test func(s *testServer)) { eachEngineWith(t, nil, test) }

// eachEngineWith is like eachEngine but with these settings.
func eachEngineWith(t *testing.T, env map[string]string, test func(s *testServer)) {
	if storagetest.FullMatrix() {
		bothEnginesWith(t, env, test)
		return
	}
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { test(newServer(t, env)) })
}

// bothEngines always runs a test on SQLite and on MongoDB. It is for tests of concurrent writes, failures and paging,
// in which the engines differ.
func bothEngines(t *testing.T, test func(s *testServer)) { bothEnginesWith(t, nil, test) }

// bothEnginesWith is like bothEngines but with these settings.
func bothEnginesWith(t *testing.T, env map[string]string, test func(s *testServer)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { test(newServer(t, env)) })
	t.Run("mongo", func(t *testing.T) {
		env := maps.Clone(env)
		if env == nil {
			env = map[string]string{}
		}
		env["DATABASE_URL"] = storagetest.MongoURL(t)
		test(newServer(t, env))
	})
}

// eachStore runs a test with each kind of blob store for covers: GridFS with MongoDB as the database, the others with
// SQLite.
func eachStore(t *testing.T, test func(s *testServer)) {
	t.Parallel()
	for name, env := range map[string]func(t *testing.T) map[string]string{
		"disk": func(*testing.T) map[string]string { return nil },
		"gridfs": func(t *testing.T) map[string]string {
			return map[string]string{"DATABASE_URL": storagetest.MongoURL(t)}
		},
		"s3": func(t *testing.T) map[string]string {
			return map[string]string{
				"COVERS_URL": storagetest.S3URL(t), "S3_ACCESS_KEY": storagetest.S3AccessKey, "S3_SECRET_KEY": "secret",
			}
		},
	} {
		t.Run(name, func(t *testing.T) { test(newServer(t, env(t))) })
	}
}

// subtest runs a subtest on the same server.
func (s *testServer) subtest(name string, test func(s *testServer)) {
	s.TB.(*testing.T).Run(name, func(t *testing.T) {
		sub := *s
		sub.TB = t
		test(&sub)
	})
}

// newServer starts a server with these settings. Unless they name a database, it uses a new SQLite file.
func newServer(t testing.TB, env map[string]string) *testServer {
	t.Helper()
	dir := t.TempDir()
	defaults := map[string]string{"DATA_DIR": filepath.Join(dir, "data")}
	settings, err := config.Load(config.Flags(env), config.Dotenv(defaults))
	if err != nil {
		t.Fatal(err)
	}
	copyNewLibrary(t, settings)
	s := &testServer{TB: t, clock: &testClock{at: time.Now()}, log: &safeBuffer{}, mailbox: &mailbox{}, sources: isbntest.NewServer(t)}
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	store := s.openStores(settings, log)
	s.services = Services{
		Config: settings,
		Store:  store,
		Covers: covers.New(s.blobs, covers.Options{
			Mark: store.CoverMark, Sizes: settings.CoverSizes, MaxPixels: settings.MaxPixels, Memory: settings.CoverMemory,
		}),
		Outbox: mail.NewOutbox(s.mailbox, log),
		Hasher: auth.NewHasher(cheapArgon2),
		Tokens: auth.NewTokens(testSecret, settings.AccessTokenTTL, s.clock.now),
		Sealer: auth.NewSealer(testSecret),
		Log:    log, Now: s.clock.now, Version: "1.2.3",
		Network:     s.sources.Network(s.clock.move),
		CoverBudget: time.Minute,
	}
	s.closeOnCleanup(s.services.Outbox)
	s.start()
	s.waitReady()
	return s
}

// newLibrary returns the files of a data folder without accounts and books.
var newLibrary = sync.OnceValues(func() (files fs.FS, err error) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	settings, err := config.Load(config.Flags(nil), config.Dotenv(map[string]string{"DATA_DIR": dir}))
	if err != nil {
		return nil, err
	}
	store, err := storage.Open(context.Background(), settings.DatabaseURL, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	copied := fstest.MapFS{}
	return copied, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		copied[strings.TrimPrefix(path, dir+"/")] = &fstest.MapFile{Data: data, Mode: 0o600}
		return err
	})
})

// copyNewLibrary makes a data folder with an empty library. A copy is cheaper than the migrations of a new database.
func copyNewLibrary(t testing.TB, settings config.Config) {
	t.Helper()
	files, err := newLibrary()
	if err == nil {
		err = errors.Join(os.CopyFS(settings.DataDir, files), os.MkdirAll(settings.CoversDir(), 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// openStores opens the database and the blob store for covers. It returns the database and sets s.blobs.
func (s *testServer) openStores(settings config.Config, log *slog.Logger) models.Store {
	s.Helper()
	store, err := storage.Open(s.Context(), settings.DatabaseURL, log)
	if err != nil {
		s.Fatal(err)
	}
	s.closeOnCleanup(store)
	s.blobs, err = storage.OpenBlobs(s.Context(), storage.BlobConfig{
		URL: settings.CoversURL, DatabaseURL: settings.DatabaseURL,
		S3AccessKey: settings.S3AccessKey, S3SecretKey: settings.S3SecretKey,
	})
	if err != nil {
		s.Fatal(err)
	}
	s.closeOnCleanup(s.blobs)
	return store
}

// closeOnCleanup closes c when the test ends.
func (s *testServer) closeOnCleanup(c io.Closer) {
	s.Cleanup(func() {
		if err := c.Close(); err != nil {
			s.Error(err)
		}
	})
}

// start starts a server with s.services. A test that changes s.services must call start again.
func (s *testServer) start() {
	s.Helper()
	listener := httptest.NewServer(s.handler())
	s.Cleanup(listener.Close)
	s.url = listener.URL
}

func (s *testServer) handler() http.Handler {
	s.Helper()
	handler, err := New(s.services)
	if err != nil {
		s.Fatal(err)
	}
	return handler
}

// waitReady waits until a MongoDB store has made its indexes.
func (s *testServer) waitReady() {
	s.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := s.services.Store.Ping(s.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// testClock is a clock that moves only when a test moves it.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *testClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.UTC().Truncate(time.Millisecond)
}

func (c *testClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// safeBuffer is a buffer to which concurrent requests can log.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// call is a request to make.
type call struct {
	method, path string
	token        string
	header       map[string]string
	contentType  string
	body         string
}

// answer is a response with its body.
type answer struct {
	testing.TB
	status int
	header http.Header
	body   []byte
	log    *safeBuffer // the server's log
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// do makes a request and checks its answer against the OpenAPI document.
func (s *testServer) do(c call) answer {
	s.Helper()
	return s.send(c, strings.NewReader(c.body))
}

func (s *testServer) send(c call, body io.Reader) answer {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), c.method, s.url+c.path, body)
	if err != nil {
		s.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.contentType != "" {
		request.Header.Set("Content-Type", c.contentType)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	if response.Header.Get("X-Request-Id") == "" {
		s.Errorf("%s %s: no X-Request-Id", c.method, c.path)
	}
	a := answer{s.TB, response.StatusCode, response.Header, content, s.log}
	checkDocumented(s.TB, request, a)
	return a
}

func (s *testServer) get(path, token string) answer {
	s.Helper()
	return s.do(call{method: "GET", path: path, token: token})
}

func (s *testServer) json(method, path, token, body string) answer {
	s.Helper()
	return s.do(call{method: method, path: path, token: token, contentType: "application/json", body: body})
}

// form sends form-data.
func (s *testServer) form(method, path, token string, fields ...field) answer {
	s.Helper()
	contentType, body := formBody(s.TB, fields...)
	return s.do(call{method: method, path: path, token: token, contentType: contentType, body: body})
}

type field struct {
	name, value string
	file        string // the file name; empty for a text field
}

func formBody(t testing.TB, fields ...field) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q`, f.name)}}
		if f.file != "" {
			header.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, f.name, f.file))
			header.Set("Content-Type", "application/octet-stream")
		}
		part, err := w.CreatePart(header)
		if err == nil {
			_, err = io.WriteString(part, f.value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// pictures caches the results of the function picture by size, because drawing and encoding a picture takes longer than most
// requests.
var pictures sync.Map

// picture returns a JPEG of the given size, in pixels.
func picture(t testing.TB, width, height int) string {
	t.Helper()
	size := image.Pt(width, height)
	if drawn, found := pictures.Load(size); found {
		return drawn.(string)
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 128, 255}) // stripes, because uint8 wraps at 256
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	pictures.Store(size, b.String())
	return b.String()
}

// bookForm returns a complete form for a new book.
func bookForm(t testing.TB, title string) []field {
	t.Helper()
	return []field{
		{name: "title", value: title},
		{name: "description", value: "about " + title},
		{name: "category", value: "science"},
		{name: "cover_image", value: picture(t, 300, 400), file: "cover.jpg"},
	}
}

// want checks the status and the whole JSON body of an answer. The fields code, hint and ignored are compared only if
// body has them, because the tutorial's contract does not have them.
func (a answer) want(status int, body string) {
	a.Helper()
	a.wantStatus(status)
	got := a.body
	var envelope map[string]any
	if json.Unmarshal(got, &envelope) == nil {
		for _, extra := range []string{"code", "hint", "ignored"} {
			if !strings.Contains(body, `"`+extra+`":`) {
				delete(envelope, extra)
			}
		}
		got = marshal(a.TB, envelope)
	}
	if got, want := normalJSON(a.TB, got), normalJSON(a.TB, []byte(body)); got != want {
		a.Errorf("body %s, want %s", got, want)
	}
}

// wantCode checks the status and the code of an error.
func (a answer) wantCode(status int, code string) {
	a.Helper()
	var envelope struct{ Code string }
	if err := json.Unmarshal(a.wantStatus(status).body, &envelope); err != nil || envelope.Code != code {
		a.Errorf("want the code %s: %s", code, a.body)
	}
}

func (a answer) wantStatus(status int) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d: %s\n%s", a.status, status, a.body, a.logged())
	}
	return a
}

// logged returns what the server logged about the request. It says why an answer is a server error.
func (a answer) logged() string {
	var lines []string
	for line := range strings.Lines(a.log.String()) {
		if strings.Contains(line, a.header.Get("X-Request-Id")) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func (a answer) wantHeader(name, value string) {
	a.Helper()
	if got := a.header.Get(name); got != value {
		a.Errorf("%s: %q, want %q", name, got, value)
	}
}

func normalJSON(t testing.TB, text []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return string(marshal(t, v))
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// data checks the message of an envelope and returns its decoded data.
func data[T any](a answer, message string) T {
	a.Helper()
	var envelope struct {
		Message string `json:"message"`
		Data    T      `json:"data"`
	}
	if err := json.Unmarshal(a.body, &envelope); err != nil {
		a.Fatalf("%v: %s", err, a.body)
	}
	if envelope.Message != message {
		a.Fatalf("message %q, want %q", envelope.Message, message)
	}
	return envelope.Data
}

// user is an account as clients see it.
type user struct {
	ID        string `json:"_id"`
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Username  string `json:"username"`
	Active    bool   `json:"active"`
	Role      string `json:"role"`
	tokens
}

// tokens are the two tokens that a log-in or a refresh returns.
type tokens struct {
	Token        string `json:"token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
}

// book is a book as clients see it.
type book struct {
	ID          string `json:"_id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	ImageURL    string `json:"image_url"`
	Category    string `json:"category"`
	UserID      string `json:"user_id"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
}

// signUp creates an account.
func (s *testServer) signUp(email string) user {
	s.Helper()
	a := s.json("POST", "/users/", "", fmt.Sprintf(`{"name":"Ada Lovelace","email":%q,"password":%q}`, email, password))
	return data[user](a.wantStatus(http.StatusCreated), "Successfully created new user")
}

// login logs in to an account.
func (s *testServer) login(email string) user {
	s.Helper()
	return s.loginWith(email, password)
}

// loginWith logs in to an account with this password.
func (s *testServer) loginWith(email, password string) user {
	s.Helper()
	a := s.json("POST", "/users/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	return data[user](a.wantStatus(http.StatusOK), "Successfully fetched auth token")
}

// signedIn creates an account and logs in.
func (s *testServer) signedIn(email string) user {
	s.Helper()
	s.signUp(email)
	return s.login(email)
}

// addBook adds a book for the token's user.
func (s *testServer) addBook(token, title string) book {
	s.Helper()
	a := s.form("POST", "/books/", token, bookForm(s.TB, title)...)
	return data[book](a.wantStatus(http.StatusCreated), "successfully created a new book")
}

// pathOf returns the path of a URL. The URL must be one of this server.
func (s *testServer) pathOf(url string) string {
	s.Helper()
	path, found := strings.CutPrefix(url, s.url)
	if !found {
		s.Fatalf("%s is not on %s", url, s.url)
	}
	return path
}

// coverCount returns the number of stored covers. The pictures of a cover in all its sizes count as one.
func (s *testServer) coverCount() int {
	s.Helper()
	covers := map[string]bool{}
	for blob, err := range s.blobs.List(s.Context()) {
		if err != nil {
			s.Fatal(err)
		}
		covers[models.CoverOf(blob.Key)] = true
	}
	return len(covers)
}

// sweep deletes covers that belong to no book, whatever their age.
func (s *testServer) sweep() {
	s.Helper()
	if _, err := s.services.Covers.Sweep(s.Context(), s.services.Store.Books(), time.Now().Add(2*time.Hour)); err != nil {
		s.Fatal(err)
	}
}

// chunked sends a request whose body has no Content-Length.
func (s *testServer) chunked(method, path, token, contentType, body string) answer {
	s.Helper()
	c := call{method: method, path: path, token: token, contentType: contentType}
	return s.send(c, io.MultiReader(strings.NewReader(body)))
}

// wantLogged checks that the log has a text.
func (s *testServer) wantLogged(text string) {
	s.Helper()
	if !strings.Contains(s.log.String(), text) {
		s.Errorf("the log does not have %q", text)
	}
}

// wantAbsent checks that a secret is not in a text.
func (s *testServer) wantAbsent(text, secret string) {
	s.Helper()
	if strings.Contains(text, secret) {
		s.Errorf("%s\ncontains %q", text, secret)
	}
}
