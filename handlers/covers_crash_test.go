package handlers

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"bookplate/covers"
	"bookplate/models"
	"bookplate/storage/blob"
	"bookplate/storage/storagetest"
)

// crashPoint lets a number of writes succeed and makes all later writes fail, as if the server was killed.
type crashPoint struct {
	mu    sync.Mutex
	steps int
}

var errKilled = &models.Error{Code: models.Unavailable}

// step is called before each write. It returns errKilled if the write must fail.
func (p *crashPoint) step() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.steps--; p.steps < 0 {
		return errKilled
	}
	return nil
}

// crashingBlobs and crashingStore are stores whose writes fail after a crashPoint.
type crashingBlobs struct {
	blob.Store
	*crashPoint
}

func (s crashingBlobs) Put(ctx context.Context, key string, content []byte) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Store.Put(ctx, key, content)
}

func (s crashingBlobs) Delete(ctx context.Context, key string) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key)
}

type crashingStore struct {
	models.Store
	*crashPoint
}

func (s crashingStore) Users() models.Users { return crashingUsers{s.Store.Users(), s.crashPoint} }
func (s crashingStore) Books() models.Books { return crashingBooks{s.Store.Books(), s.crashPoint} }

type crashingUsers struct {
	models.Users
	*crashPoint
}

func (s crashingUsers) Delete(ctx context.Context, id models.ID) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Users.Delete(ctx, id)
}

type crashingBooks struct {
	models.Books
	*crashPoint
}

func (s crashingBooks) Create(ctx context.Context, b models.Book) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Books.Create(ctx, b)
}

func (s crashingBooks) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	if err := s.step(); err != nil {
		return before, after, err
	}
	return s.Books.Update(ctx, id, owner, up)
}

func (s crashingBooks) Delete(ctx context.Context, id, owner models.ID, ifVersion models.Versions) (models.Book, error) {
	if err := s.step(); err != nil {
		return models.Book{}, err
	}
	return s.Books.Delete(ctx, id, owner, ifVersion)
}

func (s crashingBooks) DeleteOwned(ctx context.Context, owner models.ID, limit int) ([]models.Book, error) {
	if err := s.step(); err != nil {
		return nil, err
	}
	return s.Books.DeleteOwned(ctx, owner, limit)
}

// crashAfter returns another server with the stores of s. It behaves as if it was killed after that number of writes.
func (s *testServer) crashAfter(steps int) *testServer {
	s.Helper()
	point := &crashPoint{steps: steps}
	return s.withStores(crashingStore{s.services.Store, point}, crashingBlobs{s.blobs, point})
}

// withStores returns another server, with the settings of s and with these stores.
func (s *testServer) withStores(store models.Store, blobs blob.Store) *testServer {
	s.Helper()
	other := *s
	other.services.Store = store
	other.services.Covers = covers.New(blobs, covers.Options{
		Mark: store.CoverMark, Sizes: s.services.Config.CoverSizes, MaxPixels: s.services.Config.MaxPixels, Memory: s.services.Config.CoverMemory,
	})
	other.start()
	return &other
}

// crashCase is a request during which the server is killed.
type crashCase struct {
	steps int // how many writes the request makes, such as three new pictures, the row, three old pictures
	send  func(s *testServer, token, id string) answer
}

// crashCases returns the requests that change covers. Before each of them, a book is added with the form notes, and
// send gets the id of that book.
func crashCases(notes, letters []field) map[string]crashCase {
	return map[string]crashCase{
		"add": {4, func(s *testServer, token, _ string) answer {
			return s.form("POST", "/books/", token, letters...)
		}},
		"replace": {7, func(s *testServer, token, id string) answer {
			return s.form("PUT", "/books/"+id+"/cover", token, notes[3])
		}},
		"update": {7, func(s *testServer, token, id string) answer {
			return s.form("PUT", "/books/"+id, token, letters...)
		}},
		"remove cover": {4, func(s *testServer, token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id + "/cover", token: token})
		}},
		"delete": {4, func(s *testServer, token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id, token: token})
		}},
		"erase": {6, func(s *testServer, token, _ string) answer { // four as for delete, the account, and books added meanwhile
			return s.json("DELETE", "/users/?erase=true", token, `{"password":"Abc@123"}`)
		}},
	}
}

