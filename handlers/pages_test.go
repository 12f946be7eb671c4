package handlers

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/static"
)

func TestHome(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		for accept, html := range map[string]bool{
			"":                                false,
			"*/*":                             false,
			"application/json":                false,
			"text/plain, text/html;q=0.5":     false,
			"text/html;q=0":                   false,
			"text/html":                       true,
			"text/html,application/xml;q=0.9": true,
			"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8": true,
		} {
			a := s.do(call{method: "GET", path: "/", header: map[string]string{"Accept": accept}}).wantStatus(http.StatusOK)
			if !html {
				a.wantHeader("Content-Type", "text/plain; charset=utf-8")
				if string(a.body) != "Hello World!" {
					s.Errorf("Accept %q: %s", accept, a.body)
				}
				continue
			}
			a.wantHeader("Content-Type", "text/html; charset=utf-8")
			if !bytes.Equal(a.body, static.AppPages()[0]) {
				s.Errorf("Accept %q: the answer is not the page of the web app", accept)
			}
			if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				s.Errorf("Content-Security-Policy: %s", csp)
			}
		}
	})
}

// At an unknown address, a browser gets a page and a program gets JSON.
func TestUnknownAddress(t *testing.T) {
	s := newServer(t, nil)
	for _, path := range []string{"/nothing", "/docs/nothing", static.AppPath + "nothing", "/static/app/0123456789abcdef/main.js", "/users/nothing"} {
		for accept, html := range map[string]bool{
			"":                                  false,
			"*/*":                               false,
			"application/json, text/html":       true,
			"application/json, */*;q=0.1":       false,
			"application/json, text/html;q=0.5": false,
			"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8": true,
		} {
			a := s.do(call{method: "GET", path: path, header: map[string]string{"Accept": accept}}).wantStatus(http.StatusNotFound)
			if !slices.Contains(a.header.Values("Vary"), "Accept") {
				t.Errorf("%s: Vary is %q", path, a.header.Values("Vary"))
			}
			if !html {
				a.want(http.StatusNotFound, `{"message":"Endpoint Not Found","data":null,"code":"not_found","error":"Not Found"}`)
				continue
			}
			a.wantHeader("Content-Type", "text/html; charset=utf-8")
			if !strings.Contains(string(a.body), `href="/"`) || !strings.Contains(string(a.body), `href="/docs/"`) {
				t.Errorf("%s: the page does not link to the library and the documentation: %s", path, a.body)
			}
			if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'self'") {
				t.Errorf("%s: Content-Security-Policy: %s", path, csp)
			}
		}
	}
}

// The web app is in the language that the person has chosen, or else in the language that the browser prefers.
func TestLanguage(t *testing.T) {
	s := newServer(t, nil)
	for _, test := range []struct{ cookie, accept, want string }{
		{"", "", "en"},
		{"", "de-AT,de;q=0.9,en;q=0.8", "de"},
		{"", "ja,fr;q=0.5", "fr"},
		{"", "ja", "en"},
		{"", "not a language;;", "en"},
		{"tr", "de", "tr"},
		{"es", "", "es"},
		{"ja", "de", "de"},
		{"\"><script>", "de", "de"},
	} {
		header := map[string]string{"Accept": "text/html", "Accept-Language": test.accept, "Cookie": "bookplate_language=" + test.cookie}
		for _, path := range []string{"/", "/app/reading"} {
			a := s.do(call{method: "GET", path: path, header: header}).wantStatus(http.StatusOK)
			if !strings.Contains(string(a.body), `<html lang="`+test.want+`">`) || !strings.Contains(string(a.body), "/messages."+test.want+".js") {
				t.Errorf("%s with %+v: %s", path, test, a.body)
			}
			if !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Accept-Language, Cookie") {
				t.Errorf("%s: Vary is %q", path, a.header.Values("Vary"))
			}
		}
	}
}

