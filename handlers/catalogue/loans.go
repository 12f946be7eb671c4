package catalogue

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var errLoanNotFound = &models.Error{Code: models.NotFound, Message: "Loan not found"}

// loanView is a loan as its lender and its borrower see it.
type loanView struct {
	ID         models.ID        `json:"_id"`
	BookID     models.ID        `json:"book_id"`
	Title      string           `json:"title"`
	LenderID   models.ID        `json:"lender_id"`
	BorrowerID *models.ID       `json:"borrower_id"` // null if the borrower has no account
	To         string           `json:"to"`
	Due        models.Date      `json:"due"` // null if there is no due date
	State      models.LoanState `json:"state"`
	LentAt     *string          `json:"lent_at"`
	ReturnedAt *string          `json:"returned_at"`
}

func viewLoan(l models.LentBook, today models.Date) loanView {
	return loanView{
		ID: l.ID, BookID: l.BookID, Title: l.Title, LenderID: l.LenderID, BorrowerID: web.OrNull(l.BorrowerID),
		To: l.Borrower, Due: l.Due, State: l.State(today),
		LentAt: web.Timestamp(l.LentAt), ReturnedAt: web.Timestamp(l.ReturnedAt),
	}
}

// loanRequest is the body of a request that makes or changes a loan.
type loanRequest struct {
	To  string  `json:"to"`
	Due *string `json:"due"`
}

// readDue checks the due date of a request and returns it. The date is zero if the request has none.
func (h *Handlers) readDue(in *web.Body, request loanRequest) models.Date {
	if request.Due == nil || *request.Due == "" {
		return 0
	}
	due, err := models.ParseDate(*request.Due)
	in.Check("due", err)
	in.Check("due", models.CheckDue(due, h.Loans.Today()))
	return due
}

// LendBook lends a book.
func (h *Handlers) LendBook(c *gin.Context) error {
	var request loanRequest
	in, err := web.Read(c, &request)
	if err != nil {
		return err
	}
	b, err := h.editableBook(c)
	if err != nil {
		return err
	}
	in.Check("to", models.CheckBorrower(request.To))
	due := h.readDue(in, request)
	if err := in.Invalid(); err != nil {
		return err
	}
	loan, err := h.Loans.Lend(c.Request.Context(), web.CreatedID(c), middleware.ActorOf(c), b, request.To, due)
	if err != nil {
		return replaceNotFound(err, errNotUsersBook)
	}
	return h.respondLoan(c, http.StatusCreated, "successfully lent a book", loan)
}

// BookLoans lists the loans of a book.
func (h *Handlers) BookLoans(c *gin.Context) error {
	b, err := h.editableBook(c)
	if err != nil {
		return err
	}
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	if err := h.Loans.NoteReading(c.Request.Context(), middleware.ActorOf(c), b); err != nil {
		return err
	}
	return h.listLoans(c, page, models.LoanFilter{BookID: b.ID})
}

// ListLoans lists the loans of the caller's books, or the loans of books that the caller has borrowed.
func (h *Handlers) ListLoans(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	var f models.LoanFilter
	wrong := models.Fields{}
	switch user := middleware.UserOf(c).ID; c.DefaultQuery("direction", "lent") {
	case "lent":
		f.LenderID = user
	case "borrowed":
		f.BorrowerID = user
	default:
		wrong["direction"] = "must be lent or borrowed"
	}
	if state, found := c.GetQuery("state"); found {
		f.State = models.LoanState(state)
		switch f.State {
		case models.LoanOpen, models.LoanOverdue, models.LoanReturned:
		default:
			wrong["state"] = "must be open, overdue or returned"
		}
	}
	if err := models.InvalidFields(wrong); err != nil {
		return err
	}
	return h.listLoans(c, page, f)
}

// listLoans answers with the loans that match a filter.
func (h *Handlers) listLoans(c *gin.Context, page web.Page, f models.LoanFilter) error {
	today := h.Loans.Today()
	return web.List[models.LentBook]{
		Message: "successfully retrieved all loans",
		Fetch: func(after *models.Cursor, limit int) ([]models.LentBook, error) {
			f.Limit = limit
			if after != nil {
				f.Before = after.ID
			}
			return h.Loans.List(c.Request.Context(), f)
		},
		Cursor: func(l models.LentBook) models.Cursor { return models.Cursor{ID: l.ID} },
		View:   func(l models.LentBook) any { return viewLoan(l, today) },
	}.Respond(c, h.Links, page)
}

// ChangeLoan changes the due date of a loan.
func (h *Handlers) ChangeLoan(c *gin.Context) error {
	id, err := pathID(c, "id", errLoanNotFound)
	if err != nil {
		return err
	}
	var request loanRequest
	in, err := web.Read(c, &request)
	if err != nil {
		return err
	}
	if !in.Has("due") {
		in.Require("due", "")
	}
	due := h.readDue(in, request)
	if err := in.Invalid(); err != nil {
		return err
	}
	loan, err := h.Loans.SetDue(c.Request.Context(), middleware.ActorOf(c), id, due)
	if err != nil {
		return replaceNotFound(err, errLoanNotFound)
	}
	return h.respondLoan(c, http.StatusOK, "successfully changed a loan", loan)
}

// ReturnLoan records that a book has been returned.
func (h *Handlers) ReturnLoan(c *gin.Context) error {
	id, err := pathID(c, "id", errLoanNotFound)
	if err != nil {
		return err
	}
	loan, err := h.Loans.Return(c.Request.Context(), middleware.ActorOf(c), id)
	if err != nil {
		return replaceNotFound(err, errLoanNotFound)
	}
	return h.respondLoan(c, http.StatusOK, "successfully returned a book", loan)
}

// RemindBorrower queues a reminder to the borrower of a loan.
func (h *Handlers) RemindBorrower(c *gin.Context) error {
	id, err := pathID(c, "id", errLoanNotFound)
	if err != nil {
		return err
	}
	loan, err := h.Loans.Remind(c.Request.Context(), middleware.ActorOf(c), id)
	if err != nil {
		return replaceNotFound(err, errLoanNotFound)
	}
	return h.respondLoan(c, http.StatusAccepted, "the borrower will get a reminder by mail", loan)
}

func (h *Handlers) respondLoan(c *gin.Context, status int, message string, l models.LentBook) error {
	web.Respond(c, status, message, viewLoan(l, h.Loans.Today()))
	return nil
}
