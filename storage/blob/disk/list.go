package disk

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"

	"bookplate/storage/blob"
)

// List reads the folder. It deletes unfinished files that are older than maxPartAge: they were left by a crash. A
// younger unfinished file may belong to another copy of the server that is writing it. List ignores all other files
// whose names are not valid keys.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := s.list(ctx, yield); err != nil {
			yield(blob.Info{}, translate(err))
		}
	}
}

func (s *Store) list(ctx context.Context, yield func(blob.Info, error) bool) error {
	folder, err := s.root.Open(".")
	if err != nil {
		return err
	}
	defer folder.Close() //nolint:errcheck // the program only reads from it
	for {
		entries, err := folder.ReadDir(blob.PageSize)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if more, err := s.listPage(entries, yield); !more || err != nil {
			return err
		}
	}
}

// listPage yields the entries that are blobs. It returns more = false if the caller has ended the list.
func (s *Store) listPage(entries []os.DirEntry, yield func(blob.Info, error) bool) (more bool, err error) {
	for _, e := range entries {
		isBlob, isPart := blob.CheckKey(e.Name()) == nil, strings.HasSuffix(e.Name(), partSuffix)
		if !e.Type().IsRegular() || !isBlob && !isPart {
			continue
		}
		info, err := s.root.Lstat(e.Name())
		if err == nil && isPart && time.Since(info.ModTime()) >= maxPartAge {
			err = s.root.Remove(e.Name())
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // the file was removed after the folder was read
		}
		if err != nil {
			return false, err
		}
		if isBlob && !yield(blob.Info{Key: e.Name(), ModTime: info.ModTime()}, nil) {
			return false, nil
		}
	}
	return true, nil
}
