// Package storagetest tests the contract of models.Store and of the interfaces that it returns. The tests of each
// database engine call Run. The package also starts the servers that the tests of stores need.
package storagetest

import (
	"testing"

	"bookplate/models"
)

// suite is the argument of a test: an empty store.
type suite struct{ models.Store }

// Run tests the stores that open returns. Each call of open must return an empty store and register its cleanup.
func Run(t *testing.T, open func(t *testing.T) models.Store) {
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, suite)
	}{
		{"store", storeTests},
		{"users", userTests},
		{"user names", usernameTests},
		{"books", bookTests},
		{"versions", versionTests},
		{"trash", trashTests},
		{"lists", listTests},
		{"finding", findingTests},
		{"duplicates", duplicateTests},
		{"sessions", sessionTests},
		{"session lists", sessionListTests},
		{"refresh tokens", refreshTests},
		{"tokens", tokenTests},
		{"shelves", shelfTests},
		{"readings", readingTests},
		{"loans", loanTests},
		{"erasure", eraseTests},
		{"throttles", throttleTests},
		{"audit", auditTests},
		{"leases", leaseTests},
		{"keyed requests", keyedTests},
		{"batches", batchTests},
		{"source answers", sourceAnswerTests},
		{"records", recordTests},
		{"imports", importTests},
	} {
		t.Run(group.name, func(t *testing.T) { run(t, group.tests, open) })
	}
	t.Run("records of every collection are copied", func(t *testing.T) { testRecords(t, open) })
}

// RunFinding runs only the tests that find books. It is for an engine that has another way to find books if many match.
func RunFinding(t *testing.T, open func(t *testing.T) models.Store) { run(t, findingTests, open) }

func run(t *testing.T, tests map[string]func(*testing.T, suite), open func(t *testing.T) models.Store) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, suite{open(t)})
		})
	}
}
