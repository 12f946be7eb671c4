package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"bookplate/models"
)

// column is a column of a table that stores values of type T. field(&t) returns a pointer to the column's field in t.
type column[T any] struct {
	name  string
	field func(*T) any
}

// table describes how values of type T are stored. The lists of columns and of placeholders in the queries are made
// from it.
type table[T any] struct {
	columns      []column[T]
	names        string // the names of the columns, separated by commas
	placeholders string // a question mark for each column, separated by commas
}

func newTable[T any](columns ...column[T]) table[T] {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return table[T]{columns, strings.Join(names, ", "), strings.Repeat(", ?", len(columns))[2:]}
}

// insert returns the statement that inserts a T into the table with this name. more are the names of additional
// columns.
func (t table[T]) insert(name string, more ...string) string { return "INSERT" + t.into(name, more...) }

// replace is like insert, but it replaces a row with the same primary key.
func (t table[T]) replace(name string, more ...string) string {
	return "REPLACE" + t.into(name, more...)
}

func (t table[T]) into(name string, more ...string) string {
	columns, placeholders := t.names, t.placeholders
	for _, column := range more {
		columns, placeholders = columns+", "+column, placeholders+", ?"
	}
	return " INTO " + name + " (" + columns + ") VALUES (" + placeholders + ")"
}

// has reports whether the table has a column of that name.
func (t table[T]) has(name string) bool {
	return slices.ContainsFunc(t.columns, func(c column[T]) bool { return c.name == name })
}

// qualified returns the names of the columns with the table's alias in front of each, for a join.
func (t table[T]) qualified(alias string) string {
	return alias + "." + strings.ReplaceAll(t.names, ", ", ", "+alias+".")
}

// fields returns pointers to the fields of a row, in the order of the columns.
func (t table[T]) fields(row *T) []any {
	fields := make([]any, len(t.columns), len(t.columns)+1) // shelvedFields and lentFields append one field
	for i, c := range t.columns {
		fields[i] = c.field(row)
	}
	return fields
}

// values returns the values of a row, in the order of the columns.
func (t table[T]) values(row T) []any {
	values := t.fields(&row)
	for i, field := range values {
		values[i] = storedValue(field)
	}
	return values
}

// storedValue returns the value to store for a field. It panics for a type that no column has.
func storedValue(field any) any {
	switch f := field.(type) {
	case *string:
		return *f
	case *bool:
		return *f
	case *[]byte:
		return *f
	case *int:
		return *f
	case *timeColumn:
		return time.Time(*f).UnixMilli()
	case driver.Valuer:
		return f
	}
	panic(fmt.Sprintf("cannot store a %T in a column", field))
}