func TestDocuments(t *testing.T) {
	s := newServer(t, nil)
	for path, want := range map[string]struct{ contentType, content string }{
		"/openapi.json":                 {"application/json; charset=utf-8", string(static.OpenAPIJSON("1.2.3"))},
		"/openapi.yaml/":                {"application/yaml; charset=utf-8", string(static.OpenAPIYAML("1.2.3"))},
		"/docs":                         {"text/html; charset=utf-8", ""},
		"/docs/swagger-ui.css":          {"text/css; charset=utf-8", ""},
		"/docs/LICENSE":                 {"text/plain; charset=utf-8", ""},
		"/app":                          {"text/html; charset=utf-8", string(static.AppPages()[0])},
		"/app/reading":                  {"text/html; charset=utf-8", string(static.AppPages()[0])},
		"/app/books/1/":                 {"text/html; charset=utf-8", string(static.AppPages()[0])},
		static.AppPath + "main.js":      {"text/javascript; charset=utf-8", ""},
		static.AppPath + "app.css":      {"text/css; charset=utf-8", ""},
		static.AppPath + "licences.txt": {"text/plain; charset=utf-8", ""},
	} {
		a := s.get(path, "").wantStatus(http.StatusOK)
		a.wantHeader("Content-Type", want.contentType)
		a.wantHeader("X-Content-Type-Options", "nosniff")
		if want.content != "" && string(a.body) != want.content {
			t.Errorf("%s is not the document", path)
		}
		s.wantRanges(path, nil)
	}
	s.wantRanges("/", map[string]string{"Accept": "text/html"})
}

// A file of the web app may be cached for ever, because another version of it has another address.
func TestAppFilesAreImmutable(t *testing.T) {
	s := newServer(t, nil)
	for _, header := range []map[string]string{nil, {"Accept-Encoding": "gzip"}} {
		a := s.do(call{method: "GET", path: static.AppPath + "main.js", header: header}).wantStatus(http.StatusOK)
		a.wantHeader("Cache-Control", "public, max-age=31536000, immutable")
	}
	s.get("/app", "").wantHeader("Cache-Control", "no-cache")
}

// wantRanges makes conditional requests and range requests for a file and checks the answers. All requests have these
// headers.
func (s *testServer) wantRanges(path string, header map[string]string) {
	s.Helper()
	get := func(name, value string) answer {
		with := map[string]string{name: value}
		maps.Copy(with, header)
		return s.do(call{method: "GET", path: path, header: with})
	}
	whole := get("Range", "").wantStatus(http.StatusOK)
	get("If-None-Match", whole.header.Get("ETag")).wantStatus(http.StatusNotModified)
	get("If-Match", `"another"`).wantStatus(http.StatusPreconditionFailed)
	if part := get("Range", "bytes=2-5").wantStatus(http.StatusPartialContent); !bytes.Equal(part.body, whole.body[2:6]) {
		s.Errorf("%s: bytes 2 to 5 are %x", path, part.body)
	}
	get("Range", "bytes=2-5,8-9").wantStatus(http.StatusPartialContent)
	get("Range", "bytes=99999999-").wantStatus(http.StatusRequestedRangeNotSatisfiable)
}

func TestHealth(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.get("/livez", "").want(http.StatusOK, `{"message":"alive","data":{"version":"1.2.3"}}`)
		s.get("/readyz/", "").want(http.StatusOK,
			`{"message":"ready","data":{"version":"1.2.3","database":"`+s.services.Store.Name()+`"}}`)
	})
}

// preparing is a store that is still preparing an old database.
type preparing struct{ models.Store }

func (preparing) Preparing() int64 { return 1234 }

func TestReadyWhilePreparing(t *testing.T) {
	s := newServer(t, nil)
	s.services.Store = preparing{s.services.Store}
	s.start()
	s.get("/readyz", "").want(http.StatusOK, `{"message":"ready","data":{"version":"1.2.3","database":"SQLite","prepared":1234}}`)
}

// away is a store that is out of reach while set is true.
type away struct {
	models.Store
	set *atomic.Bool
}

func (a away) Ping(ctx context.Context) error {
	if a.set.Load() {
		return &models.Error{Code: models.Unavailable}
	}
	return a.Store.Ping(ctx)
}

// While the server is not ready, its log has one warning, however many probes there are, and no errors.
func TestProbesAreLoggedQuietly(t *testing.T) {
	s := newServer(t, nil)
	var set atomic.Bool
	s.services.Store = away{s.services.Store, &set}
	s.start()
	for range 2 {
		set.Store(true)
		for range 3 {
			s.get("/readyz", "").wantStatus(http.StatusServiceUnavailable)
		}
		set.Store(false)
		for range 3 {
			s.get("/readyz", "").wantStatus(http.StatusOK)
		}
	}
	log := s.log.String()
	if strings.Contains(log, `"level":"ERROR"`) || strings.Count(log, `"level":"WARN"`) != 2 || strings.Count(log, `"ready again"`) != 2 {
		t.Errorf("want a line for each change and no errors:\n%s", log)
	}
}

// HEAD is answered like GET, but without a body.
func TestHead(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Notes")
	for _, path := range []string{"/", "/livez", "/openapi.json", "/users/", "/books/", "/books/" + b.ID, s.pathOf(b.ImageURL)} {
		a := s.do(call{method: "HEAD", path: path, token: ada.Token}).wantStatus(http.StatusOK)
		got := s.get(path, ada.Token)
		if len(a.body) != 0 || a.header.Get("Content-Type") != got.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d bytes, %v", path, len(a.body), a.header)
		}
	}
}

