package tests

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
)

// fullShelf keeps the shelves small, so that there is as much deleting as adding.
const fullShelf = 12

// writer is a client that adds, changes and deletes books of its own, one request after the other, and remembers what
// the server has answered.
type writer struct {
	*server
	token    string
	number   int
	random   *rand.Rand
	made     int             // titles made up
	answered int             // writes
	shelf    map[string]book // by id, as last answered
	open     change          // the one without an answer, if its method is set
}

// change is a request to change the shelf.
type change struct {
	method, id, title string
	cover             string // empty: stays as it is
}

// write makes one random change. It returns false once the server is killed, or has failed.
func (w *writer) write(killed <-chan struct{}) bool {
	w.open = w.choose()
	r := withForm(w.open.method, "/books/"+w.open.id, w.token, w.open.cover, "title", w.open.title, "category", "science")
	a, err := w.send(r)
	if err != nil {
		select {
		case <-killed:
		default:
			w.Errorf("%s %s: %v, though nobody has killed the server", r.method, r.path, err)
		}
		return false
	}
	if err := w.remember(a); err != nil {
		w.Errorf("%s %s: %v: %d %s", r.method, r.path, err, a.status, a.body)
		return false
	}
	return true
}

func (w *writer) choose() change {
	n := w.random.IntN(8)
	if len(w.shelf) == 0 || n < 4 && len(w.shelf) < fullShelf {
		return change{"POST", "", w.newTitle(), picture}
	}
	ids := slices.Sorted(maps.Keys(w.shelf)) // sorted: the same seed, the same choice
	id := ids[w.random.IntN(len(ids))]
	switch n % 4 {
	case 0:
		return change{"PUT", id, w.newTitle(), picture}
	case 1:
		return change{"PUT", id, w.newTitle(), ""}
	}
	return change{"DELETE", id, "", ""}
}

func (w *writer) newTitle() string {
	w.made++
	return fmt.Sprintf("Volume %d of writer %d", w.made, w.number)
}

// remember takes an answer in.
func (w *writer) remember(a answer) error {
	if w.open.method == http.MethodDelete {
		if a.status != http.StatusNoContent {
			return fmt.Errorf("want status %d", http.StatusNoContent)
		}
		delete(w.shelf, w.open.id)
	} else {
		var e envelope[book]
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != http.StatusCreated {
			return fmt.Errorf("want a book with status %d: %w", http.StatusCreated, err)
		}
		w.shelf[e.Data.ID] = e.Data
	}
	w.open = change{}
	w.answered++
	return nil
}

// check compares the shelf with the books that are listed, takes its own out of these, and learns what became of the
// change without an answer.
func (w *writer) check(listed map[string]book) {
	w.Helper()
	for id, known := range w.shelf {
		got, found := listed[id]
		delete(listed, id)
		switch {
		case found && (got == known || w.open.id == id && w.open.made(known, got)):
			w.shelf[id] = got
		case !found && w.open.id == id && w.open.method == http.MethodDelete:
			delete(w.shelf, id)
		default:
			w.Errorf("answered %+v\nlisted %+v (%v)\nwithout an answer %+v", known, got, found, w.open)
		}
	}
	for id, got := range listed {
		if w.open.method == http.MethodPost && got.Title == w.open.title {
			w.shelf[id] = got
			delete(listed, id)
		}
	}
	w.open = change{}
}

// made says whether this change, whole, makes one book of the other.
func (c change) made(before, after book) bool {
	want := before
	want.Title, want.UpdatedAt = c.title, after.UpdatedAt
	if c.cover != "" {
		want.ImageURL = after.ImageURL
	}
	return c.method == http.MethodPut && after == want && (after.ImageURL != before.ImageURL) == (c.cover != "")
}
