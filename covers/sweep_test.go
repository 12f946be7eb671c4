package covers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bookplate/models"
)

// shelf is a models.Books that has these books. All of its methods return err.
type shelf struct {
	models.Books
	books []models.Book
	err   error
}

func (s shelf) Covers(_ context.Context, names []string) (used []string, err error) {
	for _, b := range s.books {
		if slices.Contains(names, b.Cover.Name) {
			used = append(used, b.Cover.Name)
		}
	}
	return used, s.err
}

func (s shelf) List(_ context.Context, f models.BookFilter) ([]models.Book, error) {
	first := 0
	if f.After != nil {
		first = 1 + slices.IndexFunc(s.books, func(b models.Book) bool { return b.ID == f.After.ID })
	}
	return s.books[first:min(first+f.Limit, len(s.books))], s.err
}

// stored creates the pictures of new covers without a mark in a folder, sets their age, and returns the covers.
func stored(t *testing.T, dir string, count int, age time.Duration) []models.Cover {
	t.Helper()
	return storedOf(t, "", dir, count, age)
}

// storedOf is like stored, but gives the covers a mark.
func storedOf(t *testing.T, mark, dir string, count int, age time.Duration) []models.Cover {
	t.Helper()
	covers := make([]models.Cover, count)
	for i := range covers {
		covers[i] = models.NewCover(mark, []int{150, 300})
		for _, key := range covers[i].Keys() {
			putAged(t, dir, key, age)
		}
	}
	return covers
}

func putAged(t *testing.T, dir, name string, age time.Duration) {
	t.Helper()
	path := filepath.Join(dir, name)
	at := time.Now().Add(-age)
	if err := errors.Join(os.WriteFile(path, endOfImage, 0o600), os.Chtimes(path, at, at)); err != nil {
		t.Fatal(err)
	}
}

// shelfOf returns a shelf of books with these covers.
func shelfOf(covers ...models.Cover) shelf {
	var s shelf
	for _, c := range covers {
		s.books = append(s.books, models.Book{ID: models.NewID(time.Now()), Cover: c})
	}
	return s
}

// left returns the names of the files in a folder, sorted.
func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func keysOf(covers ...[]models.Cover) (keys []string) {
	for _, c := range slices.Concat(covers...) {
		keys = append(keys, c.Keys()...)
	}
	slices.Sort(keys)
	return keys
}

func TestSweepDeletesOldOrphans(t *testing.T) {
	dir := t.TempDir()
	c := New(openDisk(t, dir), small)
	old, young := stored(t, dir, sweepBatch, 2*time.Hour), stored(t, dir, 2, 59*time.Minute) // two batches
	kept, others := old[:sweepBatch-3], []string{"a-150.jpg", "summer.jpg"}
	for _, name := range others {
		putAged(t, dir, name, 2*time.Hour)
	}
	removed, err := c.Sweep(t.Context(), shelfOf(kept...), time.Now())
	if err != nil || removed != 2*3 {
		t.Errorf("%d pictures were removed, error %v", removed, err)
	}
	want := append(keysOf(kept, young), others...)
	slices.Sort(want)
	if got := left(t, dir); !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
	if removed, err := c.Sweep(t.Context(), shelfOf(kept...), time.Now()); err != nil || removed != 0 {
		t.Errorf("the second sweep removed %d pictures, error %v", removed, err)
	}
}

// The sweep deletes orphans up to the limit. If there is one more, it deletes none, because the orphans may belong to
// another library.
func TestSweepKeepsPicturesOfAnotherLibrary(t *testing.T) {
	for name, c := range map[string]struct{ kept, orphaned int }{ // covers
		"a new library":   {0, OrphanAllowance},
		"a small library": {2 * OrphanAllowance, OrphanAllowance},
		"a larger one":    {(orphanDivisor - 1) * 2 * OrphanAllowance, 2 * OrphanAllowance},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			covers := New(openDisk(t, dir), Options{Mark: ownMark, Sizes: []int{150, 300}, MaxPixels: 1, Memory: 1})
			kept, _ := stored(t, dir, c.kept, 2*time.Hour), stored(t, dir, c.orphaned, 2*time.Hour)
			oneMore := models.NewCover("", nil).Key(150)
			putAged(t, dir, oneMore, 2*time.Hour)
			before := left(t, dir)
			removed, err := covers.Sweep(t.Context(), shelfOf(kept...), time.Now())
			if !errors.Is(err, ErrTooManyOrphans) || removed != 0 || !slices.Equal(left(t, dir), before) {
				t.Errorf("with one more, %d pictures were removed, error %v", removed, err)
			}
			if err := os.Remove(filepath.Join(dir, oneMore)); err != nil {
				t.Fatal(err)
			}
			removed, err = covers.Sweep(t.Context(), shelfOf(kept...), time.Now())
			if err != nil || removed != 2*c.orphaned || !slices.Equal(left(t, dir), keysOf(kept)) {
				t.Errorf("%d pictures were removed, error %v", removed, err)
			}
		})
	}
}

