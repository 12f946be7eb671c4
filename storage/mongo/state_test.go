package mongo

import (
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// All copies of the server on one database have the same mark, at every start; other databases have others.
func TestCoverMark(t *testing.T) {
	url := storagetest.MongoURL(t)
	marks := map[string]bool{}
	for _, s := range []*Store{open(t, url), open(t, url)} {
		waitPrepared(t, s)
		mark, err := s.CoverMark()
		if err != nil {
			t.Fatal(err)
		}
		marks[mark] = true
	}
	other, err := open(t, storagetest.MongoURL(t)).CoverMark()
	if err != nil || len(marks) != 1 || marks[other] {
		t.Errorf("one database has the marks %v, another one %s (%v)", marks, other, err)
	}

	unready, _ := connect(url, nil)
	defer unready.client.Close() //nolint:errcheck // nothing was called
	if mark, err := unready.CoverMark(); models.CodeOf(err) != models.Unavailable {
		t.Errorf("before the database was read: %s, %v", mark, err)
	}
}
