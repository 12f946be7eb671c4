package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
)

// scripted is a store with a test server. Once the store is open, the test's own handler answers the requests.
type scripted struct {
	*Store
	answer   http.HandlerFunc
	requests atomic.Int32
}

func newScripted(t *testing.T, answer http.HandlerFunc) *scripted {
	t.Helper()
	s := &scripted{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.requests.Add(1); s.answer != nil {
			s.answer(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s.Store = open(t, "s3://covers?endpoint="+server.URL)
	s.answer = answer
	s.requests.Store(0)
	return s
}

// errorResponse answers with an S3 error, or without a body if code is empty.
func errorResponse(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		if code != "" {
			_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>test</Message></Error>", code)
		}
	}
}

func TestErrorResponses(t *testing.T) {
	for _, c := range []struct {
		status   int
		code     string
		want     models.Code
		requests int32
	}{
		{404, "NoSuchKey", models.NotFound, 1},
		{404, "NoSuchBucket", models.Unavailable, 1}, // not NotFound
		{403, "AccessDenied", models.Unavailable, 1},
		{403, "InvalidAccessKeyId", models.Unavailable, 1},
		{403, "", models.Unavailable, 1},
		{503, "SlowDown", models.Unavailable, maxAttempts},
		{500, "InternalError", models.Unavailable, maxAttempts},
		{429, "", models.Unavailable, maxAttempts},
		{507, "XMinioStorageFull", models.InsufficientStorage, 1},
		{400, "InvalidArgument", models.Internal, 1},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			s := newScripted(t, errorResponse(c.status, c.code))
			_, err := s.Open(t.Context(), "a.jpg")
			if got := models.CodeOf(err); err == nil || got != c.want {
				t.Errorf("open: code %d (%v), want %d", got, err, c.want)
			}
			if got := s.requests.Load(); got != c.requests {
				t.Errorf("open: %d requests, want %d", got, c.requests)
			}
			if c.want == models.NotFound {
				return
			}
			if err := s.Put(t.Context(), "a.jpg", []byte("x")); models.CodeOf(err) != c.want || err == nil {
				t.Errorf("put: %v, want code %d", err, c.want)
			}
			if err := s.Delete(t.Context(), "a.jpg"); models.CodeOf(err) != c.want || err == nil {
				t.Errorf("delete: %v, want code %d", err, c.want)
			}
		})
	}
}

func TestDeleteOfMissingObject(t *testing.T) {
	if err := newScripted(t, errorResponse(404, "NoSuchKey")).Delete(t.Context(), "a.jpg"); err != nil {
		t.Error(err)
	}
}

func TestPingOfDeletedBucket(t *testing.T) {
	s := newScripted(t, errorResponse(404, ""))
	wantUnavailable(t, "ping", s.Ping(t.Context()))
	wantDetail(t, s.Ping(t.Context()), "S3 at "+s.loc.endpoint+` has no bucket "covers"`)
}

func TestInvalidObjects(t *testing.T) {
	cut := newScripted(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, "half")
	})
	_, err := cut.Open(t.Context(), "a.jpg")
	wantUnavailable(t, "a truncated body", err)

	huge := newScripted(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(blob.MaxSize+1))
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
	})
	if _, err := huge.Open(t.Context(), "a.jpg"); err == nil || models.CodeOf(err) != models.Internal {
		t.Errorf("a huge object: %v, want Internal", err)
	}
}

func TestServerDoesNotAnswer(t *testing.T) {
	s := newScripted(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for call, err := range everyCall(ctx, s.Store, "a.jpg") {
		wantUnavailable(t, call, err)
	}
}

// Put sends the hash of the content in a header, so that the server can detect a damaged blob.
func TestPutSendsTheContentAndItsHash(t *testing.T) {
	var path, sentHash, bodyHash string
	s := newScripted(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hash := sha256.Sum256(body)
		path, sentHash, bodyHash = r.URL.Path, r.Header.Get("X-Amz-Content-Sha256"), hex.EncodeToString(hash[:])
	})
	for _, content := range []string{"", "picture"} {
		if err := s.Put(t.Context(), "a.jpg", []byte(content)); err != nil {
			t.Fatal(err)
		}
		if path != "/covers/a.jpg" || sentHash != bodyHash {
			t.Errorf("%q: sent to %s with the hash %s, but the body has %s", content, path, sentHash, bodyHash)
		}
	}
}
