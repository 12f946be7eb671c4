package blobtest

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"bookplate/storage/blob"
)

// manyBlobs is more than fits in one page of a list in any store. A page of S3 has at most 1000 blobs.
const manyBlobs = 1100

// collect reads a list and counts how often it contains each key.
func collect(list iter.Seq2[blob.Info, error]) (map[string]int, error) {
	seen := map[string]int{}
	for info, err := range list {
		if err != nil {
			return seen, err
		}
		seen[info.Key]++
	}
	return seen, nil
}

func wantList(t *testing.T, s blob.Store, want map[string]bool) {
	t.Helper()
	seen, err := collect(s.List(t.Context()))
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	for key, times := range seen {
		if !want[key] || times != 1 {
			t.Errorf("%s is listed %d times; stored: %v", key, times, want[key])
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d of %d blobs are listed", len(seen), len(want))
	}
}

// putMany stores n blobs and returns their keys.
func putMany(t *testing.T, s blob.Store, n int) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	work := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for key := range work {
				if err := s.Put(t.Context(), key, []byte("x")); err != nil {
					t.Errorf("put %s: %v", key, err)
				}
			}
		})
	}
	for i := range n {
		key := fmt.Sprintf("%d.jpg", i)
		keys[key] = true
		work <- key
	}
	close(work)
	wg.Wait()
	return keys
}

// lists runs all tests of lists on the same blobs, because storing so many blobs takes long.
func lists(t *testing.T, s blob.Store) {
	wantList(t, s, nil)
	keys := putMany(t, s, manyBlobs)
	t.Run("a list has every blob once", func(t *testing.T) { list(t, s, keys) })
	t.Run("a list ends early", func(t *testing.T) { endedList(t, s) })
	t.Run("blobs are deleted while they are listed", func(t *testing.T) { sweep(t, s, keys) })
}

// list checks that a list has every blob once, before and after a blob is deleted.
func list(t *testing.T, s blob.Store, keys map[string]bool) {
	wantList(t, s, keys)
	if err := s.Delete(t.Context(), "0.jpg"); err != nil {
		t.Fatal(err)
	}
	delete(keys, "0.jpg")
	wantList(t, s, keys)
	for info, err := range s.List(t.Context()) {
		if age := time.Since(info.ModTime); err != nil || age.Abs() > 24*time.Hour { // see modTime
			t.Errorf("the new blob %s is %v old (%v)", info.Key, age, err)
		}
	}
}

// endedList leaves the loop over one list early. Then it cancels the context of a second list, which must end with an
// error.
func endedList(t *testing.T, s blob.Store) {
	for _, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range s.List(ctx) {
		cancel()
		n++
		if err != nil {
			return
		}
	}
	t.Errorf("a list whose context ended has no error and %d blobs", n)
}

// sweep deletes every fiftieth blob while it reads the list. The list must still contain every blob.
func sweep(t *testing.T, s blob.Store, keys map[string]bool) {
	stored, seen := len(keys), 0
	for info, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen%50 != 0 {
			continue
		}
		if err := s.Delete(t.Context(), info.Key); err != nil {
			t.Fatal(err)
		}
		delete(keys, info.Key)
	}
	if seen != stored {
		t.Errorf("%d of %d blobs are listed", seen, stored)
	}
	wantList(t, s, keys)
}