func TestCORS(t *testing.T) {
	ask := func(s *testServer, method, path, origin string) answer {
		return s.do(call{method: "OPTIONS", path: path, header: map[string]string{
			"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type",
		}})
	}
	preflight := func(s *testServer, path, origin string) answer { return ask(s, "PUT", path, origin) }
	s := newServer(t, nil)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		ask(s, method, "/users/", "http://localhost:3000").wantHeader("Access-Control-Allow-Methods", method)
	}
	for _, path := range []string{"/books/", "/books", "/users/login", "/books/0123456789abcdef01234567"} {
		a := preflight(s, path, "http://localhost:3000").wantStatus(http.StatusNoContent)
		a.wantHeader("Access-Control-Allow-Origin", "http://localhost:3000")
		a.wantHeader("Access-Control-Allow-Methods", "PUT")
		a.wantHeader("Access-Control-Allow-Headers", "authorization,content-type")
		a.wantHeader("Access-Control-Allow-Credentials", "true")
		for _, origin := range []string{
			"https://evil.example.com", "http://localhost:3000.evil.example.com", "http://localhost:3000@evil.example.com",
		} {
			preflight(s, path, origin).wantHeader("Access-Control-Allow-Origin", "")
		}
	}
	a := s.do(call{method: "GET", path: "/books/", header: map[string]string{"Origin": "http://127.0.0.1:8080"}})
	a.wantHeader("Access-Control-Allow-Origin", "http://127.0.0.1:8080") // errors need it too, so that the page can read them
	if vary := a.header.Values("Vary"); len(vary) == 0 {
		t.Error("an answer that depends on Origin does not say so")
	}
	every := newServer(t, map[string]string{"CORS_ORIGINS": "*"})
	a = preflight(every, "/books/", "https://any.example.com")
	a.wantHeader("Access-Control-Allow-Origin", "*")
	a.wantHeader("Access-Control-Allow-Credentials", "")
	one := newServer(t, map[string]string{"CORS_ORIGINS": "https://books.example.com"})
	preflight(one, "/books/", "https://books.example.com").wantHeader("Access-Control-Allow-Origin", "https://books.example.com")
	preflight(one, "/books/", "http://localhost:3000").wantHeader("Access-Control-Allow-Origin", "")
}

// A rejected CORS preflight is logged, so that the developer of the page can find the reason. The number of such lines
// is limited, so that a client cannot fill the log.
func TestRejectedPreflightsAreLogged(t *testing.T) {
	s := newServer(t, nil)
	preflight := func(origin string) {
		s.do(call{method: "OPTIONS", path: "/books/", header: map[string]string{
			"Origin": origin, "Access-Control-Request-Method": "PUT",
		}})
	}
	wantLines := func(text string, want int) {
		t.Helper()
		if n := strings.Count(s.log.String(), text); n != want {
			t.Errorf("%d lines have %s, want %d", n, text, want)
		}
	}
	const line = `"level":"WARN","msg":"rejected a page's preflight: its origin is not in CORS_ORIGINS","origin":"https://`
	for range 3 {
		preflight("https://app.example.com")
		preflight("http://localhost:3000")
	}
	wantLines(line+`app.example.com"`, 1)
	for i := range 200 {
		preflight(fmt.Sprintf("https://app%d.example.com", i))
	}
	wantLines(line, 100)
	s.clock.move(time.Minute)
	preflight("https://app.example.com")
	wantLines(line+`app.example.com"`, 2)
}

// The server sends Strict-Transport-Security only if the client reaches it by TLS, and not on localhost.
func TestStrictTransportSecurity(t *testing.T) {
	const year = "max-age=31536000"
	for _, c := range []struct{ public, proxies, proto, want string }{
		{"https://books.example.com", "", "", year},
		{"http://books.example.com", "", "", ""},
		{"https://localhost:5000", "", "", ""},
		{"", "127.0.0.1", "https", year},
		{"", "127.0.0.1", "http", ""},
		{"", "", "https", ""},
	} {
		s := newServer(t, map[string]string{"PUBLIC_URL": c.public, "TRUSTED_PROXIES": c.proxies})
		for _, path := range []string{"/", "/livez", "/no/such/route"} {
			a := s.do(call{method: "GET", path: path, header: map[string]string{
				"X-Forwarded-Proto": c.proto, "X-Forwarded-Host": "books.example.com",
			}})
			a.wantHeader("Strict-Transport-Security", c.want)
		}
	}
}
