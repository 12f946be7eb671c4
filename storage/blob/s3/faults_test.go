package s3

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

func wantUnavailable(t *testing.T, call string, err error) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != models.Unavailable || e.RetryAfter <= 0 {
		t.Errorf("%s: got %v, want Unavailable with a RetryAfter", call, err)
	}
}

// everyCall calls every method and returns the errors by name.
func everyCall(ctx context.Context, s *Store, key string) map[string]error {
	errs := map[string]error{"Ping": s.Ping(ctx), "Put": s.Put(ctx, key, []byte("picture"))}
	_, errs["Open"] = s.Open(ctx, key)
	for _, err := range s.List(ctx) {
		errs["List"] = err
	}
	errs["Delete"] = s.Delete(ctx, key)
	return errs
}

func TestServerStopsAndStarts(t *testing.T) {
	server := storagetest.NewS3(t)
	server.Stop(t)
	s := open(t, "s3://"+storagetest.S3Bucket+"?endpoint="+server.URL())
	defer s.Close() //nolint:errcheck // Close returns no error
	for range 2 {
		for call, err := range everyCall(t.Context(), s, "a.jpg") {
			wantUnavailable(t, call, err)
		}
		wantDetail(t, s.Ping(t.Context()), "S3 at "+strings.TrimPrefix(server.URL(), "http://")+" cannot be reached")
		server.Start(t)
		for call, err := range everyCall(t.Context(), s, "a.jpg") {
			if err != nil {
				t.Errorf("%s, after the server has started: %v", call, err)
			}
		}
		server.Stop(t)
	}
}

func TestOpenErrorNamesBucketAndKeys(t *testing.T) {
	server := storagetest.NewS3(t)
	for _, c := range []struct {
		bucket, accessKey, want string
	}{
		{"no-such-bucket", storagetest.S3AccessKey, `has no bucket "no-such-bucket"`},
		{storagetest.S3Bucket, "another", `refuses S3_ACCESS_KEY and S3_SECRET_KEY for the bucket "covers"`},
	} {
		_, err := Open(t.Context(), "s3://"+c.bucket+"?endpoint="+server.URL(), Keys{Access: c.accessKey, Secret: "hunter2"})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// Objects under other prefixes do not belong to the store.
func TestObjectsOfOtherPrefixes(t *testing.T) {
	url := storagetest.S3URL(t)
	s, inside, beside := open(t, url), open(t, url+"more/"), open(t, strings.TrimSuffix(url, "/")+"-")
	for _, other := range []*Store{inside, beside} {
		if err := other.Put(t.Context(), "a.jpg", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for info, err := range s.List(t.Context()) {
		t.Errorf("listed: %v, %v", info, err)
	}
	if _, err := s.Open(t.Context(), "a.jpg"); err == nil || models.CodeOf(err) != models.NotFound {
		t.Errorf("open: %v, want NotFound", err)
	}
}

func wantDetail(t *testing.T, err error, want string) {
	t.Helper()
	if e, ok := errors.AsType[*models.Error](err); !ok || e.Detail != want {
		t.Errorf("got %v, want the detail %q", err, want)
	}
}
