// Package blobtest is the contract of blob.Store, as a suite that every store runs.
package blobtest

import (
	"bytes"
	"io"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Run holds a store to the contract. Each part gets a store of its own from open, empty, and closes it.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	parts := []struct {
		name string
		test func(t *testing.T, s blob.Store)
	}{
		{"what goes in comes out", roundTrip},
		{"content is the store's own copy", ownCopy},
		{"an open blob can be read in ranges", ranges},
		{"an open blob knows when it was made", modTime},
		{"many at once", concurrent},
		{"one key twice at once", sameKey},
		{"an unknown key is not found", unknown},
		{"delete", deletion},
		{"a list has every blob, once", list},
		{"a list ends when its reader does", brokenOffList},
		{"what is listed can be deleted on the way", sweep},
		{"what is no key is refused", badKeys},
		{"what is too large is refused", tooLarge},
		{"a context that has ended", endedContext},
		{"ping", ping},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			p.test(t, s)
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
		t.Errorf("%s has %d bytes that are not the %d put there", key, len(got), len(want))
	}
}

func wantNotFound(t *testing.T, s blob.Store, key string) {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err == nil {
		_ = o.Close()
		t.Errorf("open %q: there is a blob", key)
		return
	}
	wantCode(t, "open", err, models.NotFound)
}

func wantCode(t *testing.T, what string, err error, want models.Code) {
	t.Helper()
	if err == nil || models.CodeOf(err) != want {
		t.Errorf("%s: got %v, want an error of code %d", what, err, want)
	}
}
