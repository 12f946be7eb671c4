// Package blobtest tests the contract of blob.Store. The tests of each store call Run.
package blobtest

import (
	"bytes"
	"io"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Run runs the tests. Each test calls open, which must return an empty store, and closes the store at the end.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s blob.Store)
	}{
		{"put and read", roundTrip},
		{"the store copies the content", ownCopy},
		{"an open blob can be read in ranges", ranges},
		{"an open blob has its modification time", modTime},
		{"concurrent puts", concurrent},
		{"concurrent puts of one key", sameKey},
		{"an unknown key is not found", unknown},
		{"delete", deletion},
		{"lists", lists},
		{"invalid keys are rejected", invalidKeys},
		{"a blob that is too large is rejected", tooLarge},
		{"an ended context", endedContext},
		{"ping", ping},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			test.run(t, s)
		})
	}
}

func ping(t *testing.T, s blob.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func put(t *testing.T, s blob.Store, key string, content []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, content); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func openBlob(t *testing.T, s blob.Store, key string) blob.Object {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open %s: %v", key, err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Errorf("close %s: %v", key, err)
		}
	})
	return o
}

func wantContent(t *testing.T, s blob.Store, key string, want []byte) {
	t.Helper()
	got, err := io.ReadAll(openBlob(t, s, key))
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes, which differ from the %d bytes put", key, len(got), len(want))
	}
}

func wantNotFound(t *testing.T, s blob.Store, key string) {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err == nil {
		_ = o.Close()
		t.Errorf("open %q: got a blob, want NotFound", key)
		return
	}
	wantCode(t, "open", err, models.NotFound)
}

func wantCode(t *testing.T, call string, err error, want models.Code) {
	t.Helper()
	if err == nil || models.CodeOf(err) != want {
		t.Errorf("%s: got %v, want an error of code %d", call, err, want)
	}
}
