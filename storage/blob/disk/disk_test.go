package disk_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
	"bookplate/storage/blob/blobtest"
	"bookplate/storage/blob/disk"
)

func TestContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, t.TempDir()) })
}

func open(t *testing.T, dir string) *disk.Store {
	t.Helper()
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFolderKeepsItsBlobs(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "a.jpg", []byte("picture")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	o, err := s.Open(t.Context(), "a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close() //nolint:errcheck // the test ignores this error
	if got, err := io.ReadAll(o); err != nil || string(got) != "picture" {
		t.Errorf("after reopening: %q, %v", got, err)
	}
}

func TestListDeletesOldPartsOnly(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	old := time.Now().Add(-time.Hour)
	for _, file := range []struct {
		name    string
		written time.Time
	}{
		{"old.part", old},
		{"new.part", time.Now()}, // another copy of the server may be writing it
		{"whole.jpg", old},
		{"README", old},
	} {
		path := filepath.Join(dir, file.name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, file.written, file.written); err != nil {
			t.Fatal(err)
		}
	}
	var listed []string
	for blob, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, blob.Key)
	}
	if len(listed) != 1 || listed[0] != "whole.jpg" {
		t.Errorf("listed %v", listed)
	}
	if got, want := names(t, dir), "README new.part whole.jpg"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
}

func TestPutAndPingLeaveNoOtherFiles(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	if err := s.Put(t.Context(), "a.jpg", []byte("picture")); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got != "a.jpg" {
		t.Errorf("the folder has: %s", got)
	}
}

// The rename fails because a folder already has the name of the key.
func TestFailedPutLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close() //nolint:errcheck // the test ignores this error
	if err := os.Mkdir(filepath.Join(dir, "a.jpg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "a.jpg", []byte("picture")); models.CodeOf(err) != models.Unavailable {
		t.Errorf("put: %v, want Unavailable", err)
	}
	if got := names(t, dir); got != "a.jpg" {
		t.Errorf("the folder has: %s", got)
	}
}

func TestOpenErrorNamesTheFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "covers")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names %s", err, file)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
