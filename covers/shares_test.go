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

// decodingStep is the number of the Seek call at the start of decoding. Earlier calls are for the size of the file, its
// first bytes, its header and its segments.
const decodingStep = 5

// slowFile is a file that blocks when its decoding starts, until resume is closed.
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

// tight returns options with a memory budget that is just enough to decode this JPEG.
func tight(t *testing.T, file []byte) Options {
	t.Helper()
	return Options{Mark: ownMark, MaxPixels: small.MaxPixels, Memory: jobOf(t, small, file).needScaled().required}
}

// jobOf returns the job for uploading a file.
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
		go func() { _, err := c.Add(context.Background(), "ada", slow); first <- err }()
		synctest.Wait() // it holds all memory now

		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Add(ctx, "ada", bytes.NewReader(file))
		wantUnavailable(t, err, context.DeadlineExceeded)
		if waited := time.Since(start); waited != 5*time.Second { // exact, because the bubble has its own clock
			t.Errorf("it waited %v", waited)
		}

		second := make(chan error)
		go func() { _, err := c.Add(context.Background(), "ada", bytes.NewReader(file)); second <- err }()
		synctest.Wait() // it waits for memory
		close(slow.resume)
		if err := errors.Join(<-first, <-second); err != nil {
			t.Errorf("after the memory was released: %v", err)
		}
	})
}

// Small pictures are decoded concurrently. A large picture waits until all memory is free, and later uploads wait
// behind it.
func TestMemoryIsShared(t *testing.T) {
	light := jpegOf(t, picture(200, 200))
	share, err := jobOf(t, small, light).needScaled().share(small.Memory)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, Options{Mark: ownMark, MaxPixels: small.MaxPixels, Memory: 2*share + 1})
	heavy := pngOf(t, image.NewGray(image.Rect(0, 0, 2000, 2000)))
	synctest.Test(t, func(t *testing.T) {
		resume, done := make(chan struct{}), make(chan error)
		start := func(file []byte) *slowFile {
			slow := &slowFile{Reader: bytes.NewReader(file), resume: resume}
			go func() { _, err := c.Add(context.Background(), "ada", slow); done <- err }()
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
		if _, err := c.Add(t.Context(), "ada", bytes.NewReader(file[:len(file)/2])); models.CodeOf(err) != models.Invalid {
			t.Fatalf("half a picture: %v, want Invalid", err)
		}
	}
	if c.shares.free != small.Memory {
		t.Error("the memory was not released")
	}
}

// cancelling is an uploaded file that cancels the upload when a step begins. The field steps is the number of the step.
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
		if c.shares.free != small.Memory {
			t.Errorf("cancelled in step %d: the memory was not released", steps)
		}
	}
}

// queue starts uploads of an account, each of which needs the whole memory budget, 1 byte. When an upload gets its
// share, it sends the account's id to granted.
func queue(ctx context.Context, s *shares, account models.ID, uploads int, granted chan models.ID) {
	for range uploads {
		go func() {
			if err := s.acquire(ctx, account, 1); err == nil {
				granted <- account
			}
		}()
	}
	synctest.Wait()
}

func TestAccountsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, granted := newShares(1), make(chan models.ID)
		queue(t.Context(), s, "ada", 5, granted)
		queue(t.Context(), s, "grace", 2, granted)
		queue(t.Context(), s, "joan", 1, granted)
		for i, want := range []models.ID{"ada", "ada", "grace", "joan", "ada", "grace", "ada", "ada"} {
			if got := <-granted; got != want {
				t.Errorf("share %d is for %s, want %s", i, got, want)
			}
			s.release(1)
		}
		if s.free != 1 || len(s.turns)+len(s.waiting) > 0 {
			t.Errorf("left: %+v", s)
		}
	})
}

func TestWaitingUploadsOfAnAccountAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, granted := newShares(1), make(chan models.ID)
		ctx, cancel := context.WithCancel(t.Context())
		queue(ctx, s, "ada", 1+maxWaiting, granted)
		e, ok := errors.AsType[*models.Error](s.acquire(t.Context(), "ada", 1))
		if !ok || e.Code != models.TooManyRequests || e.RetryAfter <= 0 {
			t.Fatalf("one upload more: %v, want TooManyRequests with RetryAfter", e)
		}
		queue(t.Context(), s, "grace", 1, granted)
		<-granted
		cancel()
		synctest.Wait()
		s.release(1)
		if got := <-granted; got != "grace" {
			t.Errorf("the share is for %s, want grace: the others were cancelled", got)
		}
		s.release(1)
		if err := s.acquire(t.Context(), "ada", 1); err != nil {
			t.Error(err)
		}
	})
}

// A large upload keeps its turn until its share is free. If this upload is cancelled, those behind it get their turn.
func TestCancelledUploadMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, granted := newShares(2), make(chan models.ID)
		queue(t.Context(), s, "ada", 1, granted)
		ctx, cancel := context.WithCancel(t.Context())
		large := make(chan error)
		go func() { large <- s.acquire(ctx, "grace", 2) }()
		synctest.Wait()
		queue(t.Context(), s, "joan", 1, granted)
		if first := <-granted; first != "ada" || s.free != 1 {
			t.Errorf("%s has the first share, %d bytes are free", first, s.free)
		}
		cancel()
		wantUnavailable(t, <-large, context.Canceled)
		if second := <-granted; second != "joan" {
			t.Errorf("%s has the second share", second)
		}
	})
}
