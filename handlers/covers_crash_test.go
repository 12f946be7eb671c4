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
)

// life counts the steps that change something in a store, and ends before one of them: from then on nothing happens any
// more, as after kill -9.
type life struct {
	mu    sync.Mutex
	steps int
}

var errDead = &models.Error{Code: models.Unavailable}

func (l *life) step() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.steps--; l.steps < 0 {
		return errDead
	}
	return nil
}

// mortalBlobs and mortalStore are the stores of a server that is killed.
type mortalBlobs struct {
	blob.Store
	*life
}

func (s mortalBlobs) Put(ctx context.Context, key string, content []byte) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Store.Put(ctx, key, content)
}

func (s mortalBlobs) Delete(ctx context.Context, key string) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key)
}

type mortalStore struct {
	models.Store
	*life
}

func (s mortalStore) Users() models.Users { return mortalUsers{s.Store.Users(), s.life} }
func (s mortalStore) Books() models.Books { return mortalBooks{s.Store.Books(), s.life} }

type mortalUsers struct {
	models.Users
	*life
}

func (s mortalUsers) Delete(ctx context.Context, id models.ID) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Users.Delete(ctx, id)
}

type mortalBooks struct {
	models.Books
	*life
}

func (s mortalBooks) Create(ctx context.Context, b models.Book) error {
	if err := s.step(); err != nil {
		return err
	}
	return s.Books.Create(ctx, b)
}

func (s mortalBooks) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	if err := s.step(); err != nil {
		return before, after, err
	}
	return s.Books.Update(ctx, id, owner, up)
}

func (s mortalBooks) Delete(ctx context.Context, id, owner models.ID) (models.Book, error) {
	if err := s.step(); err != nil {
		return models.Book{}, err
	}
	return s.Books.Delete(ctx, id, owner)
}

func (s mortalBooks) DeleteOwned(ctx context.Context, owner models.ID, limit int) ([]models.Book, error) {
	if err := s.step(); err != nil {
		return nil, err
	}
	return s.Books.DeleteOwned(ctx, owner, limit)
}

// dying is the same server, but for its end before the step after so many.
func (s *testServer) dying(steps int) *testServer {
	s.Helper()
	life := &life{steps: steps}
	return s.over(mortalStore{s.services.Store, life}, mortalBlobs{s.blobs, life})
}

// over is the same server over other stores.
func (s *testServer) over(store models.Store, blobs blob.Store) *testServer {
	s.Helper()
	other := *s
	other.services.Store = store
	other.services.Covers = covers.New(blobs, covers.Options{
		Mark: store.CoverMark, Sizes: s.services.Config.CoverSizes, MaxPixels: s.services.Config.MaxPixels, Memory: s.services.Config.CoverMemory,
	})
	other.start()
	return &other
}

// killable is a request, sent in a user's name, at which the server is killed.
type killable struct {
	steps int // that the request takes: three pictures put, the row, three old pictures deleted
	send  func(s *testServer, token, id string) answer
}

// killables are the requests that change covers. id is that of a book of notes.
func killables(notes, letters []field) map[string]killable {
	return map[string]killable{
		"add": {4, func(s *testServer, token, _ string) answer {
			return s.form("POST", "/books/", token, letters...)
		}},
		"replace": {7, func(s *testServer, token, id string) answer {
			return s.form("PUT", "/books/"+id+"/cover", token, notes[3])
		}},
		"update": {7, func(s *testServer, token, id string) answer {
			return s.form("PUT", "/books/"+id, token, letters...)
		}},
		"take away": {4, func(s *testServer, token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id + "/cover", token: token})
		}},
		"delete": {4, func(s *testServer, token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id, token: token})
		}},
		"erase": {6, func(s *testServer, token, _ string) answer { // then the account, and what came meanwhile
			return s.json("DELETE", "/users/?erase=true", token, `{"password":"Abc@123"}`)
		}},
	}
}

// Killed between any two steps, every listed book has a cover that opens, and the sweep removes what is too much.
func TestServerKilledBetweenAnyTwoSteps(t *testing.T) {
	small := picture(t, 30, 40) // it is sent some hundred times
	notes, letters := bookWith(t, "Notes", small), bookWith(t, "Letters", small)
	eachStore(t, func(s *testServer) {
		eve := s.signedIn("eve@example.com")
		for name, c := range killables(notes, letters) {
			for steps := range c.steps + 1 {
				s.part(fmt.Sprint(name, " after ", steps, " steps"), func(s *testServer) {
					ada := s.signedIn(string(models.NewID(s.clock.now())) + "@example.com")
					added := s.form("POST", "/books/", ada.Token, notes...).wantStatus(http.StatusCreated)
					id := data[book](added, "successfully created a new book").ID
					a := c.send(s.dying(steps), ada.Token, id)
					if done := a.status < http.StatusBadRequest; steps == c.steps && !done || steps == 0 && done {
						s.Errorf("status %d", a.status)
					}
					s.wantCoversOpen(eve.Token)
					_, err := s.services.Store.Books().DeleteOwned(s.Context(), models.ID(ada.ID), 9) // for the next
					if err != nil {
						s.Fatal(err)
					}
				})
			}
		}
	})
}

// An erasure of many books that breaks off leaves no more covers than the sweep takes for a crash's doing. Its owner
// can ask again, and then nothing is left.
func TestEraseOfManyBooksBreaksOff(t *testing.T) {
	small := picture(t, 30, 40)
	eachEngine(t, func(s *testServer) {
		eve := s.signedIn("eve@example.com")
		for name, broken := range map[string]func(s *testServer) *testServer{
			"by a kill": func(s *testServer) *testServer { return s.dying(1) }, // the rows of a batch
			"with covers out of reach": func(s *testServer) *testServer {
				return s.over(s.services.Store, mortalBlobs{s.blobs, &life{}})
			},
		} {
			s.part(name, func(s *testServer) {
				ada := s.signedIn("ada@example.com")
				for i := range 2*covers.CrashUploads + 1 {
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

// wantCoversOpen checks that all sizes of all listed books' covers open, and that the sweep leaves these and no others.
func (s *testServer) wantCoversOpen(token string) {
	s.Helper()
	for range 2 {
		withCover := 0
		for _, b := range data[[]covered](s.get("/books/?scope=all", token), "successfully retrieved all books") {
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
