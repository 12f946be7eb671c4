package tests

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
)

// maxBooks is the largest number of books that a writer has at a time. It is small, so that writers delete as often as
// they add.
const maxBooks = 12

// writer is a client that adds, changes and deletes its own books, one request at a time, and records the answers.
type writer struct {
	*server
	token    string
	number   int
	random   *rand.Rand
	made     int             // number of titles generated
	answered int             // number of answered writes
	shelf    map[string]book // the books by id, as last answered
	open     change          // the change without an answer, if its method is set
}

// change is a request that adds, changes or deletes a book.
type change struct {
	method, id, title string
	cover             string // empty if the cover stays the same
}

// write makes one random change. It returns false if the server was killed or failed.
func (w *writer) write(killed <-chan struct{}) bool {
	w.open = w.choose()
	r := withForm(w.open.method, "/books/"+w.open.id, w.token, w.open.cover, "title", w.open.title, "category", "science")
	a, err := w.send(r)
	if err != nil {
		select {
		case <-killed:
		default:
			w.Errorf("%s %s: %v, although the server was not killed", r.method, r.path, err)
		}
		return false
	}
	if err := w.record(a); err != nil {
		w.Errorf("%s %s: %v: %d %s", r.method, r.path, err, a.status, a.body)
		return false
	}
	return true
}

func (w *writer) choose() change {
	n := w.random.IntN(8)
	if len(w.shelf) == 0 || n < 4 && len(w.shelf) < maxBooks {
		return change{"POST", "", w.newTitle(), picture}
	}
	ids := slices.Sorted(maps.Keys(w.shelf)) // sorted, so that a seed gives the same choices
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

// record updates the writer's books after the server has answered the open change.
func (w *writer) record(a answer) error {
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

// check compares the writer's books with the listed ones and removes them from listed. If the last change got no
// answer, it may or may not have been made; check then updates the writer's books to what is listed.
func (w *writer) check(listed map[string]book) {
	w.Helper()
	for id, known := range w.shelf {
		got, found := listed[id]
		delete(listed, id)
		switch {
		case found && (got == known || w.open.id == id && w.open.matches(known, got)):
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

// matches reports whether the change, if it is complete, turns before into after.
func (c change) matches(before, after book) bool {
	want := before
	want.Title, want.UpdatedAt = c.title, after.UpdatedAt
	if c.cover != "" {
		want.ImageURL = after.ImageURL
	}
	return c.method == http.MethodPut && after == want && (after.ImageURL != before.ImageURL) == (c.cover != "")
}
