package covers

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
	"bookplate/storage/blob/disk"
)

// small has options for making only a thumbnail, from uploads of up to 4 megapixels.
var small = Options{Mark: ownMark, MaxPixels: 4_000_000, Memory: 32 << 20}

// ownMark returns the mark of the tests' library.
func ownMark() (string, error) { return "0123456789abcdef", nil }

// open returns a Covers that stores its pictures in a temporary folder.
func open(t testing.TB, options Options) *Covers {
	t.Helper()
	return New(openDisk(t, t.TempDir()), options)
}

func openDisk(t testing.TB, dir string) *disk.Store {
	t.Helper()
	blobs, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	return blobs
}

// wantEmpty checks that a folder is empty.
func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left in the store: %v, %v", left, err)
	}
}

// add adds a picture and returns the bytes of its thumbnail.
func add(t *testing.T, c *Covers, file []byte) []byte {
	t.Helper()
	cover, err := c.Add(t.Context(), "ada", bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return served(t, c, cover.Key(models.ThumbnailSize))
}

// served returns the bytes of the picture with that key.
func served(t *testing.T, c *Covers, key string) []byte {
	t.Helper()
	o, err := c.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func addAndDecode(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(add(t, open(t, small), file)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func wantSize(t *testing.T, img image.Image, width, height int) {
	t.Helper()
	if got := img.Bounds().Size(); got != image.Pt(width, height) {
		t.Errorf("size %v, want %d×%d", got, width, height)
	}
}

// wantQuarters checks the colour in the middle of each quarter. It allows for the loss of JPEG.
func wantQuarters(t *testing.T, img image.Image, want [4]color.NRGBA) {
	t.Helper()
	size := img.Bounds().Size()
	for i, c := range want {
		x, y := size.X*(1+i%2*2)/4, size.Y*(1+i/2*2)/4
		r, g, b, _ := img.At(x, y).RGBA()
		for j, d := range [3]int{int(r>>8) - int(c.R), int(g>>8) - int(c.G), int(b>>8) - int(c.B)} {
			if d < -12 || d > 12 {
				t.Errorf("quarter %d: its %s is off by %d", i, [3]string{"red", "green", "blue"}[j], d)
			}
		}
	}
}

func TestAddOpenRemove(t *testing.T) {
	c := open(t, Options{Mark: ownMark, Sizes: []int{300, 64}, MaxPixels: 1_000_000, Memory: 1 << 20})
	file := jpegOf(t, picture(300, 200))
	covers := make([]models.Cover, 2)
	for i := range covers {
		cover, err := c.Add(t.Context(), "ada", bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(cover.Sizes, []int{64, 150, 300}) || len(cover.Name) != 48 {
			t.Errorf("a cover of %v named %q: want 64, 150 and 300, and 48 digits", cover.Sizes, cover.Name)
		}
		covers[i] = cover
	}
	for range 2 { // removing again is no error
		if err := c.Remove(t.Context(), covers[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range covers[0].Keys() {
		if _, err := c.Open(t.Context(), key); models.CodeOf(err) != models.NotFound {
			t.Errorf("the removed %s: %v, want NotFound", key, err)
		}
	}
	for _, key := range covers[1].Keys() {
		served(t, c, key)
	}
	if err := c.Remove(t.Context(), models.Cover{}); err != nil {
		t.Errorf("removing no cover: %v", err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestOpenMalformedKey(t *testing.T) {
	for _, key := range []string{"", "../covers.go", "a/b.jpg", "a.jpg\x00"} {
		if _, err := open(t, small).Open(t.Context(), key); models.CodeOf(err) != models.NotFound {
			t.Errorf("%q: %v, want NotFound", key, err)
		}
	}
}

// fillingStore is a blob store on a disk that is full after a number of blobs, the field room.
type fillingStore struct {
	blob.Store
	mu   sync.Mutex
	room int
}

func (s *fillingStore) Put(ctx context.Context, key string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.room--; s.room < 0 {
		return &models.Error{Code: models.InsufficientStorage}
	}
	return s.Store.Put(ctx, key, content)
}

func TestAddStoresAllPicturesOrNone(t *testing.T) {
	for room := range 3 {
		dir := t.TempDir()
		store := &fillingStore{Store: openDisk(t, dir), room: room}
		c := New(store, Options{Mark: ownMark, Sizes: []int{16, 32}, MaxPixels: 1000, Memory: 1 << 20})
		_, err := c.Add(t.Context(), "ada", bytes.NewReader(jpegOf(t, picture(10, 10))))
		if models.CodeOf(err) != models.InsufficientStorage {
			t.Errorf("got %v, want InsufficientStorage", err)
		}
		wantEmpty(t, dir)
	}
}

// racingStore is a blob store in which the Put of the 32-pixel picture fails after the Put of the 16-pixel picture has
// succeeded. The Put of the 150-pixel picture is cancelled, but it stores the picture all the same, as a remote store
// may do. racingStore records the deleted keys.
type racingStore struct {
	blob.Store
	first   chan struct{}
	deleted []string
}

func (s *racingStore) Put(ctx context.Context, key string, content []byte) error {
	switch {
	case strings.HasSuffix(key, "-16.jpg"):
		defer close(s.first)
		return s.Store.Put(ctx, key, content)
	case strings.HasSuffix(key, "-32.jpg"):
		<-s.first
		return &models.Error{Code: models.InsufficientStorage}
	}
	<-ctx.Done()
	return errors.Join(ctx.Err(), s.Store.Put(context.WithoutCancel(ctx), key, content))
}

func (s *racingStore) Delete(ctx context.Context, key string) error {
	s.deleted = append(s.deleted, key)
	return s.Store.Delete(ctx, key)
}

// If a picture of a cover cannot be stored, Add deletes the cover's pictures that are already stored. If a cancelled
// Put stores its picture later, the sweep deletes that picture.
func TestFailedAddRemovesStoredPictures(t *testing.T) {
	dir := t.TempDir()
	store := &racingStore{Store: openDisk(t, dir), first: make(chan struct{})}
	c := New(store, Options{Mark: ownMark, Sizes: []int{16, 32}, MaxPixels: 1000, Memory: 1 << 20})
	_, err := c.Add(t.Context(), "ada", bytes.NewReader(jpegOf(t, picture(10, 10))))
	if models.CodeOf(err) != models.InsufficientStorage {
		t.Errorf("got %v, want InsufficientStorage", err)
	}
	if len(store.deleted) != 1 || !strings.HasSuffix(store.deleted[0], "-16.jpg") {
		t.Errorf("deleted %v, want the picture that was stored", store.deleted)
	}
	if removed, err := c.Sweep(t.Context(), shelfOf(), time.Now().Add(orphanAge)); removed != 1 || err != nil {
		t.Errorf("the sweep removed %d pictures, error %v", removed, err)
	}
	wantEmpty(t, dir)
}

// brokenFile returns an error in the middle of the file, like a broken disk.
type brokenFile struct {
	*bytes.Reader
	err error
}

func (f brokenFile) Read(p []byte) (int, error) {
	if int64(f.Len()) < f.Size()/2 {
		return 0, f.err
	}
	return f.Reader.Read(p[:1])
}

func TestReadErrorIsNotADamagedPicture(t *testing.T) {
	for _, file := range [][]byte{jpegOf(t, picture(300, 200)), pngOf(t, picture(300, 200))} {
		for _, want := range []error{io.ErrClosedPipe, &models.Error{Code: models.TooLarge}} {
			_, err := open(t, small).Add(t.Context(), "ada", brokenFile{bytes.NewReader(file), want})
			if !errors.Is(err, want) || models.CodeOf(err) != models.CodeOf(want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	}
}