var (
	userTable = newTable(
		column[models.User]{"id", func(u *models.User) any { return (*string)(&u.ID) }},
		column[models.User]{"email", func(u *models.User) any { return &u.Email }},
		column[models.User]{"username", func(u *models.User) any { return &u.Username }},
		column[models.User]{"name", func(u *models.User) any { return &u.Name }},
		column[models.User]{"first_name", func(u *models.User) any { return &u.FirstName }},
		column[models.User]{"last_name", func(u *models.User) any { return &u.LastName }},
		column[models.User]{"password_hash", func(u *models.User) any { return &u.PasswordHash }},
		column[models.User]{"active", func(u *models.User) any { return &u.Active }},
		column[models.User]{"pending", func(u *models.User) any { return &u.Pending }},
		column[models.User]{"role", func(u *models.User) any { return (*string)(&u.Role) }},
		column[models.User]{"has_readings", func(u *models.User) any { return &u.HasReadings }},
		column[models.User]{"created_at", func(u *models.User) any { return (*timeColumn)(&u.CreatedAt) }},
		column[models.User]{"updated_at", func(u *models.User) any { return (*timeColumn)(&u.UpdatedAt) }},
	)
	bookTable = newTable(
		column[models.Book]{"id", func(b *models.Book) any { return (*string)(&b.ID) }},
		column[models.Book]{"user_id", func(b *models.Book) any { return (*string)(&b.UserID) }},
		column[models.Book]{"title", func(b *models.Book) any { return &b.Title }},
		column[models.Book]{"category", func(b *models.Book) any { return &b.Category }},
		column[models.Book]{"cover", func(b *models.Book) any { return &b.Cover.Name }},
		column[models.Book]{"cover_sizes", func(b *models.Book) any { return (*sizesColumn)(&b.Cover.Sizes) }},
		column[models.Book]{"version", func(b *models.Book) any { return &b.Version }},
		column[models.Book]{"lent", func(b *models.Book) any { return &b.Lent }},
		column[models.Book]{"image_url", func(b *models.Book) any { return &b.ImageURL }},
		column[models.Book]{"created_at", func(b *models.Book) any { return (*timeColumn)(&b.CreatedAt) }},
		column[models.Book]{"updated_at", func(b *models.Book) any { return (*timeColumn)(&b.UpdatedAt) }},
		column[models.Book]{"description", func(b *models.Book) any { return &b.Description }},
		column[models.Book]{"details", func(b *models.Book) any { return (*detailsColumn)(&b.BookDetails) }},
	)
	trashTable = newTable(append(slices.Clone(bookTable.columns),
		column[models.Book]{"trashed_at", func(b *models.Book) any { return (*timeColumn)(&b.TrashedAt) }},
	)...)
	sessionTable = newTable(
		column[models.Session]{"id", func(s *models.Session) any { return (*string)(&s.ID) }},
		column[models.Session]{"user_id", func(s *models.Session) any { return (*string)(&s.UserID) }},
		column[models.Session]{"created_at", func(s *models.Session) any { return (*timeColumn)(&s.CreatedAt) }},
		column[models.Session]{"expires_at", func(s *models.Session) any { return (*timeColumn)(&s.ExpiresAt) }},
		column[models.Session]{"refresh_hash", func(s *models.Session) any { return &s.RefreshHash }},
		column[models.Session]{"previous_hash", func(s *models.Session) any { return &s.PreviousHash }},
		column[models.Session]{"rotated_at", func(s *models.Session) any { return (*timeColumn)(&s.RotatedAt) }},
		column[models.Session]{"last_used_at", func(s *models.Session) any { return (*timeColumn)(&s.LastUsedAt) }},
		column[models.Session]{"ip", func(s *models.Session) any { return &s.IP }},
		column[models.Session]{"network", func(s *models.Session) any { return &s.Network }},
		column[models.Session]{"user_agent", func(s *models.Session) any { return &s.UserAgent }},
	)
	tokenTable = newTable(
		column[models.OneTimeToken]{"hash", func(t *models.OneTimeToken) any { return &t.Hash }},
		column[models.OneTimeToken]{"purpose", func(t *models.OneTimeToken) any { return (*string)(&t.Purpose) }},
		column[models.OneTimeToken]{"user_id", func(t *models.OneTimeToken) any { return (*string)(&t.UserID) }},
		column[models.OneTimeToken]{"email", func(t *models.OneTimeToken) any { return &t.Email }},
		column[models.OneTimeToken]{"expires_at", func(t *models.OneTimeToken) any { return (*timeColumn)(&t.ExpiresAt) }},
	)
	readingTable = newTable(
		column[models.Reading]{"user_id", func(r *models.Reading) any { return (*string)(&r.UserID) }},
		column[models.Reading]{"book_id", func(r *models.Reading) any { return (*string)(&r.BookID) }},
		column[models.Reading]{"status", func(r *models.Reading) any { return (*string)(&r.Status) }},
		column[models.Reading]{"rating", func(r *models.Reading) any { return (*int)(&r.Rating) }},
		column[models.Reading]{"progress", func(r *models.Reading) any { return jsonColumn{&r.Progress} }},
		column[models.Reading]{"reads", func(r *models.Reading) any { return jsonColumn{&r.Reads} }},
		column[models.Reading]{"created_at", func(r *models.Reading) any { return (*timeColumn)(&r.CreatedAt) }},
		column[models.Reading]{"updated_at", func(r *models.Reading) any { return (*timeColumn)(&r.UpdatedAt) }},
		column[models.Reading]{"review", func(r *models.Reading) any { return (*string)(&r.Review) }},
	)
	auditTable = newTable(
		column[models.AuditEntry]{"id", func(e *models.AuditEntry) any { return (*string)(&e.ID) }},
		column[models.AuditEntry]{"actor_id", func(e *models.AuditEntry) any { return (*string)(&e.ActorID) }},
		column[models.AuditEntry]{"action", func(e *models.AuditEntry) any { return (*string)(&e.Action) }},
		column[models.AuditEntry]{"target_id", func(e *models.AuditEntry) any { return (*string)(&e.TargetID) }},
		column[models.AuditEntry]{"detail", func(e *models.AuditEntry) any { return &e.Detail }},
		column[models.AuditEntry]{"at", func(e *models.AuditEntry) any { return (*timeColumn)(&e.At) }},
		column[models.AuditEntry]{"ip", func(e *models.AuditEntry) any { return &e.IP }},
	)
	loanTable = newTable(
		column[models.Loan]{"id", func(l *models.Loan) any { return (*string)(&l.ID) }},
		column[models.Loan]{"book_id", func(l *models.Loan) any { return (*string)(&l.BookID) }},
		column[models.Loan]{"lender_id", func(l *models.Loan) any { return (*string)(&l.LenderID) }},
		column[models.Loan]{"borrower_id", func(l *models.Loan) any { return (*string)(&l.BorrowerID) }},
		column[models.Loan]{"borrower", func(l *models.Loan) any { return &l.Borrower }},
		column[models.Loan]{"due", func(l *models.Loan) any { return (*int)(&l.Due) }},
		column[models.Loan]{"lent_at", func(l *models.Loan) any { return (*timeColumn)(&l.LentAt) }},
		column[models.Loan]{"returned_at", func(l *models.Loan) any { return (*timeColumn)(&l.ReturnedAt) }},
		column[models.Loan]{"reminded", func(l *models.Loan) any { return (*string)(&l.Reminded) }},
	)
	keyedTable = newTable(
		column[models.KeyedRequest]{"key", func(r *models.KeyedRequest) any { return &r.Key }},
		column[models.KeyedRequest]{"user_id", func(r *models.KeyedRequest) any { return (*string)(&r.UserID) }},
		column[models.KeyedRequest]{"fingerprint", func(r *models.KeyedRequest) any { return &r.Fingerprint }},
		column[models.KeyedRequest]{"created_id", func(r *models.KeyedRequest) any { return (*string)(&r.CreatedID) }},
		column[models.KeyedRequest]{"attempt", func(r *models.KeyedRequest) any { return &r.Attempt }},
		column[models.KeyedRequest]{"lease_until", func(r *models.KeyedRequest) any { return (*timeColumn)(&r.LeaseUntil) }},
		column[models.KeyedRequest]{"expires_at", func(r *models.KeyedRequest) any { return (*timeColumn)(&r.ExpiresAt) }},
		column[models.KeyedRequest]{"answer", func(r *models.KeyedRequest) any { return &r.Answer }},
	)
	sourceAnswerTable = newTable(
		column[models.SourceAnswer]{"source", func(a *models.SourceAnswer) any { return &a.Source }},
		column[models.SourceAnswer]{"isbn", func(a *models.SourceAnswer) any { return &a.ISBN }},
		column[models.SourceAnswer]{"record", func(a *models.SourceAnswer) any { return &a.Record }},
		column[models.SourceAnswer]{"expires_at", func(a *models.SourceAnswer) any { return (*timeColumn)(&a.ExpiresAt) }},
	)
	importTable = newTable(
		column[models.Import]{"id", func(i *models.Import) any { return (*string)(&i.ID) }},
		column[models.Import]{"user_id", func(i *models.Import) any { return (*string)(&i.UserID) }},
		column[models.Import]{"state", func(i *models.Import) any { return (*string)(&i.State) }},
		column[models.Import]{"next_batch", func(i *models.Import) any { return &i.NextBatch }},
		column[models.Import]{"created_at", func(i *models.Import) any { return (*timeColumn)(&i.CreatedAt) }},
		column[models.Import]{"started_at", func(i *models.Import) any { return (*timeColumn)(&i.StartedAt) }},
		column[models.Import]{"finished_at", func(i *models.Import) any { return (*timeColumn)(&i.FinishedAt) }},
		column[models.Import]{"file_name", func(i *models.Import) any { return &i.FileName }},
		column[models.Import]{"format", func(i *models.Import) any { return &i.Format }},
		column[models.Import]{"options", func(i *models.Import) any { return jsonColumn{&i.ImportOptions} }},
		column[models.Import]{"columns", func(i *models.Import) any { return jsonColumn{&i.Columns} }},
		column[models.Import]{"reason", func(i *models.Import) any { return &i.Reason }},
		column[models.Import]{"total", func(i *models.Import) any { return &i.Total }},
		column[models.Import]{"batches", func(i *models.Import) any { return &i.Batches }},
		column[models.Import]{"outcomes", func(i *models.Import) any { return jsonColumn{&i.Outcomes} }},
	)
	importBatchTable = newTable(
		column[models.ImportBatch]{"import_id", func(b *models.ImportBatch) any { return (*string)(&b.ImportID) }},
		column[models.ImportBatch]{"number", func(b *models.ImportBatch) any { return &b.Number }},
		column[models.ImportBatch]{"lines", func(b *models.ImportBatch) any { return jsonColumn{&b.Lines} }},
		column[models.ImportBatch]{"rows", func(b *models.ImportBatch) any { return jsonColumn{&b.Rows} }},
	)
	shelfTable = newTable(
		column[models.ShelfRecord]{"user_id", func(s *models.ShelfRecord) any { return (*string)(&s.UserID) }},
		column[models.ShelfRecord]{"shelf", func(s *models.ShelfRecord) any { return &s.Shelf }},
		column[models.ShelfRecord]{"book_id", func(s *models.ShelfRecord) any { return (*string)(&s.BookID) }},
		column[models.ShelfRecord]{"place", func(s *models.ShelfRecord) any { return (*string)(&s.Place) }},
	)
	goalTable = newTable(
		column[models.GoalRecord]{"user_id", func(g *models.GoalRecord) any { return (*string)(&g.UserID) }},
		column[models.GoalRecord]{"year", func(g *models.GoalRecord) any { return &g.Year }},
		column[models.GoalRecord]{"books", func(g *models.GoalRecord) any { return (*int)(&g.Books) }},
	)
	throttleTable = newTable(
		column[models.TallyRecord]{"key", func(t *models.TallyRecord) any { return &t.Key }},
		column[models.TallyRecord]{"count", func(t *models.TallyRecord) any { return &t.Count }},
		column[models.TallyRecord]{"at", func(t *models.TallyRecord) any { return (*timeColumn)(&t.At) }},
		column[models.TallyRecord]{"expires_at", func(t *models.TallyRecord) any { return (*timeColumn)(&t.ExpiresAt) }},
	)
)

