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

// upload is an uploaded file. Each step of making pictures reads it from the beginning.
type upload struct {
	ctx     context.Context // when it ends, a decoder stops at its next read
	waiting context.Context // when it ends, the upload stops waiting for memory
	account models.ID       // the account that sent the file
	file    io.ReadSeeker
	readErr error // the error of reading the file, unless it is io.EOF
}

// Read implements io.Reader. Steps read the file with it.
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

// step rewinds the file and calls run with it. If run fails or panics, the error says that the picture is damaged,
// unless the file could not be read or the context has ended. Then the error says that.
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

// unavailable returns the error for an upload whose context ended before its pictures were made.
func unavailable(cause error) error {
	return &models.Error{Code: models.Unavailable, RetryAfter: retryAfter, Err: cause}
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
		return format{}, reject("is empty")
	}
	f, ok := sniff(head)
	if !ok {
		return format{}, reject("must be a JPEG, PNG, GIF or WebP picture")
	}
	return f, nil
}

// size returns the size of the file in bytes.
func (u *upload) size() (int64, error) {
	size, err := u.file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("measure the uploaded picture: %w", err)
	}
	return size, nil
}

// config reads the size of the picture from the file's header only, so that a decompression bomb is rejected before
// memory is allocated for its pixels.
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
