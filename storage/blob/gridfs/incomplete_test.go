package gridfs

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// A crash can leave some of a blob's documents. Open does not find such a blob, but List returns it and Delete deletes
// it.
func TestIncompleteBlobs(t *testing.T) {
	document := file{Key: "a.jpg", Length: 2*chunkSize + 1, ChunkSize: chunkSize, UploadDate: time.Now(), Filename: "a.jpg"}
	complete := split("a.jpg", make([]byte, document.Length))
	for name, chunks := range map[string][]chunk{
		"no chunk":                nil,
		"the first chunk":         complete[:1],
		"all but the first":       complete[1:],
		"a gap":                   {complete[0], complete[2]},
		"the last chunk too long": {complete[0], complete[1], {Key: "a.jpg", N: 2, Data: []byte("xx")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, storagetest.MongoURL(t))
			defer s.Close() //nolint:errcheck // the test ignores this error
			insert(t, s.files, document)
			for _, c := range chunks {
				insert(t, s.chunks, c)
			}
			wantNoBlob(t, s, "a.jpg")
			wantListedAndDeleted(t, s, "a.jpg")
		})
	}
}

// The test stores one chunk of a blob in advance, so that the server rejects the chunks that Put sends.
func TestFailedPut(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	defer s.Close()                                              //nolint:errcheck // the test ignores this error
	if err := s.Put(t.Context(), "first.jpg", nil); err != nil { // creates the index
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "first.jpg"); err != nil {
		t.Fatal(err)
	}
	insert(t, s.chunks, chunk{Key: "a.jpg", N: 1, Data: []byte("x")})
	if err := s.Put(t.Context(), "a.jpg", make([]byte, 2*chunkSize)); models.CodeOf(err) != models.Internal || err == nil {
		t.Errorf("put: %v, want Internal", err)
	}
	wantNoBlob(t, s, "a.jpg")
	wantListedAndDeleted(t, s, "a.jpg")
}

func TestOneOfTwoPutsSucceeds(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	defer s.Close() //nolint:errcheck // the test ignores this error
	contents := [][]byte{bytes.Repeat([]byte("a"), 2*chunkSize), bytes.Repeat([]byte("b"), 3*chunkSize)}
	errs := make([]error, len(contents))
	var wg sync.WaitGroup
	for i := range contents {
		wg.Go(func() { errs[i] = s.Put(t.Context(), "a.jpg", contents[i]) })
	}
	wg.Wait()
	winner, loser := 0, 1
	if errs[0] != nil {
		winner, loser = 1, 0
	}
	if errs[winner] != nil || errs[loser] == nil || models.CodeOf(errs[loser]) != models.Internal {
		t.Fatalf("want one success and one Internal, got %v", errs)
	}
	o, err := s.Open(t.Context(), "a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, contents[winner]) {
		t.Errorf("the blob is not the winner's (%v)", err)
	}
}

func wantNoBlob(t *testing.T, s *Store, key string) {
	t.Helper()
	if _, err := s.Open(t.Context(), key); err == nil || models.CodeOf(err) != models.NotFound {
		t.Errorf("open: %v, want NotFound", err)
	}
}

// wantListedAndDeleted checks that key is the only key listed, and that deleting it leaves no documents.
func wantListedAndDeleted(t *testing.T, s *Store, key string) {
	t.Helper()
	n := 0
	for info, err := range s.List(t.Context()) {
		if n++; err != nil || info.Key != key || time.Since(info.ModTime).Abs() > time.Hour {
			t.Errorf("listed: %v, %v, want %s", info, err, key)
		}
	}
	if n != 1 {
		t.Errorf("%d blobs are listed, want %s", n, key)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	for _, coll := range []*driver.Collection{s.files, s.chunks} {
		if err := coll.FindOne(t.Context(), bson.D{}).Err(); !errors.Is(err, driver.ErrNoDocuments) {
			t.Errorf("%s is not empty: %v", coll.Name(), err)
		}
	}
}

func insert(t *testing.T, coll *driver.Collection, document any) {
	t.Helper()
	if _, err := coll.InsertOne(t.Context(), document); err != nil {
		t.Fatal(err)
	}
}
