// Package storagetest tests the contract of models.Store and of the interfaces that it returns. The tests of both
// database engines run it. It also starts the servers that the tests of stores need.
package storagetest

import (
	"slices"
	"testing"

	"bookplate/models"
)

// Quirk is a known violation of the contract by a MongoDB-compatible server that the engine cannot correct.
type Quirk string

// DuplicateOnUpdateIsInternal is a quirk of FerretDB 1.24: if an update violates a unique index, the server returns
// "internal error" (code 1) instead of "duplicate key" (code 11000), and the engine cannot detect the conflict.
const DuplicateOnUpdateIsInternal Quirk = "duplicate on update is internal"

// suite is the argument of a test: an empty store and its quirks.
type suite struct {
	models.Store
	quirks []Quirk
}

// Run tests the stores that open returns. Each call of open must return an empty store and register its cleanup.
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

// wantConflictOnUpdate checks that err is a Conflict, or Internal for a store with DuplicateOnUpdateIsInternal.
func (s suite) wantConflictOnUpdate(t *testing.T, err error) {
	t.Helper()
	want := models.Conflict
	if slices.Contains(s.quirks, DuplicateOnUpdateIsInternal) {
		want = models.Internal
	}
	wantCode(t, err, want)
}
