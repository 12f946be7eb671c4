package copies_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bookplate/library/copies"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/blob"
	"bookplate/storage/storagetest"
)

var quiet = slog.New(slog.DiscardHandler)

func noProgress(string, int64, int64) {}

// newTarget returns an empty library with the database at url. Its covers are in a new folder.
func newTarget(t testing.TB, url string) copies.Target {
	t.Helper()
	store, err := storage.OpenTarget(t.Context(), url, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, store.Close()) })
	check(t, store.Ping(t.Context()))
	return copies.Target{Store: store, Covers: newCovers(t)}
}

func newCovers(t testing.TB) blob.Store {
	t.Helper()
	covers, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: "disk:" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, covers.Close()) })
	return covers
}

func sqliteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "bookplate.db")
}

// newSource returns a library with pictures and with records in each collection.
func newSource(t *testing.T, url string) copies.Target {
	t.Helper()
	library := newTarget(t, url)
	storagetest.Fill(t, library.Store)
	mark, err := library.Store.CoverMark()
	check(t, err)
	for i := range 20 {
		put(t, library.Covers, models.NewCover(mark, nil).Key(150), fmt.Sprint("picture ", i))
	}
	put(t, library.Covers, "old.jpg", "of an early version")
	return library
}

func put(t testing.TB, covers blob.Store, key, content string) {
	t.Helper()
	check(t, covers.Put(t.Context(), key, []byte(content)))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

func asSource(library copies.Target) copies.Source {
	return copies.Source{Store: library.Store, Covers: library.Covers}
}

func copyAll(t *testing.T, from, to copies.Target) copies.Summary {
	t.Helper()
	summary, err := copies.Copy(t.Context(), asSource(from), to, noProgress)
	check(t, err)
	return summary
}

// wantSame checks that two libraries have the same records, covers and mark.
func wantSame(t *testing.T, got, want copies.Target) {
	t.Helper()
	for _, c := range models.Collections {
		if got, want := records(t, got, c), records(t, want, c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", c, got, want)
		}
	}
	if got, want := pictures(t, got), pictures(t, want); !maps.Equal(got, want) {
		t.Errorf("pictures %v, want %v", got, want)
	}
	gotMark, err := got.Store.CoverMark()
	check(t, err)
	wantMark, err := want.Store.CoverMark()
	check(t, err)
	if gotMark != wantMark {
		t.Errorf("mark %s, want %s", gotMark, wantMark)
	}
}

// records returns a set of the records of a collection, as texts.
func records(t *testing.T, library copies.Target, c models.Collection) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for record, err := range library.Store.Records().All(t.Context(), c) {
		check(t, err)
		found[fmt.Sprintf("%+v", record)] = true
	}
	return found
}

func pictures(t *testing.T, library copies.Target) map[string]string {
	t.Helper()
	found := map[string]string{}
	for info, err := range library.Covers.List(t.Context()) {
		check(t, err)
		object, err := library.Covers.Open(t.Context(), info.Key)
		check(t, err)
		content := make([]byte, 64)
		n, _ := object.Read(content)
		check(t, object.Close())
		found[info.Key] = string(content[:n])
	}
	return found
}

// A library can be copied from one engine to the other and back.
func TestCopy(t *testing.T) {
	onSQLite := newSource(t, sqliteURL(t))
	onMongo := newTarget(t, storagetest.MongoURL(t))
	there := copyAll(t, onSQLite, onMongo)
	wantSame(t, onMongo, onSQLite)
	back := newTarget(t, sqliteURL(t))
	if here := copyAll(t, onMongo, back); !reflect.DeepEqual(here, there) {
		t.Errorf("summary\n%s, want\n%s", here, there)
	}
	wantSame(t, back, onSQLite)
	for _, line := range there {
		if line.Count == 0 {
			t.Errorf("nothing was copied to %s", line.Name)
		}
	}
}

