package tests

import (
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"bookplate/storage/storagetest"
)

// These are hashes of the tests' password, made by Werkzeug's generate_password_hash.
const (
	werkzeugPBKDF2 = "pbkdf2:sha256:260000$Xq3vT9bWc1Lm7RzK$51c74a9c7393e90980d49b27c6d46547c4274f7c5c6737f4dc8a663e16dc4087"
	werkzeugScrypt = "scrypt:32768:8:1$p2Hn8sYd4GfJ6kQw$a14dee559b65dc430e7d23f238aad5f14d804a6c736635052312cde06b2e569f" +
		"a69933023e4c7e733d1528cfb625ffd4cc20e05d7d986c4301038133ef63b2cc"
)

func oldUser(n byte, email, hash string) document {
	return document{"_id": oid(n), "name": "Ada Lovelace", "email": email, "password": hash, "active": true}
}

func oldBook(n byte, title, category string) document {
	return document{
		"_id": oid(n), "title": title, "description": "About it", "category": category, "user_id": oid(1).Hex(),
		"image_url": "http://localhost:5000/static/books/" + oid(n).Hex() + ".jpg",
	}
}

// These are the documents of a database of the tutorial. It has an account for each kind of hash, a duplicate account
// and a duplicate book. Two concurrent requests could create such duplicates.
var (
	ada       = oldUser(1, "Ada@example.com", werkzeugPBKDF2)
	grace     = oldUser(2, "grace@example.com", werkzeugScrypt)
	adaAgain  = oldUser(3, "Ada@example.com", werkzeugPBKDF2)
	emma      = oldBook(1, "Emma", "horror")
	emmaAgain = oldBook(2, "Emma", "horror")
	poem      = oldBook(3, "Poems", "peotry")
)

func TestDatabaseOfTheTutorial(t *testing.T) {
	t.Parallel()
	url := storagetest.MongoURL(t)
	db := rawMongo(t, url)
	insertRaw(t, db, "users", ada, grace, adaAgain)
	insertRaw(t, db, "books", emma, emmaAgain, poem)
	s := startServer(t, "DATABASE_URL="+url)
	s.eventuallyReady()

	token := wantOldLogin(s, "ada@example.com", oid(1).Hex())
	wantOldLogin(s, "grace@example.com", oid(2).Hex())
	wantOldBooks(s, token)
	s.do(signUp("ADA@example.com"), http.StatusConflict)
	s.do(newBook(token, "Emma"), http.StatusBadRequest)

	users, books := readRaw(t, db, "users"), readRaw(t, db, "books")
	wantRehashed(t, users[oid(1)], with(ada, "email_key", "ada@example.com"))
	wantRehashed(t, users[oid(2)], with(grace, "email_key", "grace@example.com"))
	wantDocument(t, users[oid(3)], adaAgain)
	for _, b := range books {
		wantDerived(t, b)
	}
	wantDocument(t, books[oid(1)], with(emma, "title_key", oid(1).Hex()+"/Emma"))
	wantDocument(t, books[oid(2)], emmaAgain)
	wantDocument(t, books[oid(3)], with(poem, "title_key", oid(1).Hex()+"/Poems"))

	// A duplicate of a book can get a new cover.
	b := data[book](t, s.do(withForm("PUT", "/books/"+oid(2).Hex(), token, picture), http.StatusCreated))
	s.wantCover(b)
	if b.Title != "Emma" || b.Category != "horror" || b.Description != "About it" {
		t.Errorf("with its new cover: %+v", b)
	}
}

// wantOldLogin logs in twice and returns a token. The first log-in uses the old hash and replaces it, and the second
// one uses the new hash.
func wantOldLogin(s *server, email, id string) string {
	s.Helper()
	s.do(login(email), http.StatusOK)
	u := data[user](s, s.do(login(email), http.StatusOK))
	if u.ID != id || u.Name != "Ada Lovelace" || u.Token == "" {
		s.Errorf("logged in as %+v, want %s", u, id)
	}
	return u.Token
}

func wantOldBooks(s *server, token string) {
	s.Helper()
	listed := s.books(token)
	if len(listed) != 3 {
		s.Fatalf("listed %+v, want 3 books", listed)
	}
	for i, old := range []document{emma, emmaAgain, poem} {
		b := listed[i]
		if b.Title != old["title"] || b.ImageURL != old["image_url"] || b.UserID != oid(1).Hex() || b.Description != "About it" {
			s.Errorf("listed %+v, stored %v", b, old)
		}
		if got := data[book](s, s.do(get("/books/"+b.ID, token), http.StatusOK)); got != b {
			s.Errorf("listed %+v, got %+v", b, got)
		}
	}
}

// wantDerived checks that a stored book has the computed fields by which it is found and sorted, and removes these fields
// from it.
func wantDerived(t *testing.T, book document) {
	t.Helper()
	for _, field := range []string{"terms", "has_cover", "decade", "title_sort", "author_sort", "series_sort", "published_sort"} {
		if _, found := book[field]; !found {
			t.Errorf("stored %v without %s", book, field)
		}
		delete(book, field)
	}
}

// with returns a copy of a document with one more field.
func with(doc document, field string, value any) document {
	doc = maps.Clone(doc)
	doc[field] = value
	return doc
}

// wantRehashed checks that a document has an argon2id hash and otherwise equals want.
func wantRehashed(t *testing.T, got, want document) {
	t.Helper()
	if hash, _ := got["password"].(string); !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("after log-in the hash is %v", got["password"])
	}
	wantDocument(t, with(got, "password", nil), with(want, "password", nil))
}

func wantDocument(t *testing.T, got, want document) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("stored %v\nwant   %v", got, want)
	}
}
