package covers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"runtime/debug"

	"bookplate/models"
)

// upload is a client's file, read from its beginning once for each step.
type upload struct {
	ctx     context.Context // once it ends, a decoder stops at its next read
	file    io.ReadSeeker
	readErr error // why the file could not be read on; the end of the file is no reason
}

// Read lets a step read the file.
func (u *upload) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := u.file.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.readErr = fmt.Errorf("read the uploaded picture: %w", err)
	}
	return n, err
}

// step runs one step over the file. A step that fails on bytes it was given, or panics on them, means that the picture
// is damaged; when the bytes could not be had, that is another matter.
func (u *upload) step(run func(r *bufio.Reader) error) (err error) {
	if _, err := u.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind the uploaded picture: %w", err)
	}
	defer func() {
		if p := recover(); p != nil {
			err = damaged(fmt.Errorf("the decoder panicked: %v\n%s", p, debug.Stack()))
		}
	}()
	err = run(bufio.NewReader(u))
	if err := u.ctx.Err(); err != nil {
		return unavailable(err)
	}
	if u.readErr != nil {
		return u.readErr
	}
	if err != nil {
		return damaged(err)
	}
	return nil
}

// unavailable is the Error for a request that ended before its pictures were made.
func unavailable(cause error) error {
	return &models.Error{Code: models.Unavailable, RetryAfter: slotRetryAfter, Err: cause}
}

func (u *upload) format() (format, error) {
	var head []byte
	err := u.step(func(r *bufio.Reader) (err error) {
		head, err = io.ReadAll(io.LimitReader(r, maxMagic))
		return err
	})
	if err != nil {
		return format{}, err
	}
	if len(head) == 0 {
		return format{}, refuse("is empty")
	}
	f, ok := sniff(head)
	if !ok {
		return format{}, refuse("must be a JPEG, PNG, GIF or WebP picture")
	}
	return f, nil
}

// size is the file's, in bytes.
func (u *upload) size() (int64, error) {
	size, err := u.file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("measure the uploaded picture: %w", err)
	}
	return size, nil
}

// config reads the header alone: nothing that grows with the picture has been allocated when a bomb is refused.
func (u *upload) config(f format) (config image.Config, err error) {
	err = u.step(func(r *bufio.Reader) (err error) {
		config, err = f.config(r)
		return err
	})
	return config, err
}

func (u *upload) decode(decode decoder) (decoded source, err error) {
	err = u.step(func(r *bufio.Reader) (err error) {
		decoded, err = decode(u.ctx, r)
		return err
	})
	return decoded, err
}
