package sqlite

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
)

const (
	// reserveSuffix is the end of the reserve's file name.
	reserveSuffix = "-reserve"

	// reserveSize is the size of the reserve, in bytes. It is the size that the write-ahead log reaches before SQLite
	// checkpoints it: 1000 pages of 4096 bytes, each with a header of 24 bytes.
	reserveSize = 4 << 20

	probeSize = 4096 // bytes that probe writes
)

// reserve is a file beside the database that keeps room on the disk free. When the disk is full, the file is removed,
// so that deletions have room for the write-ahead log.
type reserve struct {
	path string
	held bool
}

// hold creates the reserve file unless it exists. An error means that the disk is full or does not work.
func (r *reserve) hold() error {
	if r.held {
		return nil
	}
	if info, err := os.Stat(r.path); err != nil || info.Size() != reserveSize {
		if err := r.create(); err != nil {
			return err
		}
	}
	r.held = true
	return nil
}

// create fills the reserve file with pseudo-random bytes, because some file systems do not use room for zeros.
func (r *reserve) create() error {
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{}), reserveSize)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(r.path))
	}
	return nil
}

// release removes the reserve file.
func (r *reserve) release() {
	r.held = false
	_ = os.Remove(r.path) // if this fails, there is no room and the next write fails
}

// probe returns an error if the reserve file cannot grow, which means that the disk is full or does not work. If
// somebody has removed the file, probe creates it again.
func (r *reserve) probe() error {
	r.held = false
	if err := r.hold(); err != nil {
		return err
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(make([]byte, probeSize), reserveSize)
	return errors.Join(err, f.Truncate(reserveSize), f.Close())
}
