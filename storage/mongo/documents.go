package mongo

import (
	"context"
	"reflect"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"bookplate/models"
)

// field is one field of a document that stores a T. of(&t) returns a pointer to the field's value in t.
type field[T any] struct {
	name string
	of   func(*T) bson.ValueUnmarshaler
}

// document describes how values of type T are stored. It lists each field once, for encoding and for decoding.
type document[T any] struct {
	missing  T // the default values of fields that a document lacks
	fields   []field[T]
	optional []field[T] // not stored if the value is zero
}

// of returns the document that stores t, with additional fields. It leaves out times that are zero.
func (d document[T]) of(t T, more ...bson.E) bson.D {
	doc := make(bson.D, 0, len(d.fields)+len(more))
	for _, f := range d.fields {
		value := f.of(&t)
		if m, ok := value.(*moment); ok && time.Time(*m).IsZero() {
			continue
		}
		doc = append(doc, bson.E{Key: f.name, Value: value})
	}
	for _, f := range d.optional {
		if value := f.of(&t); !reflect.ValueOf(value).Elem().IsZero() {
			doc = append(doc, bson.E{Key: f.name, Value: value})
		}
	}
	return append(doc, more...)
}

// read decodes a document into a T.
func (d document[T]) read(raw bson.Raw) (T, error) {
	t := d.missing
	err := eachElement(raw, func(key []byte, value bsoncore.Value) error {
		if f, known := d.field(key); known {
			return f.of(&t).UnmarshalBSONValue(byte(value.Type), value.Data)
		}
		return nil
	})
	return t, err
}

// eachElement calls do for each element of a document or an array, until do returns an error. It allocates nothing, unlike
// bson.Raw.Elements, which took a third of the time of a list.
func eachElement(document []byte, do func(key []byte, value bsoncore.Value) error) error {
	_, rest, ok := bsoncore.ReadLength(document)
	for ok && len(rest) > 1 { // the last byte ends the document
		var element bsoncore.Element
		if element, rest, ok = bsoncore.ReadElement(rest); !ok {
			break
		}
		value, err := element.ValueErr()
		if err != nil {
			return err
		}
		if err := do(element.KeyBytes(), value); err != nil {
			return err
		}
	}
	if !ok {
		return bsoncore.NewInsufficientBytesError(document, rest)
	}
	return nil
}

// field returns the field with this name.
func (d document[T]) field(name []byte) (field[T], bool) {
	for _, fields := range [][]field[T]{d.fields, d.optional} {
		for _, f := range fields {
			if f.name == string(name) {
				return f, true
			}
		}
	}
	return field[T]{}, false
}

