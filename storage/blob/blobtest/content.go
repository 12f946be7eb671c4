package blobtest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"bookplate/storage/blob"
)

// noise returns n pseudo-random bytes, the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

// roundTrip stores and reads blobs of many sizes. A store may split a blob at a page of 4096 bytes, or at GridFS's
// chunk size of 255 KiB. So the sizes include these two, one byte less and one byte more.
func roundTrip(t *testing.T, s blob.Store) {
	sizes := []int{0, 1, 4095, 4096, 4097, 255*1024 - 1, 255 * 1024, 255*1024 + 1, 1 << 20}
	for _, n := range sizes {
		put(t, s, fmt.Sprintf("%d.jpg", n), noise(n))
	}
	for _, n := range sizes {
		wantContent(t, s, fmt.Sprintf("%d.jpg", n), noise(n))
	}
}

// ownCopy changes the caller's slice after Put. The stored blob must not change.
func ownCopy(t *testing.T, s blob.Store) {
	content := []byte("original")
	put(t, s, "a.jpg", content)
	clear(content)
	wantContent(t, s, "a.jpg", []byte("original"))
}

// ranges seeks as http.ServeContent does. That function seeks to the end to learn the size, and then to the start of
// each range.
func ranges(t *testing.T, s blob.Store) {
	content := noise(600_000)
	put(t, s, "a.jpg", content)
	o := openBlob(t, s, "a.jpg")
	if size, err := o.Seek(0, io.SeekEnd); err != nil || size != int64(len(content)) {
		t.Fatalf("seek to the end: %d, %v", size, err)
	}
	if n, err := o.Read(make([]byte, 1)); n != 0 || err != io.EOF { //nolint:errorlint // io.Reader returns io.EOF itself, not wrapped
		t.Errorf("read at the end: %d, %v", n, err)
	}
	for _, r := range []struct{ from, n int }{{300_000, 1000}, {0, 10}, {599_999, 1}, {261_000, 300}, {0, 600_000}} {
		if at, err := o.Seek(int64(r.from), io.SeekStart); err != nil || at != int64(r.from) {
			t.Fatalf("seek to %d: %d, %v", r.from, at, err)
		}
		got := make([]byte, r.n)
		if _, err := io.ReadFull(o, got); err != nil {
			t.Fatalf("read %d bytes at %d: %v", r.n, r.from, err)
		}
		if !bytes.Equal(got, content[r.from:r.from+r.n]) {
			t.Errorf("%d bytes at %d differ from those put", r.n, r.from)
		}
	}
	if _, err := o.Seek(-1, io.SeekStart); err == nil {
		t.Error("seek before the start: no error")
	}
}

// modTime checks that a new blob has the current time. It accepts a difference of one day, because the clock of the
// store's server may differ.
func modTime(t *testing.T, s blob.Store) {
	put(t, s, "a.jpg", []byte("x"))
	if age := time.Since(openBlob(t, s, "a.jpg").ModTime); age.Abs() > 24*time.Hour {
		t.Errorf("a new blob is %v old", age)
	}
}

// sameKey stores two blobs under one key at the same time, which callers must not do. The stored blob must still be the
// whole content of one successful call.
func sameKey(t *testing.T, s blob.Store) {
	content := noise(600_000)
	for round := range 10 {
		key := fmt.Sprintf("%d.jpg", round)
		var errs [2]error
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = s.Put(t.Context(), key, content[i:]) })
		}
		wg.Wait()
		got, err := io.ReadAll(openBlob(t, s, key))
		if err != nil {
			t.Fatalf("read %s: %v", key, err)
		}
		for i, failed := range errs {
			if failed == nil && bytes.Equal(got, content[i:]) {
				got = nil // a successful call stored this content
			}
		}
		if got != nil {
			t.Errorf("%s has the content of no successful call; the calls returned %v", key, errs)
		}
	}
}

func concurrent(t *testing.T, s blob.Store) {
	const writers, each = 8, 8
	content := noise(10_000)
	key := func(w, i int) string { return fmt.Sprintf("%d-%d.jpg", w, i) }
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := s.Put(t.Context(), key(w, i), content[w*100+i:]); err != nil {
					t.Errorf("put %s: %v", key(w, i), err)
				}
			}
		})
	}
	wg.Wait()
	for w := range writers {
		for i := range each {
			wantContent(t, s, key(w, i), content[w*100+i:])
		}
	}
}
