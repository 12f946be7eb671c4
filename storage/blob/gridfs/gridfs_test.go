package gridfs

import (
	"testing"

	"bookplate/storage/blob"
	"bookplate/storage/blob/blobtest"
	"bookplate/storage/storagetest"
)

func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, storagetest.MongoURL(t)) })
}
