package handlers

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// plainBrowser is a browser without JavaScript. It keeps cookies and follows redirects.
type plainBrowser struct {
	*testServer
	language string
	jar      map[string]string
}

func (s *testServer) plainBrowser(language string) *plainBrowser {
	return &plainBrowser{s, language, map[string]string{}}
}

// open opens a page, or sends a form to it, and returns the answer after all redirects.
func (b *plainBrowser) open(method, path string, form url.Values) answer {
	b.Helper()
	for range 5 {
		var cookies []string
		for name, value := range b.jar {
			cookies = append(cookies, name+"="+value)
		}
		c := call{method: method, path: path, header: map[string]string{
			"Accept": "text/html,application/xhtml+xml", "Accept-Language": b.language, "Cookie": strings.Join(cookies, "; "),
		}}
		if form != nil {
			c.contentType, c.body = "application/x-www-form-urlencoded", form.Encode()
		}
		a := b.do(c)
		a.wantHeader("Cache-Control", "no-store")
		for _, cookie := range a.cookies() {
			b.jar[cookie.Name] = cookie.Value
			if cookie.MaxAge < 0 {
				delete(b.jar, cookie.Name)
			}
		}
		if a.status != http.StatusSeeOther {
			return a
		}
		method, path, form = http.MethodGet, a.header.Get("Location"), nil
	}
	b.Fatal("too many redirects")
	return answer{}
}

func (b *plainBrowser) get(path string) answer {
	b.Helper()
	return b.open(http.MethodGet, path, nil)
}

func (b *plainBrowser) logIn(email, password string) answer {
	b.Helper()
	return b.open(http.MethodPost, "/plain/login", url.Values{"email": {email}, "password": {password}})
}

// wantPage checks the status of a page and that it has each text and none of the others, which begin with an exclamation mark.
func (b *plainBrowser) wantPage(a answer, status int, texts ...string) {
	b.Helper()
	a.wantStatus(status).wantHeader("Content-Type", "text/html; charset=utf-8")
	page := html.UnescapeString(string(a.body))
	for _, text := range texts {
		absent, not := strings.CutPrefix(text, "!")
		if not && strings.Contains(page, absent) {
			b.Errorf("the page has %q: %s", absent, page)
		}
		if !not && !strings.Contains(page, text) {
			b.Errorf("the page lacks %q: %s", text, page)
		}
	}
}

func TestLibraryWithoutJavaScript(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		other := s.signedIn("bob@example.com")
		s.json("POST", "/books/", other.Token, `{"title":"Another's"}`).wantStatus(http.StatusCreated)
		id := s.addBook(ada.Token, "Émile <script>alert(1)</script>").ID
		s.json("PATCH", "/books/"+id, ada.Token, `{"authors":["Jean-Jacques Rousseau","A & B"],"series":"Essais","published":"1762-05"}`).wantStatus(http.StatusOK)
		s.json("PUT", "/books/"+id+"/reading", ada.Token, `{"status":"read"}`).wantStatus(http.StatusOK)
		s.json("POST", "/books/"+id+"/loans", ada.Token, `{"to":"Grace"}`).wantStatus(http.StatusCreated)

		b := s.plainBrowser("de")
		b.wantPage(b.get("/plain?q=emile"), http.StatusOK, `<html lang="de">`, "Anmelden", `name="password"`)
		b.wantPage(b.logIn("ada@example.com", "Wrong@123"), http.StatusUnauthorized, "Die E-Mail-Adresse oder das Passwort ist falsch.",
			`value="ada@example.com"`, "!Wrong@123")
		b.wantPage(b.logIn("ada@example.com", "Abc@123"), http.StatusOK, "Jean-Jacques Rousseau", "A & B", "Essais", "1762-05", "Gelesen",
			"Verliehen", "/static/books/", "!Another's")
		if page := b.get("/plain/"); strings.Contains(string(page.body), "<script") {
			t.Errorf("the page has a script: %s", page.body)
		}
		b.wantPage(b.get("/plain?q=emil"), http.StatusOK, "Rousseau", `value="emil"`)
		b.wantPage(b.get("/plain?q=zola"), http.StatusOK, "Kein Buch", "!Rousseau")
		b.wantPage(b.get("/plain?author=A+%26+B"), http.StatusOK, "Rousseau")
		b.wantPage(b.get("/plain?scope=all"), http.StatusOK, "Another's")
		b.wantPage(b.get("/plain?cursor=x"), http.StatusBadRequest, "must be one from a Link header")

		access := b.jar[localCookie]
		s.clock.move(25 * time.Hour) // the access token has expired
		b.wantPage(b.get("/plain?q=emil"), http.StatusOK, "Rousseau", `value="emil"`)
		if b.jar[localCookie] == access {
			t.Error("the cookie has the expired token")
		}
		session := maps.Clone(b.jar)
		b.wantPage(b.open(http.MethodPost, "/plain/logout", url.Values{}), http.StatusOK, "Anmelden")
		if len(b.jar) > 0 {
			t.Errorf("after the log-out, the browser has the cookies %v", b.jar)
		}
		b.jar = session
		b.wantPage(b.get("/plain"), http.StatusOK, "Anmelden", "!Rousseau")
	})
}

