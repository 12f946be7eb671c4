package sqlite

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bookplate/models"
)

// The columns of each table, in the order in which the fields (to read) and the values (to store) follow below.
const (
	userColumns = "id, email, username, name, first_name, last_name, password_hash, active, pending, role, " +
		"created_at, updated_at"
	bookColumns    = "id, user_id, title, category, cover, cover_sizes, image_url, created_at, updated_at, description"
	sessionColumns = "id, user_id, created_at, expires_at, refresh_hash, previous_hash, rotated_at, last_used_at, ip, " +
		"network, user_agent"
	auditColumns   = "id, actor_id, action, target_id, detail, at, ip"
	oneTimeColumns = "hash, purpose, user_id, email, expires_at"
	// Of a table that has its key beside them.
	throttleColumns = "count, at, expires_at"
	// The columns of a book, and where it stands.
	shelvedColumns = "b.id, b.user_id, b.title, b.category, b.cover, b.cover_sizes, b.image_url, b.created_at, " +
		"b.updated_at, b.description, s.place"
)

func userFields(u *models.User) []any {
	return []any{
		(*string)(&u.ID), &u.Email, &u.Username, &u.Name, &u.FirstName, &u.LastName, &u.PasswordHash, &u.Active, &u.Pending,
		(*string)(&u.Role), (*timeColumn)(&u.CreatedAt), (*timeColumn)(&u.UpdatedAt),
	}
}

func userValues(u models.User) []any {
	return []any{
		string(u.ID), u.Email, u.Username, u.Name, u.FirstName, u.LastName, u.PasswordHash, u.Active, u.Pending, string(u.Role),
		u.CreatedAt.UnixMilli(), u.UpdatedAt.UnixMilli(),
	}
}

func bookFields(b *models.Book) []any {
	return []any{
		(*string)(&b.ID), (*string)(&b.UserID), &b.Title, &b.Category, &b.Cover.Name, (*sizesColumn)(&b.Cover.Sizes), &b.ImageURL,
		(*timeColumn)(&b.CreatedAt), (*timeColumn)(&b.UpdatedAt), &b.Description,
	}
}

func bookValues(b models.Book) []any {
	return []any{
		string(b.ID), string(b.UserID), b.Title, b.Category, b.Cover.Name, sizesColumn(b.Cover.Sizes), b.ImageURL,
		b.CreatedAt.UnixMilli(), b.UpdatedAt.UnixMilli(), b.Description,
	}
}

func sessionFields(s *models.Session) []any {
	return []any{
		(*string)(&s.ID), (*string)(&s.UserID), (*timeColumn)(&s.CreatedAt), (*timeColumn)(&s.ExpiresAt),
		&s.RefreshHash, &s.PreviousHash, (*timeColumn)(&s.RotatedAt), (*timeColumn)(&s.LastUsedAt), &s.IP,
		&s.Network, &s.UserAgent,
	}
}

func sessionValues(s models.Session) []any {
	return []any{
		string(s.ID), string(s.UserID), s.CreatedAt.UnixMilli(), s.ExpiresAt.UnixMilli(),
		s.RefreshHash, s.PreviousHash, s.RotatedAt.UnixMilli(), s.LastUsedAt.UnixMilli(), s.IP, s.Network, s.UserAgent,
	}
}

func tokenFields(t *models.OneTimeToken) []any {
	return []any{&t.Hash, (*string)(&t.Purpose), (*string)(&t.UserID), &t.Email, (*timeColumn)(&t.ExpiresAt)}
}

func tokenValues(t models.OneTimeToken) []any {
	return []any{t.Hash, string(t.Purpose), string(t.UserID), t.Email, t.ExpiresAt.UnixMilli()}
}

func auditFields(e *models.AuditEntry) []any {
	return []any{
		(*string)(&e.ID), (*string)(&e.ActorID), (*string)(&e.Action), (*string)(&e.TargetID), &e.Detail,
		(*timeColumn)(&e.At), &e.IP,
	}
}

func auditValues(e models.AuditEntry) []any {
	return []any{
		string(e.ID), string(e.ActorID), string(e.Action), string(e.TargetID), e.Detail, e.At.UnixMilli(), e.IP,
	}
}

func tallyFields(t *models.Tally) []any {
	return []any{&t.Count, (*timeColumn)(&t.At), (*timeColumn)(&t.ExpiresAt)}
}

func tallyValues(t models.Tally) []any {
	return []any{t.Count, t.At.UnixMilli(), t.ExpiresAt.UnixMilli()}
}

func shelfFields(s *models.Shelf) []any { return []any{&s.Name, &s.Books} }

func shelvedFields(b *models.ShelvedBook) []any {
	return append(bookFields(&b.Book), (*string)(&b.Place))
}

// number is the field of a query that asks for a number.
func number(n *int64) []any { return []any{n} }

// timeColumn reads a time from its milliseconds. The zero time has a number like any other.
type timeColumn time.Time

// Scan implements sql.Scanner.
func (t *timeColumn) Scan(value any) error {
	ms, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", value)
	}
	*t = timeColumn(time.UnixMilli(ms).UTC())
	return nil
}

// sizesColumn keeps the sizes of a cover as text, with commas between them: of all ways to keep a few numbers the one
// that is read fastest, and a list reads one for each book.
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
		return fmt.Errorf("the sizes of a cover are stored as %T", value)
	}
	*s = nil
	for text != "" {
		digits, rest, _ := strings.Cut(text, ",")
		size, err := strconv.Atoi(digits)
		if err != nil {
			return fmt.Errorf("the sizes of a cover: %w", err)
		}
		*s, text = append(*s, size), rest
	}
	return nil
}

// asStored is a time as it comes back from the database.
func asStored(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }
