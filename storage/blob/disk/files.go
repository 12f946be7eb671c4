package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Files is a folder of files. It implements blob.Files.
type Files struct {
	folder string
	root   *os.Root
}

// OpenFiles opens a folder, which must exist.
func OpenFiles(folder string) (*Files, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the folder %s does not exist: create it, or choose another", folder)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use the folder: %w", err)
	}
	return &Files{folder, root}, nil
}

// Folder returns the folder.
func (f *Files) Folder() string { return f.folder }

// Put renames a file.
func (f *Files) Put(ctx context.Context, name, path string) error {
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	relative, err := filepath.Rel(f.folder, path)
	if err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	if _, err := f.root.Lstat(name); err == nil {
		return &models.Error{Code: models.Conflict, Err: fmt.Errorf("%s already exists", filepath.Join(f.folder, name))}
	}
	if err := f.root.Rename(relative, name); err != nil {
		return translate(err)
	}
	if err := syncFolder(f.root); err != nil {
		return translate(errors.Join(err, f.root.Remove(name)))
	}
	return nil
}

// List reads the folder.
func (f *Files) List(ctx context.Context) (names []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, translate(err)
	}
	entries, err := fs.ReadDir(f.root.FS(), ".") // sorted by name
	if err != nil {
		return nil, translate(err)
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), blob.WorkPrefix) {
			if err := f.removeOld(entry); err != nil {
				return nil, translate(err)
			}
		}
	}
	return names, nil
}

// removeOld deletes a folder for writing that is too old to be in use.
func (f *Files) removeOld(entry fs.DirEntry) error {
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) || err == nil && time.Since(info.ModTime()) < blob.MaxWorkAge {
		return nil
	}
	return errors.Join(err, f.root.RemoveAll(entry.Name()))
}

// Delete deletes a file.
func (f *Files) Delete(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return translate(err)
	}
	return nil
}

// Close closes the folder.
func (f *Files) Close() error { return f.root.Close() }
