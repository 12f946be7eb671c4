package storagetest

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

// The bucket and the access key of the S3 server. The server does not check the secret key.
const (
	S3Bucket    = "covers"
	S3AccessKey = "bookplate"
)

// S3 is a server in another process. It implements Amazon S3's protocol.
type S3 struct {
	program
	addr string // the same at every start
}

// NewS3 starts a server, which the test's cleanup stops. The bucket is empty after every Start.
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

// URL returns the server's URL. It does not change.
func (s *S3) URL() string { return "http://" + s.addr }

// S3URL returns the URL of a blob store with a new, empty prefix. All tests of the package share the server.
func S3URL(t testing.TB) string {
	t.Helper()
	s, err := sharedS3()
	if err != nil {
		t.Fatal(err)
	}
	return "s3://" + S3Bucket + "?endpoint=" + url.QueryEscape(s.URL()) + "&prefix=" + string(models.NewID(time.Now())) + "/"
}

// sharedS3 starts the server on first use. The server ends with this process.
var sharedS3 = sync.OnceValues(func() (*S3, error) {
	s := newS3()
	return s, s.start()
})
