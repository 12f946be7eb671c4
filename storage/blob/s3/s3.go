// Package s3 keeps blobs in a bucket of Amazon S3, or of one of the many servers that speak its protocol.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"bookplate/models"
)

const (
	// callTimeout is for the whole of a call, retries and reading the answer included: a thumbnail takes a fraction of
	// a second, so that after ten nothing will come.
	callTimeout = 10 * time.Second
	// attempts is how often a request is made when the answer is that the server is busy, or none. The pauses between
	// them are under a second.
	attempts = 3
)

// Store is a bucket, or what has a prefix in one.
type Store struct {
	at        place
	client    *minio.Client
	transport *http.Transport
}

// Keys are what the server knows us by.
type Keys struct{ Access, Secret string }

// Open opens the bucket that a URL names: s3://BUCKET?endpoint=https://HOST&region=…&path_style=true&prefix=…. The
// error is for the operator: the URL is wrong, there is no such bucket or the keys are refused. A server that is not
// there yet is no error: until it is, every call returns Unavailable.
func Open(ctx context.Context, url string, keys Keys) (*Store, error) {
	at, err := parse(url)
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(at.secure)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(at.endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(keys.Access, keys.Secret, ""),
		Secure:       at.secure,
		Region:       at.region,
		BucketLookup: at.lookup,
		Transport:    transport,
		MaxRetries:   attempts,
	})
	if err != nil {
		return nil, err
	}
	s := &Store{at: at, client: client, transport: transport}
	err = s.Ping(ctx)
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok && (isSetup(answer) || codeOf(answer) == models.Internal) {
		return nil, fmt.Errorf("%s: %w", s.describe(err), answer)
	}
	return s, nil
}

// Ping asks for the bucket. The Detail of its error says what is wrong and names the server, not the keys.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	there, err := s.client.BucketExists(ctx, s.at.bucket)
	if err == nil && !there {
		err = minio.ErrorResponse{Code: minio.NoSuchBucket, StatusCode: http.StatusNotFound, BucketName: s.at.bucket}
	}
	return s.explain(translate(err))
}

// Close ends the connections that are idle.
func (s *Store) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}