// nextPage matches the link to the next page of the list.
var nextPage = regexp.MustCompile(`<a href="([^"]+)" rel="next">`)

func TestPagesOfTheListWithoutJavaScript(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for i := range 51 {
		s.json("POST", "/books/", ada.Token, fmt.Sprintf(`{"title":"Volume %02d."}`, i)).wantStatus(http.StatusCreated)
	}
	b := s.plainBrowser("en")
	first := b.logIn("ada@example.com", "Abc@123")
	b.wantPage(first, http.StatusOK, "Volume 00.", "Volume 49.", "!Volume 50.")
	found := nextPage.FindStringSubmatch(string(first.body))
	if found == nil {
		t.Fatalf("no link to the next page: %s", first.body)
	}
	b.wantPage(b.get(html.UnescapeString(found[1])), http.StatusOK, "Volume 50.", "!Volume 49.", `!rel="next"`)
}

// A page of another origin cannot log its visitor in to another account.
func TestLogInWithoutJavaScriptFromAnotherOrigin(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("eve@example.com")
	for _, path := range []string{"/plain/login", "/plain/logout"} {
		a := s.do(call{
			method: "POST", path: path, contentType: "application/x-www-form-urlencoded", body: "email=eve%40example.com&password=Abc%40123",
			header: map[string]string{"Accept": "text/html", "Origin": foreignOrigin, "Cookie": localCookie + "=x"},
		})
		a.wantStatus(http.StatusForbidden).wantHeader("Set-Cookie", "")
	}
}

func TestForgottenPasswordWithoutJavaScript(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	b := s.plainBrowser("fr")
	b.wantPage(b.get("/plain/password"), http.StatusOK, "M’envoyer un lien")
	b.wantPage(b.open(http.MethodPost, "/plain/password", url.Values{"email": {"ada"}}), http.StatusBadRequest, `value="ada"`, "must be")
	for _, email := range []string{"nobody@example.com", "ada@example.com"} {
		b.wantPage(b.open(http.MethodPost, "/plain/password", url.Values{"email": {email}}), http.StatusAccepted, "un message est en route")
	}
	token := s.linkToken("ada@example.com", resetSubject)
	b.wantPage(b.get("/users/password/reset/"+token), http.StatusOK, `name="token"`)
	form := url.Values{"token": {token}, "password": {"New@12345"}}
	b.wantPage(b.open(http.MethodPost, "/users/password/reset", form), http.StatusOK, "Your password is changed")
	b.wantPage(b.logIn("ada@example.com", "New@12345"), http.StatusOK, `role="search"`)
}

// A browser without JavaScript that opens the app is sent to the plain list.
func TestAppLeadsToThePlainList(t *testing.T) {
	s := newServer(t, nil)
	a := s.do(call{method: "GET", path: "/", header: map[string]string{"Accept": "text/html"}}).wantStatus(http.StatusOK)
	if !strings.Contains(string(a.body), `<noscript><meta http-equiv="refresh" content="0; url=/plain"></noscript>`) {
		t.Errorf("the page is %s", a.body)
	}
}