// one makes a call that returns one document, and decodes the document. If the call fails, it returns the zero T.
func (d document[T]) one(s *Store, call func() *driver.SingleResult) (t T, err error) {
	err = s.do(func() error {
		raw, err := call().Raw()
		if err == nil {
			t, err = d.read(raw)
		}
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return t, nil
}

// write makes a call that changes or deletes the document that filter finds, and decodes the document that the call
// returns.
func (d document[T]) write(
	ctx context.Context, s *Store, coll *driver.Collection, filter bson.M, call func() *driver.SingleResult,
) (t T, err error) {
	err = s.writeOne(ctx, coll, filter, func() (err error) {
		t, err = d.one(s, call)
		return err
	})
	return t, err
}

// all makes a call that returns a cursor, and decodes the cursor's documents.
func (d document[T]) all(ctx context.Context, s *Store, call func() (*driver.Cursor, error)) (all []T, err error) {
	err = s.do(func() error {
		cursor, err := call()
		if err != nil {
			return err
		}
		defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the cursor was only read
		all = make([]T, 0, cursor.RemainingBatchLength())
		for cursor.Next(ctx) {
			t, err := d.read(cursor.Current)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return cursor.Err()
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// The documents of all collections. A reference to another document is stored as text, as the tutorial stores a book's
// user_id.
var (
	// An account that the tutorial stored has the first five fields only.
	userDocument = document[models.User]{
		missing: models.User{Active: true, Role: models.RoleUser},
		fields: []field[models.User]{
			{"_id", func(u *models.User) bson.ValueUnmarshaler { return (*objectID)(&u.ID) }},
			{"name", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.Name) }},
			{"email", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.Email) }},
			{"password", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.PasswordHash) }},
			{"active", func(u *models.User) bson.ValueUnmarshaler { return (*flag)(&u.Active) }},
			{"first_name", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.FirstName) }},
			{"last_name", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.LastName) }},
			{"pending", func(u *models.User) bson.ValueUnmarshaler { return (*flag)(&u.Pending) }},
			{"username", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.Username) }},
			{"role", func(u *models.User) bson.ValueUnmarshaler { return (*text)(&u.Role) }},
			{"has_readings", func(u *models.User) bson.ValueUnmarshaler { return (*flag)(&u.HasReadings) }},
			{"created_at", func(u *models.User) bson.ValueUnmarshaler { return (*moment)(&u.CreatedAt) }},
			{"updated_at", func(u *models.User) bson.ValueUnmarshaler { return (*moment)(&u.UpdatedAt) }},
		},
	}
	// A book that the tutorial stored has the first six fields only.
	bookDocument = document[models.Book]{
		fields: []field[models.Book]{
			{"_id", func(b *models.Book) bson.ValueUnmarshaler { return (*objectID)(&b.ID) }},
			{"title", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Title) }},
			{"description", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Description) }},
			{"image_url", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.ImageURL) }},
			{"category", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Category) }},
			{"user_id", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.UserID) }},
			{"cover", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Cover.Name) }},
			{"cover_sizes", func(b *models.Book) bson.ValueUnmarshaler { return (*sizes)(&b.Cover.Sizes) }},
			{"version", func(b *models.Book) bson.ValueUnmarshaler { return (*number)(&b.Version) }},
			{"lent", func(b *models.Book) bson.ValueUnmarshaler { return (*flag)(&b.Lent) }},
			{"created_at", func(b *models.Book) bson.ValueUnmarshaler { return (*moment)(&b.CreatedAt) }},
			{"updated_at", func(b *models.Book) bson.ValueUnmarshaler { return (*moment)(&b.UpdatedAt) }},
		},
		optional: []field[models.Book]{
			{"subtitle", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Subtitle) }},
			{"authors", func(b *models.Book) bson.ValueUnmarshaler { return (*texts)(&b.Authors) }},
			{"isbn", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.ISBN) }},
			{"publisher", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Publisher) }},
			{"published", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Published) }},
			{"language", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Language) }},
			{"pages", func(b *models.Book) bson.ValueUnmarshaler { return (*number)(&b.Pages) }},
			{"series", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Series) }},
			{"series_number", func(b *models.Book) bson.ValueUnmarshaler { return (*decimal)(&b.SeriesNumber) }},
			{"tags", func(b *models.Book) bson.ValueUnmarshaler { return (*texts)(&b.Tags) }},
			{"location", func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.Location) }},
			{"copies", func(b *models.Book) bson.ValueUnmarshaler { return (*number)(&b.Copies) }},
		},
	}
	// A book in the trash has two more fields.
	trashDocument = document[models.Book]{
		fields: append(slices.Clone(bookDocument.fields),
			field[models.Book]{trashedField, func(b *models.Book) bson.ValueUnmarshaler { return (*moment)(&b.TrashedAt) }},
			field[models.Book]{trashOwnerField, func(b *models.Book) bson.ValueUnmarshaler { return (*text)(&b.UserID) }},
		),
		optional: bookDocument.optional,
	}
	loanDocument = document[models.Loan]{fields: []field[models.Loan]{
		{"_id", func(l *models.Loan) bson.ValueUnmarshaler { return (*objectID)(&l.ID) }},
		{"book_id", func(l *models.Loan) bson.ValueUnmarshaler { return (*text)(&l.BookID) }},
		{"lender_id", func(l *models.Loan) bson.ValueUnmarshaler { return (*text)(&l.LenderID) }},
		{"borrower_id", func(l *models.Loan) bson.ValueUnmarshaler { return (*text)(&l.BorrowerID) }},
		{"borrower", func(l *models.Loan) bson.ValueUnmarshaler { return (*text)(&l.Borrower) }},
		{"due", func(l *models.Loan) bson.ValueUnmarshaler { return (*number)(&l.Due) }},
		{"lent_at", func(l *models.Loan) bson.ValueUnmarshaler { return (*moment)(&l.LentAt) }},
		{"returned_at", func(l *models.Loan) bson.ValueUnmarshaler { return (*moment)(&l.ReturnedAt) }},
		{"reminded", func(l *models.Loan) bson.ValueUnmarshaler { return (*text)(&l.Reminded) }},
	}}
	sessionDocument = document[models.Session]{fields: []field[models.Session]{
		{"_id", func(s *models.Session) bson.ValueUnmarshaler { return (*objectID)(&s.ID) }},
		{"user_id", func(s *models.Session) bson.ValueUnmarshaler { return (*text)(&s.UserID) }},
		{"created_at", func(s *models.Session) bson.ValueUnmarshaler { return (*moment)(&s.CreatedAt) }},
		{"expires_at", func(s *models.Session) bson.ValueUnmarshaler { return (*moment)(&s.ExpiresAt) }},
		{"refresh_hash", func(s *models.Session) bson.ValueUnmarshaler { return (*text)(&s.RefreshHash) }},
		{"previous_hash", func(s *models.Session) bson.ValueUnmarshaler { return (*text)(&s.PreviousHash) }},
		{"rotated_at", func(s *models.Session) bson.ValueUnmarshaler { return (*moment)(&s.RotatedAt) }},
		{"last_used_at", func(s *models.Session) bson.ValueUnmarshaler { return (*moment)(&s.LastUsedAt) }},
		{"ip", func(s *models.Session) bson.ValueUnmarshaler { return (*text)(&s.IP) }},
		{"network", func(s *models.Session) bson.ValueUnmarshaler { return (*text)(&s.Network) }},
		{"user_agent", func(s *models.Session) bson.ValueUnmarshaler { return (*text)(&s.UserAgent) }},
	}}
	// The _id is the hash of the token, so no other index is needed to find a token and to keep it unique.
	tokenDocument = document[models.OneTimeToken]{fields: []field[models.OneTimeToken]{
		{"_id", func(t *models.OneTimeToken) bson.ValueUnmarshaler { return (*text)(&t.Hash) }},
		{"purpose", func(t *models.OneTimeToken) bson.ValueUnmarshaler { return (*text)(&t.Purpose) }},
		{"user_id", func(t *models.OneTimeToken) bson.ValueUnmarshaler { return (*text)(&t.UserID) }},
		{"email", func(t *models.OneTimeToken) bson.ValueUnmarshaler { return (*text)(&t.Email) }},
		{"expires_at", func(t *models.OneTimeToken) bson.ValueUnmarshaler { return (*moment)(&t.ExpiresAt) }},
	}}
	// The _id has the user, the shelf and the book, see shelvedID.
	shelfDocument = document[models.ShelfRecord]{fields: []field[models.ShelfRecord]{
		{"user_id", func(r *models.ShelfRecord) bson.ValueUnmarshaler { return (*text)(&r.UserID) }},
		{"shelf", func(r *models.ShelfRecord) bson.ValueUnmarshaler { return (*text)(&r.Shelf) }},
		{"book_id", func(r *models.ShelfRecord) bson.ValueUnmarshaler { return (*text)(&r.BookID) }},
		{"place", func(r *models.ShelfRecord) bson.ValueUnmarshaler { return (*text)(&r.Place) }},
	}}
	tallyDocument = document[models.TallyRecord]{fields: []field[models.TallyRecord]{
		{"_id", func(r *models.TallyRecord) bson.ValueUnmarshaler { return (*text)(&r.Key) }},
		{"count", func(r *models.TallyRecord) bson.ValueUnmarshaler { return (*number)(&r.Count) }},
		{"at", func(r *models.TallyRecord) bson.ValueUnmarshaler { return (*moment)(&r.At) }},
		{"expires_at", func(r *models.TallyRecord) bson.ValueUnmarshaler { return (*moment)(&r.ExpiresAt) }},
	}}
	// The _id combines the source and the ISBN, so no other index is needed to find an answer.
	sourceAnswerDocument = document[models.SourceAnswer]{fields: []field[models.SourceAnswer]{
		{"source", func(a *models.SourceAnswer) bson.ValueUnmarshaler { return (*text)(&a.Source) }},
		{"isbn", func(a *models.SourceAnswer) bson.ValueUnmarshaler { return (*text)(&a.ISBN) }},
		{"record", func(a *models.SourceAnswer) bson.ValueUnmarshaler { return (*text)(&a.Record) }},
		{"expires_at", func(a *models.SourceAnswer) bson.ValueUnmarshaler { return (*moment)(&a.ExpiresAt) }},
	}}
	readingDocument = document[models.Reading]{fields: []field[models.Reading]{
		{"user_id", func(r *models.Reading) bson.ValueUnmarshaler { return (*text)(&r.UserID) }},
		{"book_id", func(r *models.Reading) bson.ValueUnmarshaler { return (*text)(&r.BookID) }},
		{"status", func(r *models.Reading) bson.ValueUnmarshaler { return (*text)(&r.Status) }},
		{"rating", func(r *models.Reading) bson.ValueUnmarshaler { return (*number)(&r.Rating) }},
		{"progress", func(r *models.Reading) bson.ValueUnmarshaler { return object[models.Progress]{&r.Progress} }},
		{"reads", func(r *models.Reading) bson.ValueUnmarshaler { return object[models.Reads]{&r.Reads} }},
		{"review", func(r *models.Reading) bson.ValueUnmarshaler { return (*text)(&r.Review) }},
		{"created_at", func(r *models.Reading) bson.ValueUnmarshaler { return (*moment)(&r.CreatedAt) }},
		{"updated_at", func(r *models.Reading) bson.ValueUnmarshaler { return (*moment)(&r.UpdatedAt) }},
	}}
	goalDocument = document[models.GoalRecord]{fields: []field[models.GoalRecord]{
		{"_id", func(g *models.GoalRecord) bson.ValueUnmarshaler { return goalKey{g} }},
		{"user_id", func(g *models.GoalRecord) bson.ValueUnmarshaler { return (*text)(&g.UserID) }},
		{"books", func(g *models.GoalRecord) bson.ValueUnmarshaler { return (*number)(&g.Books) }},
	}}
	// The _id is the key of the record, so no other index is needed to find a record and to keep its key unique.
	keyedDocument = document[models.KeyedRequest]{
		fields: []field[models.KeyedRequest]{
			{"_id", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*text)(&r.Key) }},
			{"user_id", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*text)(&r.UserID) }},
			{"fingerprint", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*text)(&r.Fingerprint) }},
			{"created_id", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*text)(&r.CreatedID) }},
			{"attempt", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*text)(&r.Attempt) }},
			{"lease_until", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*moment)(&r.LeaseUntil) }},
			{"expires_at", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*moment)(&r.ExpiresAt) }},
		},
		optional: []field[models.KeyedRequest]{
			{"answer", func(r *models.KeyedRequest) bson.ValueUnmarshaler { return (*content)(&r.Answer) }},
		},
	}
	importDocument = document[models.Import]{fields: []field[models.Import]{
		{"_id", func(i *models.Import) bson.ValueUnmarshaler { return (*objectID)(&i.ID) }},
		{"user_id", func(i *models.Import) bson.ValueUnmarshaler { return (*text)(&i.UserID) }},
		{"state", func(i *models.Import) bson.ValueUnmarshaler { return (*text)(&i.State) }},
		{"next_batch", func(i *models.Import) bson.ValueUnmarshaler { return (*number)(&i.NextBatch) }},
		{"created_at", func(i *models.Import) bson.ValueUnmarshaler { return (*moment)(&i.CreatedAt) }},
		{"started_at", func(i *models.Import) bson.ValueUnmarshaler { return (*moment)(&i.StartedAt) }},
		{"finished_at", func(i *models.Import) bson.ValueUnmarshaler { return (*moment)(&i.FinishedAt) }},
		{"file_name", func(i *models.Import) bson.ValueUnmarshaler { return (*text)(&i.FileName) }},
		{"format", func(i *models.Import) bson.ValueUnmarshaler { return (*text)(&i.Format) }},
		{"options", func(i *models.Import) bson.ValueUnmarshaler { return object[models.ImportOptions]{&i.ImportOptions} }},
		{"columns", func(i *models.Import) bson.ValueUnmarshaler { return object[[]models.ImportColumn]{&i.Columns} }},
		{"reason", func(i *models.Import) bson.ValueUnmarshaler { return (*text)(&i.Reason) }},
		{"total", func(i *models.Import) bson.ValueUnmarshaler { return (*number)(&i.Total) }},
		{"batches", func(i *models.Import) bson.ValueUnmarshaler { return (*number)(&i.Batches) }},
		{"outcomes", func(i *models.Import) bson.ValueUnmarshaler { return object[models.ImportCounts]{&i.Outcomes} }},
	}}
	// The _id has the import and the number.
	importBatchDocument = document[models.ImportBatch]{fields: []field[models.ImportBatch]{
		{"import_id", func(b *models.ImportBatch) bson.ValueUnmarshaler { return (*text)(&b.ImportID) }},
		{"number", func(b *models.ImportBatch) bson.ValueUnmarshaler { return (*number)(&b.Number) }},
		{"lines", func(b *models.ImportBatch) bson.ValueUnmarshaler { return object[[]models.ImportLine]{&b.Lines} }},
		{"rows", func(b *models.ImportBatch) bson.ValueUnmarshaler { return object[[]models.ImportRow]{&b.Rows} }},
	}}
	auditDocument = document[models.AuditEntry]{fields: []field[models.AuditEntry]{
		{"_id", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*objectID)(&e.ID) }},
		{"actor_id", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*text)(&e.ActorID) }},
		{"action", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*text)(&e.Action) }},
		{"target_id", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*text)(&e.TargetID) }},
		{"detail", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*text)(&e.Detail) }},
		{"at", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*moment)(&e.At) }},
		{"ip", func(e *models.AuditEntry) bson.ValueUnmarshaler { return (*text)(&e.IP) }},
	}}
)
