package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// If the deletion of a book is interrupted, its loans remain, but no method returns them.
func TestLoansThatOutliveTheirBook(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	owner := models.User{ID: models.NewID(updatedAt), Email: "ada@example.com", Active: true}
	check(t, s.Users().Create(t.Context(), owner))
	var loans []models.Loan
	for _, title := range []string{"Emma", "Dune", "Carrie"} {
		b := models.Book{ID: models.NewID(updatedAt), UserID: owner.ID, BookTexts: models.BookTexts{Title: title}}
		check(t, s.Books().Create(t.Context(), b))
		l := models.Loan{ID: models.NewID(updatedAt), BookID: b.ID, LenderID: owner.ID, Borrower: "Bob"}
		check(t, s.Loans().Create(t.Context(), l, 1))
		loans = append(loans, l)
	}
	for _, i := range []int{0, 2} {
		_, err := s.db.Collection(booksName).DeleteOne(t.Context(), bson.M{"_id": objectID(loans[i].BookID)})
		check(t, err)
		if _, err := s.Loans().Get(t.Context(), loans[i].ID); models.CodeOf(err) != models.NotFound {
			t.Errorf("Get of a loan whose book is gone: %v", err)
		}
		if _, err := s.Loans().Update(t.Context(), loans[i].ID, models.LoanUpdate{Due: new(models.Date(20240506))}); models.CodeOf(err) != models.NotFound {
			t.Errorf("Update of a loan whose book is gone: %v", err)
		}
	}
	for _, limit := range []int{1, 9} {
		page, err := s.Loans().List(t.Context(), models.LoanFilter{LenderID: owner.ID, Limit: limit})
		check(t, err)
		if len(page) != 1 || page[0].ID != loans[1].ID {
			t.Errorf("a page of %d: %+v", limit, page)
		}
	}
}