// The sweep deletes all orphans with the library's own mark, and none with another mark. It deletes orphans without a
// mark only if there are not too many.
func TestSweepUsesTheMark(t *testing.T) {
	dir := t.TempDir()
	covers := New(openDisk(t, dir), Options{Mark: ownMark, Sizes: []int{150, 300}, MaxPixels: 1, Memory: 1})
	mark, _ := ownMark()
	kept := storedOf(t, mark, dir, 3, 2*time.Hour)
	young := storedOf(t, mark, dir, 1, 59*time.Minute)
	foreign := storedOf(t, models.NewCoverMark(), dir, OrphanAllowance-1, 2*time.Hour)
	storedOf(t, mark, dir, 64, 2*time.Hour)
	unmarked := stored(t, dir, 1, 2*time.Hour)
	removed, err := covers.Sweep(t.Context(), shelfOf(kept...), time.Now())
	if err != nil || removed != 2*64+2*len(unmarked) || !slices.Equal(left(t, dir), keysOf(kept, young, foreign)) {
		t.Errorf("%d pictures were removed, error %v", removed, err)
	}

	unmarked = stored(t, dir, 2, 2*time.Hour) // too many, together with the foreign ones
	storedOf(t, mark, dir, 64, 2*time.Hour)
	removed, err = covers.Sweep(t.Context(), shelfOf(kept...), time.Now())
	if !errors.Is(err, ErrTooManyOrphans) || removed != 2*64 || !slices.Equal(left(t, dir), keysOf(kept, young, foreign, unmarked)) {
		t.Errorf("%d pictures were removed, error %v", removed, err)
	}
}

func TestSweepWithoutAMark(t *testing.T) {
	dir := t.TempDir()
	stored(t, dir, 1, 2*time.Hour)
	unavailable := &models.Error{Code: models.Unavailable}
	c := New(openDisk(t, dir), Options{Mark: func() (string, error) { return "", unavailable }, MaxPixels: 1, Memory: 1})
	if removed, err := c.Sweep(t.Context(), shelfOf(), time.Now()); !errors.Is(err, unavailable) || removed != 0 {
		t.Errorf("%d pictures were removed, error %v", removed, err)
	}
}

func TestSweepDeletesNothingWithoutDatabase(t *testing.T) {
	dir := t.TempDir()
	all := stored(t, dir, 3, 2*time.Hour)
	unavailable := &models.Error{Code: models.Unavailable}
	removed, err := New(openDisk(t, dir), small).Sweep(t.Context(), shelf{err: unavailable}, time.Now())
	if !errors.Is(err, unavailable) || removed != 0 {
		t.Errorf("%d pictures were removed, error %v", removed, err)
	}
	if got := left(t, dir); !slices.Equal(got, keysOf(all)) {
		t.Errorf("left %v", got)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	c := New(openDisk(t, dir), small)
	whole, halved := stored(t, dir, sweepBatch+1, time.Hour), stored(t, dir, 1, time.Hour)[0] // the list has two pages
	orphans := stored(t, dir, 2, time.Hour)
	stored(t, dir, 1, 0) // may belong to a book that is being added
	putAged(t, dir, "summer.jpg", time.Hour)
	if err := os.Remove(filepath.Join(dir, halved.Key(300))); err != nil {
		t.Fatal(err)
	}
	damaged := stored(t, dir, 1, time.Hour)[0]
	for size, content := range map[int][]byte{150: nil, 300: {0xff, 0xd8, 0xff, 0, 0}} {
		if err := os.WriteFile(filepath.Join(dir, damaged.Key(size)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	library := shelfOf(append(whole, halved, damaged, models.Cover{})...)
	before := left(t, dir)
	report, err := c.Check(t.Context(), library, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if report.Books != len(whole)+2 || !slices.Equal(report.Missing, []string{halved.Key(300)}) ||
		!slices.Equal(report.Damaged, damaged.Keys()) || !slices.Equal(report.Orphaned, keysOf(orphans)) {
		t.Errorf("%d books, missing %v, damaged %v, orphaned %v", report.Books, report.Missing, report.Damaged, report.Orphaned)
	}
	if !slices.Equal(left(t, dir), before) {
		t.Error("the check changed the pictures")
	}
}

// A cover is not reported as missing if it was added after Check listed the pictures and before it lists the books.
func TestCheckDuringAdd(t *testing.T) {
	dir := t.TempDir()
	late := lateLibrary{add: func() models.Cover { return stored(t, dir, 1, 0)[0] }}
	report, err := New(openDisk(t, dir), small).Check(t.Context(), late, time.Now())
	if err != nil || report.Books != 1 || len(report.Missing) > 0 {
		t.Errorf("%+v, error %v", report, err)
	}
}

// lateLibrary adds a book when its books are listed.
type lateLibrary struct {
	models.Books
	add func() models.Cover
}

func (l lateLibrary) List(context.Context, models.BookFilter) ([]models.Book, error) {
	return shelfOf(l.add()).books, nil
}
