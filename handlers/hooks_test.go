package handlers

import (
	"context"
	"time"

	"bookplate/accounts"
	"bookplate/models"
)

// hookedHasher calls before each time it hashes or verifies a password.
type hookedHasher struct {
	accounts.Hasher
	before func()
}

func (h hookedHasher) Hash(ctx context.Context, password string) (string, error) {
	h.before()
	return h.Hasher.Hash(ctx, password)
}

func (h hookedHasher) Verify(ctx context.Context, hash, password string) (ok, outdated bool, err error) {
	h.before()
	return h.Hasher.Verify(ctx, hash, password)
}

// withHook returns another server, whose store is a hookedStore on the store of s.
func (s *testServer) withHook(before func(), rotateErr error) *testServer {
	s.Helper()
	other := *s
	other.services.Store = hookedStore{s.services.Store, before, rotateErr}
	other.start()
	return &other
}

// hookedStore is a store that calls the function before at the start of some writes, so that a test can make another
// request at that moment.
type hookedStore struct {
	models.Store
	before    func()
	rotateErr error // returned by a successful Sessions.Rotate
}

func (s hookedStore) Users() models.Users       { return hookedUsers{s.Store.Users(), s} }
func (s hookedStore) Sessions() models.Sessions { return hookedSessions{s.Store.Sessions(), s} }
func (s hookedStore) Books() models.Books       { return hookedBooks{s.Store.Books(), s} }
func (s hookedStore) Shelves() models.Shelves   { return hookedShelves{s.Store.Shelves(), s} }

type hookedUsers struct {
	models.Users
	hook hookedStore
}

func (u hookedUsers) Update(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	u.hook.before()
	return u.Users.Update(ctx, id, up)
}

type hookedSessions struct {
	models.Sessions
	hook hookedStore
}

func (s hookedSessions) Rotate(
	ctx context.Context, id models.ID, from, next string, at time.Time,
) (models.Session, error) {
	s.hook.before()
	session, err := s.Sessions.Rotate(ctx, id, from, next, at)
	if err == nil {
		err = s.hook.rotateErr
	}
	return session, err
}

func (s hookedSessions) Touch(ctx context.Context, id models.ID, at time.Time) error {
	s.hook.before()
	return s.Sessions.Touch(ctx, id, at)
}

func (s hookedSessions) Create(ctx context.Context, session models.Session) error {
	s.hook.before()
	return s.Sessions.Create(ctx, session)
}

func (s hookedSessions) Delete(ctx context.Context, id, userID models.ID) error {
	s.hook.before()
	return s.Sessions.Delete(ctx, id, userID)
}

type hookedBooks struct {
	models.Books
	hook hookedStore
}

func (b hookedBooks) Create(ctx context.Context, book models.Book) error {
	b.hook.before()
	return b.Books.Create(ctx, book)
}

type hookedShelves struct {
	models.Shelves
	hook hookedStore
}

func (s hookedShelves) Put(
	ctx context.Context, shelf models.ShelfKey, bookID models.ID, place models.Place, limits models.ShelfLimits,
) (models.Book, error) {
	s.hook.before()
	return s.Shelves.Put(ctx, shelf, bookID, place, limits)
}
