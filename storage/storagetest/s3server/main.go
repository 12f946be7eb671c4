// Command s3server is the S3 server of the tests. It is gofakes3, which stores objects in memory and needs only Go to
// build. It is a separate module, so that Bookplate does not get its dependencies.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9000", "TCP address to listen on")
	bucket := flag.String("bucket", "covers", "name of the bucket to create")
	accessKey := flag.String("access-key", "", "the access key; requests with another one are rejected")
	flag.Parse()
	if err := run(*addr, *bucket, *accessKey); err != nil {
		fmt.Fprintln(os.Stderr, "s3server:", err)
		os.Exit(1)
	}
}

// run serves until the end of stdin. The test process holds the other end of stdin, so the server ends when the test
// process ends. The server prints a line to stdout once it accepts connections.
func run(addr, bucket, accessKey string) error {
	backend := s3mem.New()
	if err := backend.CreateBucket(bucket); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           authorized(accessKey, gofakes3.New(backend).Server()),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() { _ = server.Serve(listener) }()
	fmt.Println("listening on", listener.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// authorized rejects requests with a wrong access key, because gofakes3 accepts every key. It does not verify the
// signature.
func authorized(accessKey string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+accessKey+"/") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>InvalidAccessKeyId</Code><Message>Unknown access key</Message></Error>")
			return
		}
		next.ServeHTTP(w, r)
	})
}
