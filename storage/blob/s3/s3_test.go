package s3

import (
	"io"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"bookplate/storage/blob"
	"bookplate/storage/blob/blobtest"
	"bookplate/storage/storagetest"
)

// The pauses between attempts are short in tests.
func init() { minio.DefaultRetryUnit = time.Millisecond }

var keys = Keys{Access: storagetest.S3AccessKey, Secret: "secret"}

func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, storagetest.S3URL(t)) })
}

func TestFiles(t *testing.T) {
	f, err := OpenFiles(t.Context(), storagetest.S3URL(t), keys)
	if err != nil {
		t.Fatal(err)
	}
	blobtest.RunFiles(t, f, func(name string) string {
		object, err := f.client.GetObject(t.Context(), f.loc.bucket, f.loc.prefix+name, minio.GetObjectOptions{})
		if err != nil {
			t.Error(err)
		}
		content, err := io.ReadAll(object)
		if err != nil {
			t.Error(err)
		}
		return string(content)
	})
}
