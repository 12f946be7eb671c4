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

// decodingStep is the seek with which decoding begins: after those for size, magic, header and segments.
const decodingStep = 5

// slowFile blocks before it is decoded, until resume is closed.
type slowFile struct {
	*bytes.Reader
	steps  int
	resume chan struct{}
}

func (f *slowFile) Seek(offset int64, whence int) (int64, error) {
	if f.steps++; f.steps == decodingStep {
		<-f.resume
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
		t.Error("the error has no RetryAfter")
	}
}

// tight returns options with so little memory that a JPEG takes all of it.
func tight(t *testing.T, file []byte) Options {
	t.Helper()
	return Options{MaxPixels: small.MaxPixels, Memory: jobOf(t, small, file).needScaled().required}
}

// jobOf returns the job of a file.
func jobOf(t *testing.T, options Options, file []byte) *job {
	t.Helper()
	j, err := New(nil, options).newJob(&upload{ctx: t.Context(), file: bytes.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestAddWaitsForMemory(t *testing.T) {
	file := jpegOf(t, picture(200, 200))
	c := open(t, tight(t, file))
	synctest.Test(t, func(t *testing.T) {
		slow := &slowFile{Reader: bytes.NewReader(file), resume: make(chan struct{})}
		first := make(chan error)
		go func() { _, err := c.Add(context.Background(), slow); first <- err }()
		synctest.Wait() // it holds all memory now

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
		synctest.Wait() // it waits for memory
		close(slow.resume)
		if err := errors.Join(<-first, <-second); err != nil {
			t.Errorf("after the memory was released: %v", err)
		}
	})
}

// Small pictures are decoded concurrently. A large one waits until all memory is free.
func TestMemoryIsShared(t *testing.T) {
	light := jpegOf(t, picture(200, 200))
	share, err := jobOf(t, small, light).needScaled().share(small.Memory)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, Options{MaxPixels: small.MaxPixels, Memory: 2*share + 1})
	heavy := pngOf(t, image.NewGray(image.Rect(0, 0, 2000, 2000)))
	synctest.Test(t, func(t *testing.T) {
		resume, done := make(chan struct{}), make(chan error)
		start := func(file []byte) *slowFile {
			slow := &slowFile{Reader: bytes.NewReader(file), resume: resume}
			go func() { _, err := c.Add(context.Background(), slow); done <- err }()
			synctest.Wait()
			return slow
		}
		decoding := func(f *slowFile) bool { return f.steps == decodingStep }
		first, second, third, fourth := start(light), start(light), start(heavy), start(light)
		if !decoding(first) || !decoding(second) || decoding(third) || decoding(fourth) {
			t.Errorf("steps %d, %d, %d, %d: want the first two to be decoded", first.steps, second.steps, third.steps, fourth.steps)
		}
		close(resume)
		if err := errors.Join(<-done, <-done, <-done, <-done); err != nil {
			t.Error(err)
		}
	})
}

func TestDamagedPictureReleasesItsMemory(t *testing.T) {
	c := open(t, small)
	file := jpegOf(t, picture(200, 200))
	for range 3 {
		if _, err := c.Add(t.Context(), bytes.NewReader(file[:len(file)/2])); models.CodeOf(err) != models.Invalid {
			t.Fatalf("half a picture: %v, want Invalid", err)
		}
	}
	if !c.shares.TryAcquire(small.Memory) {
		t.Error("the memory was not released")
	}
}

// cancelling is a file that cancels its request at the beginning of a step.
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

func TestCancelledRequestStopsEveryStep(t *testing.T) {
	file := jpegOf(t, picture(200, 200))
	for steps := 1; steps <= decodingStep; steps++ {
		c := open(t, small)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := c.pictures(&upload{ctx: ctx, waiting: ctx, file: &cancelling{bytes.NewReader(file), steps, cancel}})
		wantUnavailable(t, err, context.Canceled)
		if !c.shares.TryAcquire(small.Memory) {
			t.Errorf("cancelled in step %d: the memory was not released", steps)
		}
	}
}
