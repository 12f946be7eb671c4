package mongo

import (
	"fmt"
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// benchStore returns a store with one account, its session and its 20 books.
func benchStore(b *testing.B) (s *Store, session models.Session, books []models.Book) {
	b.Helper()
	s = open(b, storagetest.MongoURL(b))
	user := models.User{ID: models.NewID(updatedAt), Name: "Ada", Email: "ada@example.com", Active: true, Role: models.RoleUser}
	session = models.Session{ID: models.NewID(updatedAt), UserID: user.ID}
	err := s.Users().Create(b.Context(), user)
	if err == nil {
		err = s.Sessions().Create(b.Context(), session)
	}
	for i := range 20 {
		texts := models.BookTexts{Title: fmt.Sprint("Emma ", i), Category: "romance"}
		book := models.Book{ID: models.NewID(updatedAt), UserID: user.ID, BookTexts: texts}
		books = append(books, book)
		if err == nil {
			err = s.Books().Create(b.Context(), book)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
	return s, session, books
}

// bench measures call.
func bench(b *testing.B, call func(i int) error) {
	b.Helper()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := call(i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	s, session, _ := benchStore(b)
	bench(b, func(int) error {
		_, _, err := s.Sessions().Authenticate(b.Context(), session.ID, session.UserID)
		return err
	})
}

func BenchmarkGet(b *testing.B) {
	s, _, books := benchStore(b)
	bench(b, func(i int) error {
		_, err := s.Books().Get(b.Context(), books[i%len(books)].ID)
		return err
	})
}

func BenchmarkList20(b *testing.B) {
	s, session, _ := benchStore(b)
	bench(b, func(int) error {
		_, err := s.Books().List(b.Context(), models.BookFilter{UserID: session.UserID, Sort: models.SortCreated, Limit: 20})
		return err
	})
}

func BenchmarkCreate(b *testing.B) {
	s, session, _ := benchStore(b)
	bench(b, func(i int) error {
		texts := models.BookTexts{Title: fmt.Sprint(i)}
		return s.Books().Create(b.Context(), models.Book{ID: models.NewID(updatedAt), UserID: session.UserID, BookTexts: texts})
	})
}

func BenchmarkUpdate(b *testing.B) {
	s, session, books := benchStore(b)
	bench(b, func(i int) error {
		up := models.BookUpdate{Title: new(fmt.Sprint("Renamed ", i)), UpdatedAt: updatedAt}
		_, _, err := s.Books().Update(b.Context(), books[0].ID, session.UserID, up)
		return err
	})
}
