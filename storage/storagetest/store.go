package storagetest

import (
	"context"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob"
)

var storeTests = map[string]func(*testing.T, suite){
	"a store answers and has a name":              testPing,
	"calls with an ended context are Unavailable": testEndedContext,
	"calls with an ended context change nothing":  testEndedContextChangesNothing,
	"a write is visible when it returns":          testReadYourWrites,
	"a store has a mark for covers":               testCoverMark,
}

func testPing(t *testing.T, s suite) {
	wantOK(t, s.Ping(t.Context()))
	if s.Name() == "" {
		t.Fatal("the engine has no name")
	}
}

func testCoverMark(t *testing.T, s suite) {
	mark, err := s.CoverMark()
	wantOK(t, err)
	cover := models.NewCover(mark, []int{models.ThumbnailSize})
	wantEqual(t, len(mark), 16)
	wantEqual(t, models.CoverMarkOf(cover.Thumbnail()), mark)
	wantEqual(t, blob.CheckKey(cover.Thumbnail()), nil)
}

func testEndedContext(t *testing.T, s suite) {
	user := addUser(t, s, newNamedUser("ada@example.com", "ada"))
	book := addBook(t, s, newBook(user.ID, "Emma"))
	session := addSession(t, s, newSession(user.ID))
	putBook(t, s, wishlistOf(user.ID), book)
	putReading(t, s, models.ReadingKey{UserID: user.ID, BookID: book.ID}, fullUpdate(now))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range everyCall(ctx, s, user, book, session) {
		t.Run(name, func(t *testing.T) { wantCode(t, err, models.Unavailable) })
	}
}

