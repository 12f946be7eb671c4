package transfer

import (
	"fmt"
	"slices"
	"time"

	"bookplate/models"
)

// timestamp is a time in an exported file: RFC 3339 in UTC with milliseconds. The zero time is omitted.
type timestamp time.Time

func (t timestamp) IsZero() bool { return time.Time(t).IsZero() }

func (t timestamp) time() time.Time { return time.Time(t) }

// MarshalText implements encoding.TextMarshaler.
func (t timestamp) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *timestamp) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.RFC3339, string(text))
	if err != nil || parsed.Year() < 1970 {
		return fmt.Errorf("%q is not a time such as 2026-01-31T12:00:00.000Z", text)
	}
	*t = timestamp(parsed.UTC().Truncate(time.Millisecond))
	return nil
}

// bookRecord is a book in an exported file.
type bookRecord struct {
	ID models.ID `json:"_id"`
	models.BookTexts
	models.BookDetails
	ImageURL  string    `json:"image_url,omitzero"` // the URL of a cover that the tutorial's code stored
	CreatedAt timestamp `json:"created_at,omitzero"`
	UpdatedAt timestamp `json:"updated_at,omitzero"`
}

func recordBook(b models.Book) bookRecord {
	return bookRecord{b.ID, b.BookTexts, b.BookDetails, b.ImageURL, timestamp(b.CreatedAt), timestamp(b.UpdatedAt)}
}

// trashRecord is a book in the trash, in an exported file. It includes the owner's reading record, the loans and the
// places on the owner's shelves, because the other files have no data about books in the trash.
type trashRecord struct {
	bookRecord
	TrashedAt timestamp      `json:"trashed_at"`
	Reading   *readingFields `json:"reading"`          // null if there is none
	Loans     []trashLoan    `json:"loans,omitzero"`   // latest first
	Shelves   []trashPlace   `json:"shelves,omitzero"` // sorted by name
}

// trashLoan is a loan of a book in the trash.
type trashLoan struct {
	ID models.ID `json:"_id"`
	loanFields
}

// trashPlace is the place of a book in the trash on a shelf.
type trashPlace struct {
	Shelf string       `json:"shelf"`
	Place models.Place `json:"place"`
}

func recordTrash(b trashedBook) trashRecord {
	record := trashRecord{
		bookRecord: recordBook(b.Book), TrashedAt: timestamp(b.TrashedAt), Reading: recordBookReading(b.Book),
	}
	for _, l := range b.loans {
		record.Loans = append(record.Loans, trashLoan{l.ID, recordLoanFields(l)})
	}
	for _, p := range b.places {
		record.Shelves = append(record.Shelves, trashPlace{p.Shelf, p.Place})
	}
	return record
}

// recordBookReading returns the exported form of a book's reading record, or nil if there is none.
func recordBookReading(b models.Book) *readingFields {
	if b.Reading == nil {
		return nil
	}
	return new(recordReading(*b.Reading))
}

// readingFields are the fields of a reading record in an exported file.
type readingFields struct {
	Status    models.ReadingStatus `json:"status"`
	Rating    models.Rating        `json:"rating"`
	Progress  models.Progress      `json:"progress"`
	Reads     models.Reads         `json:"reads"`
	Review    models.Review        `json:"review"`
	CreatedAt timestamp            `json:"created_at"`
	UpdatedAt timestamp            `json:"updated_at"`
}

func recordReading(r models.Reading) readingFields {
	return readingFields{r.Status, r.Rating, r.Progress, r.Reads, r.Review, timestamp(r.CreatedAt), timestamp(r.UpdatedAt)}
}

// update returns the update that stores these fields. It does not set the times.
func (r readingFields) update() models.ReadingUpdate {
	return models.ReadingUpdate{
		Status: &r.Status, Rating: &r.Rating, Progress: &r.Progress, Reads: &r.Reads, Review: &r.Review,
	}
}

// check returns an error that names the invalid fields.
func (r readingFields) check() error {
	wrong := models.Fields{}
	r.update().Check(func(name string, reason error) {
		if reason != nil {
			wrong[name] = reason.Error()
		}
	})
	for name, at := range map[string]timestamp{"created_at": r.CreatedAt, "updated_at": r.UpdatedAt} {
		if at.IsZero() {
			wrong[name] = models.ErrRequired.Error()
		}
	}
	return models.InvalidFields(wrong)
}

// readingRecord is a reading record in an exported file. The book may belong to another account.
type readingRecord struct {
	BookID models.ID `json:"book_id"`
	readingFields
}

// loanRecord is a loan in an exported file.
type loanRecord struct {
	ID     models.ID `json:"_id"`
	BookID models.ID `json:"book_id"`
	loanFields
}

func recordLoan(l models.Loan) loanRecord { return loanRecord{l.ID, l.BookID, recordLoanFields(l)} }

// loanFields are the fields of a loan in an exported file. They have the borrower's name, but not the borrower's account,
// which belongs to another person.
type loanFields struct {
	Borrower   string          `json:"to"`
	Due        models.Date     `json:"due"`
	LentAt     timestamp       `json:"lent_at"`
	ReturnedAt timestamp       `json:"returned_at,omitzero"`
	Reminded   models.Reminder `json:"reminded,omitzero"`
}

func recordLoanFields(l models.Loan) loanFields {
	return loanFields{l.Borrower, l.Due, timestamp(l.LentAt), timestamp(l.ReturnedAt), l.Reminded}
}

// check returns an error that names the invalid fields.
func (l loanFields) check() error {
	wrong := models.Fields{}
	if err := models.CheckBorrower(l.Borrower); err != nil {
		wrong["to"] = err.Error()
	}
	if l.LentAt.IsZero() {
		wrong["lent_at"] = models.ErrRequired.Error()
	}
	if !slices.Contains([]models.Reminder{models.NoReminder, models.RemindSoon, models.RemindLate}, l.Reminded) {
		wrong["reminded"] = "must be soon or late"
	}
	return models.InvalidFields(wrong)
}

// update returns the later changes of the loan: its return and its reminders.
func (l loanFields) update() (up models.LoanUpdate) {
	if !l.ReturnedAt.IsZero() {
		up.ReturnedAt = new(l.ReturnedAt.time())
	}
	if l.Reminded != models.NoReminder {
		up.Reminded = &l.Reminded
	}
	return up
}

// placeRecord is the place of a book on a shelf, in an exported file. The book may belong to another account.
type placeRecord struct {
	Shelf  string       `json:"shelf"`
	BookID models.ID    `json:"book_id"`
	Place  models.Place `json:"place"`
}

type goalRecord struct {
	Year  int         `json:"year"`
	Books models.Goal `json:"books"`
}

// profileRecord is the profile of an account in an exported file. It has no password.
type profileRecord struct {
	Name      string      `json:"name"`
	FirstName string      `json:"first_name"`
	LastName  string      `json:"last_name"`
	Email     string      `json:"email"`
	Username  string      `json:"username"`
	Role      models.Role `json:"role"`
	CreatedAt timestamp   `json:"created_at,omitzero"`
}

func recordProfile(u models.User) profileRecord {
	return profileRecord{u.Name, u.FirstName, u.LastName, u.Email, u.Username, u.Role, timestamp(u.CreatedAt)}
}
