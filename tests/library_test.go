package tests

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
)

const password = "445hD#@%yu78"

// picture is a small PNG.
var picture = func() string {
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	img.Set(2, 3, color.White)
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.String()
}()

// user is an account as clients see it, with the tokens of a log-in.
type user struct {
	ID    string `json:"_id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	tokens
}

// tokens are what log-in and refresh return.
type tokens struct {
	Token        string `json:"token"`
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

func signUp(email string) request {
	return withJSON("POST", "/users/", "", fmt.Sprintf(`{"name":"Ada Lovelace","email":%q,"password":%q}`, email, password))
}

func login(email string) request {
	return withJSON("POST", "/users/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
}

// newBook returns the request that adds a book.
func newBook(token, title string) request {
	return withForm("POST", "/books/", token, picture, "title", title, "category", "science", "description", "About "+title)
}

// signedIn creates an account and logs in.
func (s *server) signedIn(email string) user {
	s.Helper()
	s.do(signUp(email), http.StatusCreated)
	return data[user](s, s.do(login(email), http.StatusOK))
}

// addBook adds a book for the token's user.
func (s *server) addBook(token, title string) book {
	s.Helper()
	return data[book](s, s.do(newBook(token, title), http.StatusCreated))
}

// books lists the books of the token's user.
func (s *server) books(token string) []book {
	s.Helper()
	return data[[]book](s, s.do(get("/books/", token), http.StatusOK))
}

// wantCover checks that a book's cover opens in all sizes and is a JPEG.
func (s *server) wantCover(b book) {
	s.Helper()
	path, ours := strings.CutPrefix(b.ImageURL, "http://"+s.addr)
	if !ours || !strings.HasSuffix(path, "-150.jpg") {
		s.Errorf("the cover of %+v is not on this server", b)
		return
	}
	for _, size := range []string{"150", "300", "600"} {
		a, err := s.send(get(strings.TrimSuffix(path, "150.jpg")+size+".jpg", ""))
		if err != nil || a.status != http.StatusOK || !strings.HasPrefix(a.body, "\xff\xd8\xff") {
			s.Errorf("the cover of %+v does not open in size %s: %v: %d %.80q", b, size, err, a.status, a.body)
		}
	}
}