func shelfFields(s *models.Shelf) []any { return []any{&s.Name, &s.Books} }

func placeField(p *models.Place) []any { return []any{(*string)(p)} }

func shelvedFields(b *models.ShelvedBook) []any {
	return append(bookTable.fields(&b.Book), (*string)(&b.Place))
}

// readBook is a book with a user's reading record of it.
type readBook struct {
	book    models.Book
	reading models.Reading
}

func readBookFields(b *readBook) []any {
	return append(bookTable.fields(&b.book), readingTable.fields(&b.reading)...)
}

func lentFields(l *models.LentBook) []any { return append(loanTable.fields(&l.Loan), &l.Title) }

// intField returns the destination for a query that returns one integer.
func intField(n *int64) []any { return []any{n} }

// timeColumn stores a time as milliseconds since 1970 in UTC. The zero time is stored as a negative number.
type timeColumn time.Time

// Scan implements sql.Scanner.
func (t *timeColumn) Scan(value any) error {
	ms, ok := value.(int64)
	if !ok {
		return fmt.Errorf("cannot read a time from a %T", value)
	}
	*t = timeColumn(time.UnixMilli(ms).UTC())
	return nil
}

// sizesColumn stores the sizes of a cover as text, separated by commas. A list reads such a text for each book, and
// this form is the fastest to read.
type sizesColumn []int

