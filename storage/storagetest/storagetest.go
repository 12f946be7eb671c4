// Package storagetest is the contract that both database engines pass: every promise in the comments of models.Store
// and of what it returns is tested here and nowhere else.
package storagetest

import (
	"slices"
	"testing"

	"bookplate/models"
)

// Quirk is a place where a server that calls itself compatible breaks the contract, and nothing in the engine can help.
type Quirk string

// DuplicateOnUpdateIsInternal is FerretDB 1.24's: a unique index holds on update too, but the refusal is its "internal
// error" (code 1) instead of "duplicate key" (code 11000), so that the engine cannot tell it from any other failure.
const DuplicateOnUpdateIsInternal Quirk = "duplicate on update is internal"

// suite is what one test gets: a fresh store, and what is known about it.
type suite struct {
	models.Store
	quirks []Quirk
}

// Run tests the stores that open makes. Each call of open returns a fresh, empty store, and registers its clean-up.
func Run(t *testing.T, open func(t *testing.T) models.Store, quirks ...Quirk) {
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, suite)
	}{
		{"store", storeTests},
		{"users", userTests},
		{"user names", usernameTests},
		{"books", bookTests},
		{"lists", listTests},
		{"sessions", sessionTests},
		{"session lists", sessionListTests},
		{"refresh tokens", refreshTests},
		{"tokens", tokenTests},
		{"shelves", shelfTests},
		{"erasure", eraseTests},
		{"throttles", throttleTests},
		{"audit", auditTests},
		{"leases", leaseTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, test := range group.tests {
				t.Run(name, func(t *testing.T) { test(t, suite{open(t), quirks}) })
			}
		})
	}
}

// wantConflictOnUpdate is wantCode for models.Conflict, as far as the server can tell one on update.
func (s suite) wantConflictOnUpdate(t *testing.T, err error) {
	t.Helper()
	want := models.Conflict
	if slices.Contains(s.quirks, DuplicateOnUpdateIsInternal) {
		want = models.Internal
	}
	wantCode(t, err, want)
}
