package mongo

import (
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// All stores on a database have the same cover mark. Stores on different databases have different marks.
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
		t.Errorf("got the marks %v for one database and %s for another (%v)", marks, other, err)
	}

	unready, _ := connect(url, nil)
	defer unready.client.Close() //nolint:errcheck // the client made no call
	if mark, err := unready.CoverMark(); models.CodeOf(err) != models.Unavailable {
		t.Errorf("before the database is read: got %s, %v; want Unavailable", mark, err)
	}
}
