package covers

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob"
	"bookplate/storage/blob/disk"
)

// open makes covers over a store in a temporary folder, with small limits: 4 megapixels, one slot.
func open(t testing.TB) *Covers {
	t.Helper()
	blobs, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	return New(blobs, Limits{MaxPixels: 4_000_000, Slots: 1})
}

// add adds a picture and returns the bytes that are served for it.
func add(t *testing.T, c *Covers, file []byte) []byte {
	t.Helper()
	key, err := c.Add(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	o, err := c.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close() //nolint:errcheck // only a test's
	served, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return served
}

func addAndDecode(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(add(t, open(t), file)))
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

// wantQuarters compares the middle of each quarter, with what JPEG may change a colour by.
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

func TestACoverIsAddedOpenedAndRemoved(t *testing.T) {
	c := open(t)
	file := jpegOf(t, picture(300, 200))
	first, err := c.Add(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Add(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if first == second || len(first) != len("0123456789abcdef0123456789abcdef.jpg") {
		t.Errorf("keys %s and %s: want two of 32 digits", first, second)
	}
	if err := c.Remove(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context(), first); models.CodeOf(err) != models.NotFound {
		t.Errorf("the removed one: %v, want NotFound", err)
	}
	o, err := c.Open(t.Context(), second)
	if err != nil {
		t.Fatalf("the other one: %v", err)
	}
	o.Close() //nolint:errcheck // only a test's
	if err := c.Remove(t.Context(), first); err != nil {
		t.Errorf("removing again: %v", err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestOpenOfWhatIsNoKeyIsNotFound(t *testing.T) {
	for _, key := range []string{"", "../covers.go", "a/b.jpg", "a.jpg\x00"} {
		if _, err := open(t).Open(t.Context(), key); models.CodeOf(err) != models.NotFound {
			t.Errorf("%q: %v, want NotFound", key, err)
		}
	}
}

// fullStore is a blob store whose disk is full.
type fullStore struct{ blob.Store }

func (fullStore) Put(context.Context, string, []byte) error {
	return &models.Error{Code: models.InsufficientStorage}
}

func TestAddPassesTheStoresErrorOn(t *testing.T) {
	c := New(fullStore{}, Limits{MaxPixels: 1000, Slots: 1})
	_, err := c.Add(t.Context(), bytes.NewReader(jpegOf(t, picture(10, 10))))
	if models.CodeOf(err) != models.InsufficientStorage {
		t.Errorf("got %v, want InsufficientStorage", err)
	}
}

// brokenFile fails after its first bytes, as a temporary file on a broken disk does.
type brokenFile struct {
	io.ReadSeeker
	err error
}

func (f brokenFile) Read(p []byte) (int, error) {
	n, err := f.ReadSeeker.Read(p)
	if errors.Is(err, io.EOF) {
		err = f.err
	}
	return n, err
}

func TestAFileThatCannotBeReadIsNotCalledDamaged(t *testing.T) {
	half := jpegOf(t, picture(300, 200))[:1000]
	for _, want := range []error{io.ErrClosedPipe, &models.Error{Code: models.TooLarge}} {
		_, err := open(t).Add(t.Context(), brokenFile{bytes.NewReader(half), want})
		if !errors.Is(err, want) || models.CodeOf(err) != models.CodeOf(want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}