// The server is killed between any two writes of a request. Afterwards the covers of all listed books can be opened,
// and the sweep removes all pictures without a book.
func TestCrashBetweenWrites(t *testing.T) {
	small := picture(t, 30, 40) // small, because it is uploaded hundreds of times
	notes, letters := bookWith(t, "Notes", small), bookWith(t, "Letters", small)
	each := bothEngines
	if storagetest.FullMatrix() {
		each = eachStore // adds S3
	}
	each(t, func(s *testServer) {
		eve := s.signedIn("eve@example.com")
		for name, c := range crashCases(notes, letters) {
			for steps := range c.steps + 1 {
				s.subtest(fmt.Sprint(name, " after ", steps, " steps"), func(s *testServer) {
					ada := s.signedIn(string(models.NewID(s.clock.now())) + "@example.com")
					added := s.form("POST", "/books/", ada.Token, notes...).wantStatus(http.StatusCreated)
					id := data[book](added, "successfully created a new book").ID
					a := c.send(s.crashAfter(steps), ada.Token, id)
					if done := a.status < http.StatusBadRequest; steps == c.steps && !done || steps == 0 && done {
						s.Errorf("status %d", a.status)
					}
					s.wantCoversOpen(eve.Token)
					_, err := s.services.Store.Books().DeleteOwned(s.Context(), models.ID(ada.ID), 9) // for the next subtest
					if err != nil {
						s.Fatal(err)
					}
				})
			}
		}
	})
}

// If there are too many pictures without a book, the sweep deletes none of them. Erasing an account with many books
// leaves few enough if it is interrupted. When the owner repeats the request, nothing is left.
func TestInterruptedErasure(t *testing.T) {
	small := picture(t, 30, 40)
	bothEngines(t, func(s *testServer) {
		eve := s.signedIn("eve@example.com")
		for name, broken := range map[string]func(s *testServer) *testServer{
			"by a crash": func(s *testServer) *testServer { return s.crashAfter(1) }, // when one batch of books is deleted
			"by a failing store of covers": func(s *testServer) *testServer {
				return s.withStores(s.services.Store, crashingBlobs{s.blobs, &crashPoint{}})
			},
		} {
			s.subtest(name, func(s *testServer) {
				ada := s.signedIn("ada@example.com")
				for i := range 2*covers.OrphanAllowance + 1 {
					s.form("POST", "/books/", ada.Token, bookWith(s.TB, fmt.Sprint("Volume ", i), small)...).
						wantStatus(http.StatusCreated)
				}
				broken(s).json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).
					wantStatus(http.StatusServiceUnavailable)
				s.wantCoversOpen(eve.Token)
				s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
				if n := s.coverCount(); n != 0 {
					s.Errorf("%d covers are left", n)
				}
			})
		}
	})
}

// wantCoversOpen checks that the covers of all listed books can be opened in all sizes, and that no other covers are
// left after the sweep.
func (s *testServer) wantCoversOpen(token string) {
	s.Helper()
	for range 2 {
		withCover := 0
		for _, b := range data[[]bookCovers](s.get("/books/?scope=all", token), "successfully retrieved all books") {
			for _, url := range b.Covers {
				s.get(s.pathOf(url), "").wantStatus(http.StatusOK)
			}
			if len(b.Covers) > 0 {
				withCover++
			}
		}
		s.sweep()
		if n := s.coverCount(); n != withCover {
			s.Errorf("%d covers for %d books", n, withCover)
		}
	}
}
