package gridfs

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// driverBucket returns a GridFS bucket of the MongoDB driver. In the tests it takes the place of other programs that
// use GridFS.
func driverBucket(s *Store) *driver.GridFSBucket {
	return s.client.Database.GridFSBucket(options.GridFSBucket().SetName(bucket))
}

// noise returns n pseudo-random bytes, the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

func TestDriverReadsBlobs(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	defer s.Close() //nolint:errcheck // the test ignores this error
	for key, n := range map[string]int{"empty.jpg": 0, "small.jpg": 1, "chunk.jpg": chunkSize, "large.jpg": 3*chunkSize + 1} {
		if err := s.Put(t.Context(), key, noise(n)); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := driverBucket(s).DownloadToStreamByName(t.Context(), key, &got); err != nil || !bytes.Equal(got.Bytes(), noise(n)) {
			t.Errorf("%s: the driver reads %d of %d bytes: %v", key, got.Len(), n, err)
		}
	}
}

func TestOpenReadsFilesOfTheDriver(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	defer s.Close() //nolint:errcheck // the test ignores this error
	content := noise(300_000)
	other := options.GridFSUpload().SetChunkSizeBytes(1000)
	if err := driverBucket(s).UploadFromStreamWithID(t.Context(), "a.jpg", "a.jpg", bytes.NewReader(content), other); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), "a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d of %d bytes: %v", len(got), len(content), err)
	}
}

// List omits files whose name is not a valid key. Open does not read a file that is larger than MaxSize.
func TestFilesOfOtherPrograms(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	defer s.Close() //nolint:errcheck // the test ignores this error
	bucket := driverBucket(s)
	if _, err := bucket.UploadFromStream(t.Context(), "a.jpg", strings.NewReader("x")); err != nil { // its _id is an ObjectID
		t.Fatal(err)
	}
	if err := bucket.UploadFromStreamWithID(t.Context(), "notes.txt", "notes.txt", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for info, err := range s.List(t.Context()) {
		t.Errorf("listed: %v, %v", info, err)
	}
	wantNoBlob(t, s, "a.jpg")
	insert(t, s.files, file{Key: "huge.jpg", Length: 1 << 40, ChunkSize: chunkSize})
	if _, err := s.Open(t.Context(), "huge.jpg"); err == nil || models.CodeOf(err) != models.Internal {
		t.Errorf("open: %v, want Internal", err)
	}
}
