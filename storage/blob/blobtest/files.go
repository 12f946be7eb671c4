package blobtest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bookplate/models"
	"bookplate/storage/blob"
)

// RunFiles tests the contract of blob.Files with an empty place for files. read returns the content of a file in it.
func RunFiles(t *testing.T, f blob.Files, read func(name string) string) {
	large := string(make([]byte, blob.MaxSize+1)) // larger than a blob, so that S3 gets it in parts
	for name, content := range map[string]string{"a.zip": "whole", "b.zip": large} {
		checkOK(t, f.Put(t.Context(), name, writeFile(t, f, content)))
		if got := read(name); got != content {
			t.Errorf("%s has %d bytes, want %d", name, len(got), len(content))
		}
	}
	if err := f.Put(t.Context(), "a.zip", writeFile(t, f, "other")); models.CodeOf(err) != models.Conflict || read("a.zip") != "whole" {
		t.Errorf("error %v, want Conflict, and the first file", err)
	}
	wantNames(t, f, "a.zip", "b.zip")
	for range 2 {
		checkOK(t, f.Delete(t.Context(), "a.zip"))
	}
	wantNames(t, f, "b.zip")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Put(ctx, "c.zip", writeFile(t, f, "late")); models.CodeOf(err) != models.Unavailable {
		t.Errorf("with an ended context: %v", err)
	}
	if _, err := f.List(ctx); models.CodeOf(err) != models.Unavailable {
		t.Errorf("with an ended context: %v", err)
	}
	wantNames(t, f, "b.zip")
}

// writeFile writes a file for Put.
func writeFile(t *testing.T, f blob.Files, content string) string {
	t.Helper()
	work, err := os.MkdirTemp(f.Folder(), blob.WorkPrefix+"*")
	checkOK(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(work) })
	path := filepath.Join(work, "file")
	checkOK(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func wantNames(t *testing.T, f blob.Files, want ...string) {
	t.Helper()
	got, err := f.List(t.Context())
	checkOK(t, err)
	if !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func checkOK(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
