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

// List goes through the folder. What a crash left half written an hour ago or more it removes on its way; what is
// younger may be another copy's of the server, which is still at it. Other files whose name is no key are not the
// store's.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := s.list(ctx, yield); err != nil {
			yield(blob.Info{}, failure(err))
		}
	}
}

func (s *Store) list(ctx context.Context, yield func(blob.Info, error) bool) error {
	folder, err := s.root.Open(".")
	if err != nil {
		return err
	}
	defer folder.Close() //nolint:errcheck // only read
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

// listPage says whether more is wanted.
func (s *Store) listPage(entries []os.DirEntry, yield func(blob.Info, error) bool) (more bool, err error) {
	for _, e := range entries {
		isBlob, isPart := blob.CheckKey(e.Name()) == nil, strings.HasSuffix(e.Name(), partSuffix)
		if !e.Type().IsRegular() || !isBlob && !isPart {
			continue
		}
		info, err := s.root.Lstat(e.Name())
		if err == nil && isPart && time.Since(info.ModTime()) >= partAge {
			err = s.root.Remove(e.Name())
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
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
