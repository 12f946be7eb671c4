// Package storagetest is the contract that both database engines pass: every promise in the comments of models.Store
// and of what it returns is tested here and nowhere else.
package storagetest

import (
	"testing"

	"bookplate/models"
)

// suite is what one test gets: a fresh store.
type suite struct{ models.Store }

// Run tests the stores that open makes. Each call of open returns a fresh, empty store, and registers its clean-up.
func Run(t *testing.T, open func(t *testing.T) models.Store) {
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
				t.Run(name, func(t *testing.T) { test(t, suite{open(t)}) })
			}
		})
	}
}