// everyCall calls every method of a store with ctx. Each call would succeed if ctx had not ended.
func everyCall(ctx context.Context, s suite, u models.User, b models.Book, ses models.Session) map[string]error {
	errs := map[string]error{
		"Ping":            s.Ping(ctx),
		"Users.Create":    s.Users().Create(ctx, newUser("other@example.com")),
		"Books.Create":    s.Books().Create(ctx, newBook(u.ID, "Persuasion")),
		"Sessions.Create": s.Sessions().Create(ctx, newSession(u.ID)),
		"Sessions.Delete": s.Sessions().Delete(ctx, ses.ID, u.ID),
		"Sessions.Touch":  s.Sessions().Touch(ctx, ses.ID, later),
		"Users.Delete":    s.Users().Delete(ctx, u.ID),
		"Tokens.Create":   s.OneTimeTokens().Create(ctx, newToken(u.ID)),

		"Sessions.DeleteAll": s.Sessions().DeleteAll(ctx, u.ID, ""),
		"Leases.Release":     s.Leases().Release(ctx, "a", "b"),
	}
	_, errs["Users.GetByUsername"] = s.Users().GetByUsername(ctx, u.Username)
	_, errs["Sessions.Rotate"] = s.Sessions().Rotate(ctx, ses.ID, ses.RefreshHash, "next", later)
	_, errs["Sessions.List"] = s.Sessions().List(ctx, models.SessionFilter{UserID: u.ID, At: now, Limit: 1})
	_, errs["Users.Get"] = s.Users().Get(ctx, u.ID)
	_, errs["Users.Of"] = s.Users().Of(ctx, []models.ID{u.ID})
	_, errs["Users.GetByEmail"] = s.Users().GetByEmail(ctx, u.Email)
	_, errs["Users.Update"] = s.Users().Update(ctx, u.ID, models.UserUpdate{UpdatedAt: later})
	_, errs["Users.List"] = s.Users().List(ctx, models.UserFilter{Limit: 1})
	_, errs["Books.Get"] = s.Books().Get(ctx, b.ID)
	_, _, errs["Books.Update"] = s.Books().Update(ctx, b.ID, u.ID, models.BookUpdate{UpdatedAt: later})
	_, errs["Books.Delete"] = s.Books().Delete(ctx, b.ID, u.ID, nil)
	_, errs["Books.List"] = s.Books().List(ctx, models.BookFilter{Sort: models.SortCreated, Limit: 1})
	_, errs["Books.Count"] = s.Books().Count(ctx, models.BookFilter{})
	_, _, errs["Sessions.Authenticate"] = s.Sessions().Authenticate(ctx, ses.ID, u.ID)
	shelf := wishlistOf(u.ID)
	errs["Shelves.Move"] = s.Shelves().Move(ctx, shelf, b.ID, "")
	errs["Shelves.Remove"] = s.Shelves().Remove(ctx, shelf, b.ID)
	errs["Shelves.DeleteAll"] = s.Shelves().DeleteAll(ctx, u.ID)
	_, errs["Shelves.List"] = s.Shelves().List(ctx, u.ID)
	_, errs["Shelves.Books"] = s.Shelves().Books(ctx, models.ShelfFilter{ShelfKey: shelf, Limit: 1})
	_, errs["Shelves.Get"] = s.Shelves().Get(ctx, shelf, b.ID)
	_, errs["Shelves.Put"] = s.Shelves().Put(ctx, shelf, b.ID, models.NewPlace(now), highLimits)
	key := models.ReadingKey{UserID: u.ID, BookID: b.ID}
	_, errs["Readings.Get"] = s.Readings().Get(ctx, key)
	_, errs["Readings.Of"] = s.Readings().Of(ctx, u.ID, []models.ID{b.ID})
	_, errs["Readings.List"] = s.Readings().List(ctx, models.ReadingFilter{UserID: u.ID, Sort: models.SortUpdated, Limit: 1})
	_, errs["Readings.Put"] = s.Readings().Put(ctx, key, statusUpdate(models.StatusRead, later))
	_, errs["Readings.Stats"] = s.Readings().Stats(ctx, models.StatsFilter{UserID: u.ID, Year: 2020})
	errs["Readings.PutGoal"] = s.Readings().PutGoal(ctx, u.ID, 2020, 24)
	errs["Readings.Delete"] = s.Readings().Delete(ctx, key)
	errs["Readings.DeleteAll"] = s.Readings().DeleteAll(ctx, u.ID)
	errs["Throttles.Change"] = s.Throttles().Change(ctx, "a", addOne)
	_, errs["Throttles.Get"] = s.Throttles().Get(ctx, "a")
	_, errs["Throttles.DeleteExpired"] = s.Throttles().DeleteExpired(ctx, later)
	errs["Audit.Append"] = s.Audit().Append(ctx, newEntry())
	_, errs["Audit.List"] = s.Audit().List(ctx, models.AuditFilter{Limit: 1})
	_, errs["Sessions.DeleteExpired"] = s.Sessions().DeleteExpired(ctx, ses.ExpiresAt.AddDate(1, 0, 0))
	_, errs["Books.DeleteOwned"] = s.Books().DeleteOwned(ctx, u.ID, 9)
	errs["Trash.Put"] = s.Trash().Put(ctx, b.ID, u.ID, later, nil)
	_, errs["Trash.Get"] = s.Trash().Get(ctx, b.ID)
	_, errs["Trash.List"] = s.Trash().List(ctx, models.TrashFilter{UserID: u.ID, Limit: 1})
	_, errs["Trash.Restore"] = s.Trash().Restore(ctx, b.ID, u.ID)
	_, errs["Trash.Delete"] = s.Trash().Delete(ctx, b.ID, u.ID)
	_, errs["Trash.DeleteAll"] = s.Trash().DeleteAll(ctx, models.TrashFilter{Limit: 9})
	_, errs["Leases.Take"] = s.Leases().Take(ctx, "a", "b", now, later)
	_, errs["Tokens.Take"] = s.OneTimeTokens().Take(ctx, "hash", models.PurposeReset)
	_, errs["Tokens.DeleteAll"] = s.OneTimeTokens().DeleteAll(ctx, u.ID)
	_, errs["Tokens.DeleteExpired"] = s.OneTimeTokens().DeleteExpired(ctx, later)
	errs["SourceAnswers.Put"] = s.SourceAnswers().Put(ctx, newSourceAnswer())
	_, errs["SourceAnswers.Get"] = s.SourceAnswers().Get(ctx, models.OpenLibrary, someISBN)
	_, errs["SourceAnswers.DeleteExpired"] = s.SourceAnswers().DeleteExpired(ctx, later)
	return errs
}

func testEndedContextChangesNothing(t *testing.T, s suite) {
	user := addUser(t, s, newNamedUser("ada@example.com", "ada"))
	book := addBook(t, s, newBook(user.ID, "Emma"))
	session := addSession(t, s, newSession(user.ID))
	putBook(t, s, wishlistOf(user.ID), book)
	reading := putReading(t, s, models.ReadingKey{UserID: user.ID, BookID: book.ID}, fullUpdate(now))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	everyCall(ctx, s, user, book, session)

	gotSession, gotUser, err := s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
	wantOK(t, err)
	wantEqual(t, gotSession, session)
	wantEqual(t, gotUser, user)
	books, err := s.Books().List(t.Context(), models.BookFilter{Sort: models.SortCreated, Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(books), 1)
	wantEqual(t, books[0], book)
	wantShelf(t, s, wishlistOf(user.ID), 9, book)
	wantReading(t, s, reading)
	wantEqual(t, getTally(t, s, "a"), models.Tally{})
	entries, err := s.Audit().List(t.Context(), models.AuditFilter{Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(entries), 0)
}

func testReadYourWrites(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	for _, err := range concurrently(20, func(i int) error {
		book := newBook(user.ID, string(rune('a'+i)))
		if err := s.Books().Create(t.Context(), book); err != nil {
			return err
		}
		_, err := s.Books().Get(t.Context(), book.ID)
		return err
	}) {
		wantOK(t, err)
	}
}
