package disk

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"

	"bookplate/storage/blob"
)

// List goes through the folder. Files whose name is no key are not the store's.
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
		if !e.Type().IsRegular() || blob.CheckKey(e.Name()) != nil {
			continue
		}
		info, err := s.root.Lstat(e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return false, err
		}
		if !yield(blob.Info{Key: e.Name(), ModTime: info.ModTime()}, nil) {
			return false, nil
		}
	}
	return true, nil
}
