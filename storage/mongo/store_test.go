package mongo

import (
	"log/slog"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// openQuietly opens a store and discards its log. The test has to close the store.
func openQuietly(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open opens a store on a running server, waits until it is ready, and closes it at the end of the test.
func open(t testing.TB, url string) *Store {
	t.Helper()
	s := openQuietly(t, url)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	waitReady(t, s)
	return s
}

func TestContract(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) models.Store { return open(t, storagetest.MongoURL(t)) })
}

// updatedAt is the time of the changes that tests make.
var updatedAt = time.Date(2023, time.May, 6, 7, 8, 9, 0, time.UTC)