// Copy skips pictures of another library in the same place.
func TestCopyLeavesOtherLibraries(t *testing.T) {
	from, to := newSource(t, sqliteURL(t)), newTarget(t, sqliteURL(t))
	other := models.NewCover(models.NewCoverMark(), nil).Key(150)
	put(t, from.Covers, other, "another library's")
	copyAll(t, from, to)
	if _, found := pictures(t, to)[other]; found {
		t.Error("the picture of another library was copied")
	}
}

// failing is a blob store whose Put fails after some calls.
type failing struct {
	blob.Store
	left chan struct{} // has an element for each call that still succeeds
}

var errFailing = errors.New("failing")

func (f failing) Put(ctx context.Context, key string, content []byte) error {
	select {
	case <-f.left:
		return f.Store.Put(ctx, key, content)
	default:
		return errFailing
	}
}

// The server refuses to open an interrupted copy. The next call of Copy continues it, even if a picture is incomplete.
func TestCopyIsContinued(t *testing.T) {
	from, url := newSource(t, sqliteURL(t)), sqliteURL(t)
	to := newTarget(t, url)
	left := make(chan struct{}, 10)
	for range cap(left) {
		left <- struct{}{}
	}
	half := copies.Target{Store: to.Store, Covers: failing{to.Covers, left}}
	_, err := copies.Copy(t.Context(), asSource(from), half, noProgress)
	wantError(t, err, errFailing)
	check(t, to.Store.Close())
	_, err = storage.Open(t.Context(), url, quiet)
	wantError(t, err, models.ErrUnfinishedCopy)

	other := newSource(t, sqliteURL(t))
	again, err := storage.OpenTarget(t.Context(), url, quiet)
	check(t, err)
	t.Cleanup(func() { check(t, again.Close()) })
	to.Store = again
	_, err = copies.Copy(t.Context(), asSource(other), to, noProgress)
	wantError(t, err, copies.ErrOther)
	for key := range pictures(t, to) {
		check(t, to.Covers.Delete(t.Context(), key))
		put(t, to.Covers, key, "par")
		break
	}
	copyAll(t, from, to)
	wantSame(t, to, from)
}

func TestCopyIntoWrongTarget(t *testing.T) {
	from := newSource(t, sqliteURL(t))
	_, err := copies.Copy(t.Context(), asSource(from), from, noProgress)
	wantError(t, err, copies.ErrCopied)
	_, err = copies.Copy(t.Context(), asSource(from), newSource(t, sqliteURL(t)), noProgress)
	wantError(t, err, copies.ErrNotEmpty)
	withPicture := newTarget(t, sqliteURL(t))
	put(t, withPicture.Covers, "a.jpg", "picture")
	_, err = copies.Copy(t.Context(), asSource(from), withPicture, noProgress)
	wantError(t, err, copies.ErrNotEmpty)
	to := newTarget(t, sqliteURL(t))
	copyAll(t, from, to)
	_, err = copies.Copy(t.Context(), asSource(from), to, noProgress)
	wantError(t, err, copies.ErrCopied)
}

// lossy is a blob store that changes the content of blobs.
type lossy struct{ blob.Store }

func (l lossy) Put(ctx context.Context, key string, content []byte) error {
	return l.Store.Put(ctx, key, content[1:])
}

// If the copy differs from the source, Copy returns an error and the copy stays unfinished.
func TestCopyIsCompared(t *testing.T) {
	to := newTarget(t, sqliteURL(t))
	from := newSource(t, sqliteURL(t))
	_, err := copies.Copy(t.Context(), asSource(from), copies.Target{Store: to.Store, Covers: lossy{to.Covers}}, noProgress)
	if err == nil || !strings.Contains(err.Error(), "the copy differs from the source") {
		t.Errorf("error %v", err)
	}
	if to.Store.Records().Unfinished() == "" {
		t.Error("the copy is finished")
	}
}