// Value implements driver.Valuer.
func (s sizesColumn) Value() (driver.Value, error) {
	var text []byte
	for i, size := range s {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(size), 10)
	}
	return string(text), nil
}

// Scan implements sql.Scanner.
func (s *sizesColumn) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("cannot read cover sizes from a %T", value)
	}
	*s = nil
	if text != "" {
		*s = make(sizesColumn, 0, 1+strings.Count(text, ","))
	}
	for text != "" {
		digits, rest, _ := strings.Cut(text, ",")
		size, err := strconv.Atoi(digits)
		if err != nil {
			return fmt.Errorf("cannot read cover sizes: %w", err)
		}
		*s, text = append(*s, size), rest
	}
	return nil
}

// jsonColumn stores a value as JSON. Its field is a pointer to the value.
type jsonColumn struct{ to any }

// Value implements driver.Valuer.
func (c jsonColumn) Value() (driver.Value, error) {
	text, err := json.Marshal(c.to)
	return string(text), err
}

// Scan implements sql.Scanner. It clears the value first, because the value of an earlier row may have the same arrays.
func (c jsonColumn) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("cannot read JSON from a %T", value)
	}
	reflect.ValueOf(c.to).Elem().SetZero()
	return json.Unmarshal([]byte(text), c.to)
}

// detailsColumn stores the details of a book as one JSON object, or as an empty text if the book has none. Most lists
// show all details, and reading one column is faster than reading twelve.
type detailsColumn models.BookDetails

// Value implements driver.Valuer.
func (d detailsColumn) Value() (driver.Value, error) {
	if models.BookDetails(d).IsZero() {
		return "", nil
	}
	return jsonColumn{d}.Value()
}

// Scan implements sql.Scanner.
func (d *detailsColumn) Scan(value any) error {
	*d = detailsColumn{}
	if value == "" {
		return nil
	}
	return jsonColumn{(*models.BookDetails)(d)}.Scan(value)
}

// storedTime returns t in UTC and with a precision of milliseconds, as it will be read from a timeColumn.
func storedTime(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }
