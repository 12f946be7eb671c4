package storagetest

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

// What the tests' S3 server knows: a bucket and an access key. It does not ask for the secret.
const (
	S3Bucket    = "covers"
	S3AccessKey = "bookplate"
)

// S3 is a server that speaks Amazon S3's protocol, in a process of its own.
type S3 struct {
	program
	addr string // the same at every start
}

// NewS3 starts a server. At every start it has the bucket with nothing in it. It is stopped at the end of the test.
func NewS3(t testing.TB) *S3 {
	t.Helper()
	s := newS3()
	s.Start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

func newS3() *S3 {
	addr := freeAddr()
	args := []string{"-addr", addr, "-bucket", S3Bucket, "-access-key", S3AccessKey}
	return &S3{program: program{name: "s3server", args: args}, addr: addr}
}

// URL is the server's, whether it runs or not.
func (s *S3) URL() string { return "http://" + s.addr }

// S3URL is a blob store's URL of a fresh, empty place in the bucket of a server that all tests of the package share.
func S3URL(t testing.TB) string {
	t.Helper()
	s, err := sharedS3()
	if err != nil {
		t.Fatal(err)
	}
	return "s3://" + S3Bucket + "?endpoint=" + url.QueryEscape(s.URL()) + "&prefix=" + string(models.NewID(time.Now())) + "/"
}

// sharedS3 starts the server on first use. It ends with this process.
var sharedS3 = sync.OnceValues(func() (*S3, error) {
	s := newS3()
	return s, s.start()
})
