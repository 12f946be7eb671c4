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

// mortalBlobs and mortalBooks are stores of a server that is killed.
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

func (s mortalBooks) Update(ctx context.Context, id, owner models.ID, up models.BookUpdate) (before, after models.Book, err error) {
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

// dying is the same server, but for its end before the step after so many.
func (s *testServer) dying(steps int) *testServer {
	s.Helper()
	life := &life{steps: steps}
	mortal := *s
	mortal.services.Store = failingStore{s.services.Store, mortalBooks{s.services.Store.Books(), life}}
	mortal.services.Covers = covers.New(mortalBlobs{s.blobs, life}, covers.Options{
		Sizes: s.services.Config.CoverSizes, MaxPixels: s.services.Config.MaxPixels, Memory: s.services.Config.CoverMemory,
	})
	mortal.start()
	return &mortal
}

// Killed between any two steps, every listed book has a cover that opens, and the sweep removes what is too much.
func TestServerKilledBetweenAnyTwoSteps(t *testing.T) {
	for name, c := range map[string]struct {
		steps int // that the request takes: three pictures put, the row, three old pictures deleted
		send  func(s *testServer, token, id string) answer
	}{
		"add": {4, func(s *testServer, token, _ string) answer {
			return s.form("POST", "/books/", token, bookForm(t, "More Notes")...)
		}},
		"replace": {7, func(s *testServer, token, id string) answer {
			return s.form("PUT", "/books/"+id+"/cover", token, bookForm(t, "")[3])
		}},
		"update": {7, func(s *testServer, token, id string) answer {
			return s.form("PUT", "/books/"+id, token, bookForm(t, "Letters")...)
		}},
		"take away": {4, func(s *testServer, token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id + "/cover", token: token})
		}},
		"delete": {4, func(s *testServer, token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id, token: token})
		}},
	} {
		for steps := range c.steps + 1 {
			t.Run(fmt.Sprint(name, " after ", steps, " steps"), func(t *testing.T) {
				s := newServer(t, nil)
				ada := s.signedIn("ada@example.com")
				id := s.addBook(ada.Token, "Notes").ID
				a := c.send(s.dying(steps), ada.Token, id)
				if done := a.status < http.StatusBadRequest; steps == c.steps && !done || steps == 0 && done {
					t.Errorf("status %d", a.status)
				}
				s.wantCoversOpen(ada.Token)
			})
		}
	}
}

// wantCoversOpen checks that all sizes of all listed books' covers open, and that the sweep leaves these and no others.
func (s *testServer) wantCoversOpen(token string) {
	s.Helper()
	for range 2 {
		withCover := 0
		for _, b := range data[[]covered](s.get("/books/", token), "successfully retrieved all books") {
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
