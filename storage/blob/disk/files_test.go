package disk_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"bookplate/storage/blob"
	"bookplate/storage/blob/blobtest"
	"bookplate/storage/blob/disk"
)

func openFiles(t *testing.T, folder string) *disk.Files {
	t.Helper()
	f, err := disk.OpenFiles(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	blobtest.RunFiles(t, openFiles(t, folder), func(name string) string {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
		}
		return string(content)
	})
}

// A folder that a killed program was writing in is deleted after a day. Other folders stay.
func TestOldWorkIsDeleted(t *testing.T) {
	folder := t.TempDir()
	old := time.Now().Add(-blob.MaxWorkAge)
	for _, name := range []string{blob.WorkPrefix + "old", blob.WorkPrefix + "new", "mine"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if name != blob.WorkPrefix+"new" {
			if err := os.Chtimes(filepath.Join(folder, name), old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found, err := openFiles(t, folder).List(t.Context()); len(found) != 0 || err != nil {
		t.Errorf("files %v, error %v", found, err)
	}
	if got, want := names(t, folder), blob.WorkPrefix+"new mine"; got != want {
		t.Errorf("left: %s, want %s", got, want)
	}
}
