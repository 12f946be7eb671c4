// Package s3 stores blobs in a bucket of Amazon S3, or of another server with the same protocol.
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
	// callTimeout limits a call, including its retries and the reading of the response. A thumbnail takes a fraction of
	// a second.
	callTimeout = 10 * time.Second
	// maxAttempts is how often a request is sent at most. It is sent again if the server is busy or does not answer.
	// The pauses between attempts are shorter than a second.
	maxAttempts = 3
)

// Store is a bucket, or the objects with a prefix in a bucket.
type Store struct {
	loc       location
	client    *minio.Client
	transport *http.Transport
}

// Keys are the credentials for the server.
type Keys struct{ Access, Secret string }

// Open opens the bucket of a URL: s3://BUCKET?endpoint=https://HOST&region=…&path_style=true&prefix=…
//
// It returns an error for the operator if the URL is invalid, the bucket does not exist, or the server rejects the
// keys. If the server is not reachable, Open succeeds, and every call returns Unavailable until the server is
// reachable.
func Open(ctx context.Context, url string, keys Keys) (*Store, error) {
	loc, err := parse(url)
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(loc.secure)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(loc.endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(keys.Access, keys.Secret, ""),
		Secure:       loc.secure,
		Region:       loc.region,
		BucketLookup: loc.lookup,
		Transport:    transport,
		MaxRetries:   maxAttempts,
	})
	if err != nil {
		return nil, err
	}
	s := &Store{loc: loc, client: client, transport: transport}
	err = s.Ping(ctx)
	response, ok := errors.AsType[minio.ErrorResponse](err)
	if ok && (isMisconfigured(response) || codeOf(response) == models.Internal) {
		return nil, fmt.Errorf("%s: %w", s.describe(err), response)
	}
	return s, nil
}

// Ping checks that the bucket exists. The Detail of its error says what is wrong and names the server.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	exists, err := s.client.BucketExists(ctx, s.loc.bucket)
	if err == nil && !exists {
		err = minio.ErrorResponse{Code: minio.NoSuchBucket, StatusCode: http.StatusNotFound, BucketName: s.loc.bucket}
	}
	return s.withDetail(translate(err))
}

// Close closes the idle connections.
func (s *Store) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}
