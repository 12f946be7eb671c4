package sqlite

import (
	"testing"
)

// When lists use all of their connections, a look-up still returns.
func TestLookupsDoNotWaitForLists(t *testing.T) {
	s, book := open(t), newBook("Emma")
	check(t, addBook(s, book))
	started, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	for range lists {
		go func() {
			_, err := findAll(t.Context(), s, "SELECT 1", nil, func(n *int64) []any {
				started <- struct{}{}
				<-release
				return []any{n}
			})
			ended <- err
		}()
		<-started
	}
	wantStored(t, s, book, true)
	close(release)
	for range lists {
		check(t, <-ended)
	}
}
