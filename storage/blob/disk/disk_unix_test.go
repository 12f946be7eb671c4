//go:build !windows

package disk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob/disk"
)

func TestOnlyTheUserCanReadABlob(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	if err := s.Put(t.Context(), "a.jpg", []byte("picture")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "a.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o, want 600", mode)
	}
}

func TestMissingFolderIsUnavailable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "covers")
	if _, err := disk.Open(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("opening it: error %v, want one that names the folder", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); models.CodeOf(err) != models.Unavailable {
		t.Errorf("ping: %v, want Unavailable", err)
	}
	if err := s.Put(t.Context(), "a.jpg", nil); models.CodeOf(err) != models.Unavailable {
		t.Errorf("put: %v, want Unavailable", err)
	}
}

func TestSymbolicLinkOutOfTheFolderIsNotOpened(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "a.jpg")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	if o, err := s.Open(t.Context(), "a.jpg"); err == nil {
		o.Close() //nolint:errcheck // the test ignores this error
		t.Error("a symbolic link to a file outside was opened")
	}
}
