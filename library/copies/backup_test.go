package copies_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bookplate/library/copies"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/storagetest"
)

func backUp(t *testing.T, from copies.Target) string {
	t.Helper()
	folder := t.TempDir()
	_, err := newBackups(t, from, folder).Write(t.Context(), "backup.zip", noProgress)
	check(t, err)
	return filepath.Join(folder, "backup.zip")
}

func newBackups(t testing.TB, from copies.Target, folder string) copies.Backups {
	t.Helper()
	files, err := storage.OpenFiles(t.Context(), storage.BlobConfig{URL: "disk:" + folder})
	check(t, err)
	t.Cleanup(func() { check(t, files.Close()) })
	return copies.Backups{From: asSource(from), To: files, OpenFile: storage.OpenPrivate, Version: "1.2.3", Now: time.Now}
}

func restore(t *testing.T, path string, to copies.Target) error {
	t.Helper()
	archive, err := copies.OpenArchive(t.Context(), path, noProgress)
	if err != nil {
		return err
	}
	_, err = archive.Restore(t.Context(), to, storage.OpenPrivate, noProgress)
	return errors.Join(err, archive.Close())
}

// A backup of either engine can be restored on either engine.
func TestBackup(t *testing.T) {
	for from, fromURL := range map[string]func(testing.TB) string{"SQLite": sqliteURL, "MongoDB": storagetest.MongoURL} {
		for to, toURL := range map[string]func(testing.TB) string{"SQLite": sqliteURL, "MongoDB": storagetest.MongoURL} {
			t.Run(from+" to "+to, func(t *testing.T) {
				library := newSource(t, fromURL(t))
				path := backUp(t, library)
				restored := newTarget(t, toURL(t))
				check(t, restore(t, path, restored))
				wantSame(t, restored, library)
				wantError(t, restore(t, path, restored), copies.ErrCopied)
				wantError(t, restore(t, path, newSource(t, sqliteURL(t))), copies.ErrNotEmpty)
			})
		}
	}
}

// The folder has only the backup, and only its owner can read it.
func TestBackupLeavesOneFile(t *testing.T) {
	path := backUp(t, newSource(t, sqliteURL(t)))
	entries, err := os.ReadDir(filepath.Dir(path))
	check(t, err)
	info, err := os.Stat(path)
	check(t, err)
	if len(entries) != 1 || info.Mode() != 0o600 {
		t.Errorf("the folder has %v, and the mode is %v", entries, info.Mode())
	}
}

// A failed backup leaves no file, and does not replace an earlier file with the same name.
func TestBackupFails(t *testing.T) {
	library, folder := newSource(t, sqliteURL(t)), t.TempDir()
	backups := newBackups(t, library, folder)
	if err := os.WriteFile(filepath.Join(folder, "taken.zip"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backups.Write(t.Context(), "taken.zip", noProgress); models.CodeOf(err) != models.Conflict {
		t.Errorf("error %v, want Conflict", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := backups.Write(ctx, "cancelled.zip", func(string, int64, int64) { cancel() })
	wantError(t, err, context.Canceled)
	var names []string
	check(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	}))
	content, err := os.ReadFile(filepath.Join(folder, "taken.zip"))
	check(t, err)
	if strings.Join(names, " ") != ". taken.zip" || string(content) != "mine" {
		t.Errorf("the folder has %v, and the file %q", names, content)
	}
}

// rewrite copies a backup to a new file and returns its path. It passes the content of each entry to change and writes
// the result, or omits the entry if the result is nil.
func rewrite(t *testing.T, path string, change func(name string, content []byte) []byte) string {
	t.Helper()
	from, err := zip.OpenReader(path)
	check(t, err)
	defer from.Close() //nolint:errcheck // it was only read
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, entry := range from.File {
		r, err := entry.Open()
		check(t, err)
		content, err := io.ReadAll(r)
		check(t, err)
		if content = change(entry.Name, content); content == nil {
			continue
		}
		w, err := to.Create(entry.Name)
		check(t, err)
		_, err = w.Write(content)
		check(t, err)
	}
	check(t, to.Close())
	return write(t, b.Bytes())
}

func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "backup.zip")
	check(t, os.WriteFile(path, content, 0o600))
	return path
}

// A damaged backup is rejected before anything is restored.
func TestDamagedBackup(t *testing.T) {
	path := backUp(t, newSource(t, sqliteURL(t)))
	whole, err := os.ReadFile(path)
	check(t, err)
	replaced := func(name, old, with string) string {
		return rewrite(t, path, func(entry string, content []byte) []byte {
			if strings.HasPrefix(entry, name) {
				return bytes.ReplaceAll(content, []byte(old), []byte(with))
			}
			return content
		})
	}
	without := func(name string) string {
		return rewrite(t, path, func(entry string, content []byte) []byte {
			if strings.HasPrefix(entry, name) {
				return nil
			}
			return content
		})
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/3] ^= 1
	for name, damaged := range map[string]string{
		"cut in the middle": write(t, whole[:len(whole)/2]), "cut at the end": write(t, whole[:len(whole)-1]), "empty": write(t, nil),
		"another file": write(t, []byte("a letter")), "a changed byte": write(t, flipped),
		"another database": replaced("bookplate.db", "Emma", "Amme"), "another picture": replaced("covers/", "picture", "Picture"),
		"no manifest": without("manifest"), "no database": without("bookplate.db"), "no covers": without("covers/"),
		"another format": replaced("manifest", `"format": 1`, `"format": 2`),
	} {
		t.Run(name, func(t *testing.T) { wantError(t, restore(t, damaged, copies.Target{}), copies.ErrDamaged) })
	}
	wantError(t, restore(t, "none.zip", copies.Target{}), fs.ErrNotExist)
}
