package mongo

import (
	"log/slog"
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// open opens a store on a URL.
func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	var quirks []storagetest.Quirk
	if storagetest.OnFerretDB() {
		quirks = append(quirks, storagetest.DuplicateOnUpdateIsInternal)
	}
	storagetest.Run(t, func(t *testing.T) models.Store { return open(t, storagetest.MongoURL(t)) }, quirks...)
}
