//go:build !windows

package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"bookplate/models"
)

func TestOnlyTheUserCanReadTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "covers")
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // only a test's
	if err := s.Put(t.Context(), "a.jpg", []byte("picture")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "a.jpg"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: mode %o, want %o", path, got, want)
		}
	}
}

func TestMissingFolderIsUnavailable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "covers")
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // only a test's
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
	defer s.Close() //nolint:errcheck // only a test's
	if o, err := s.Open(t.Context(), "a.jpg"); err == nil {
		o.Close() //nolint:errcheck // only a test's
		t.Error("a symbolic link to a file outside was opened")
	}
}
