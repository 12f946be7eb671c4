package covers

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"bookplate/models"
)

// decodingStep is at which seek of a file its decoding begins: after its size, the magic, the header and the segments.
const decodingStep = 5

// slowFile stops before its last step, the decoding, until it may go on.
type slowFile struct {
	*bytes.Reader
	steps int
	goOn  chan struct{}
}

func (f *slowFile) Seek(offset int64, whence int) (int64, error) {
	if f.steps++; f.steps == decodingStep {
		<-f.goOn
	}
	return f.Reader.Seek(offset, whence)
}

func wantUnavailable(t *testing.T, err, cause error) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != models.Unavailable || !errors.Is(err, cause) {
		t.Fatalf("got %v, want Unavailable because of %v", err, cause)
	}
	if e.RetryAfter <= 0 {
		t.Error("the client is not told when to try again")
	}
}

// tight are options with so little memory that a JPEG takes all of it.
func tight(t *testing.T, file []byte) Options {
	t.Helper()
	return Options{Mark: ownMark, MaxPixels: small.MaxPixels, Memory: jobOf(t, small, file).needScaled().held}
}

// jobOf is what is to be made of a file.
func jobOf(t *testing.T, options Options, file []byte) *job {
	t.Helper()
	j, err := New(nil, options).newJob(&upload{ctx: t.Context(), file: bytes.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestWhoeverFindsNoSlotWaitsAsLongAsTheRequestMay(t *testing.T) {
	file := jpegOf(t, picture(200, 200))
	c := open(t, tight(t, file))
	synctest.Test(t, func(t *testing.T) {
		slow := &slowFile{Reader: bytes.NewReader(file), goOn: make(chan struct{})}
		first := make(chan error)
		go func() { _, err := c.Add(context.Background(), slow); first <- err }()
		synctest.Wait() // it holds the only slot now

		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Add(ctx, bytes.NewReader(file))
		wantUnavailable(t, err, context.DeadlineExceeded)
		if waited := time.Since(start); waited != 5*time.Second { // the bubble's clock: exact
			t.Errorf("it waited %v", waited)
		}

		second := make(chan error)
		go func() { _, err := c.Add(context.Background(), bytes.NewReader(file)); second <- err }()
		synctest.Wait() // it waits in turn
		close(slow.goOn)
		if err := errors.Join(<-first, <-second); err != nil {
			t.Errorf("with the slot free again: %v", err)
		}
	})
}

// Memory is shared by weight: what is light is decoded side by side, and what is heavy waits for all of it.
func TestMemoryIsSharedByWeight(t *testing.T) {
	light := jpegOf(t, picture(200, 200))
	share, err := jobOf(t, small, light).needScaled().share(small.Memory)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, Options{Mark: ownMark, MaxPixels: small.MaxPixels, Memory: 2*share + 1})
	heavy := pngOf(t, image.NewGray(image.Rect(0, 0, 2000, 2000)))
	synctest.Test(t, func(t *testing.T) {
		goOn, done := make(chan struct{}), make(chan error)
		start := func(file []byte) *slowFile {
			slow := &slowFile{Reader: bytes.NewReader(file), goOn: goOn}
			go func() { _, err := c.Add(context.Background(), slow); done <- err }()
			synctest.Wait()
			return slow
		}
		decoding := func(f *slowFile) bool { return f.steps == decodingStep }
		first, second, third, fourth := start(light), start(light), start(heavy), start(light)
		if !decoding(first) || !decoding(second) || decoding(third) || decoding(fourth) {
			t.Errorf("steps %d, %d, %d, %d: want two to be decoded", first.steps, second.steps, third.steps, fourth.steps)
		}
		close(goOn)
		if err := errors.Join(<-done, <-done, <-done, <-done); err != nil {
			t.Error(err)
		}
	})
}

func TestAPictureThatIsNotDecodedFreesItsSlot(t *testing.T) {
	c := open(t, small)
	file := jpegOf(t, picture(200, 200))
	for range 3 {
		if _, err := c.Add(t.Context(), bytes.NewReader(file[:len(file)/2])); models.CodeOf(err) != models.Invalid {
			t.Fatalf("half a picture: %v, want Invalid", err)
		}
	}
	if !c.slots.TryAcquire(small.Memory) {
		t.Error("the slot is still taken")
	}
}

// cancelling is a file whose request ends once so many steps have begun.
type cancelling struct {
	io.ReadSeeker
	steps  int
	cancel func()
}

func (f *cancelling) Seek(offset int64, whence int) (int64, error) {
	if f.steps--; f.steps == 0 {
		f.cancel()
	}
	return f.ReadSeeker.Seek(offset, whence)
}

func TestARequestThatEndsStopsTheWork(t *testing.T) {
	file := jpegOf(t, picture(200, 200))
	for steps := 1; steps <= decodingStep; steps++ {
		c := open(t, small)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := c.pictures(&upload{ctx: ctx, file: &cancelling{bytes.NewReader(file), steps, cancel}})
		wantUnavailable(t, err, context.Canceled)
		if !c.slots.TryAcquire(small.Memory) {
			t.Errorf("ended in step %d: the slot is still taken", steps)
		}
	}
}
