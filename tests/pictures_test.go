package tests

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo" //nolint:depguard // tests read and write the database directly

	"bookplate/storage/storagetest"
)

// orphan is the key of a picture without a book.
const orphan = "0123456789abcdef0123456789abcdef-150.jpg"

// pictures gives direct access to a server's store of covers.
type pictures interface {
	add(key string, age time.Duration)
	remove(key string)
	has(key string) bool
}

// eachPictures runs a test for each store of covers in which a test can set a picture's age. The server is not started.
func eachPictures(t *testing.T, test func(s *server, kept pictures)) {
	t.Run("disk", func(t *testing.T) {
		s := newServer(t)
		test(s, files{s})
	})
	t.Run("gridfs", func(t *testing.T) {
		url := storagetest.MongoURL(t)
		test(newServer(t, "DATABASE_URL="+url, "SECRET_KEY="+sharedSecret), gridFS{t, rawMongo(t, url)})
	})
}

// files gives access to pictures on disk.
type files struct{ *server }

func (f files) path(key string) string { return filepath.Join(f.folder, "data", "covers", key) }

func (f files) add(key string, age time.Duration) {
	f.Helper()
	path, at := f.path(key), time.Now().Add(-age)
	if err := errors.Join(
		os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at),
	); err != nil {
		f.Fatal(err)
	}
}

func (f files) remove(key string) {
	f.Helper()
	if err := os.Remove(f.path(key)); err != nil {
		f.Fatal(err)
	}
}

func (f files) has(key string) bool {
	_, err := os.Stat(f.path(key))
	return err == nil
}

// gridFS gives access to pictures in GridFS.
type gridFS struct {
	*testing.T
	db *driver.Database
}

func (c gridFS) add(key string, age time.Duration) {
	c.Helper()
	insertRaw(c.T, c.db, "covers.files", document{
		"_id": key, "filename": key, "length": int64(1), "chunkSize": int32(255 << 10),
		"uploadDate": time.Now().Add(-age),
	})
}

func (c gridFS) remove(key string) {
	c.Helper()
	if _, err := c.db.Collection("covers.files").DeleteOne(c.Context(), document{"_id": key}); err != nil {
		c.Fatal(err)
	}
}

func (c gridFS) has(key string) bool {
	c.Helper()
	n, err := c.db.Collection("covers.files").CountDocuments(c.Context(), document{"_id": key})
	if err != nil {
		c.Fatal(err)
	}
	return n > 0
}
