package mail

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Sweep deletes the old messages of a Folder, including partly written ones. It leaves new messages and files that are
// not from a Folder.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	at := noon
	f := NewFolder(dir, sender, func() time.Time { return at }, slog.New(slog.DiscardHandler))
	for range 2 {
		check(t, f.Send(t.Context(), *letter))
		at = at.Add(time.Millisecond).In(time.FixedZone("", 60*60))
	}
	check(t, os.WriteFile(filepath.Join(dir, fileName(t, dir, "20260102-120000.000-")+".part"), nil, 0o600))
	kept := []string{
		"20260102-120000.000-ABCDEFGH.txt", "20260102-120000.000-abcdefgh.eml", "20260102-120000.000-ABCDEFGH.eml.bak",
		"20269999-120000.000-ABCDEFGH.eml", "a20260102-120000.000-ABCDEFGH.eml", "letter.eml",
	}
	for _, name := range kept {
		check(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	const folder = "20260102-120000.000-ABCDEFGH.eml"
	check(t, os.Mkdir(filepath.Join(dir, folder), 0o700))
	kept = append(kept, folder)

	check(t, Sweep(dir, noon))
	if names := fileNames(t, dir); len(names) != len(kept)+3 {
		t.Errorf("a new message was deleted: %v", names)
	}
	check(t, Sweep(dir, noon.Add(time.Millisecond)))
	kept = append(kept, fileName(t, dir, "20260102-120000.001-"))
	slices.Sort(kept)
	if names := fileNames(t, dir); !slices.Equal(names, kept) {
		t.Errorf("left are %v, want %v", names, kept)
	}
}

// If one file cannot be deleted, Sweep still deletes the remaining ones.
func TestSweepContinuesAfterError(t *testing.T) {
	dir := t.TempDir()
	const stuck, other = "20260102-110000.000-ABCDEFGH.eml", "20260102-110000.001-ABCDEFGH.eml"
	for _, name := range []string{stuck, other} {
		check(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	err := sweep(dir, noon, func(path string) error {
		if filepath.Base(path) == stuck {
			return fs.ErrPermission
		}
		return os.Remove(path)
	})
	if names := fileNames(t, dir); !errors.Is(err, fs.ErrPermission) || !slices.Equal(names, []string{stuck}) {
		t.Errorf("left are %v, error %v", names, err)
	}
}

// fileNames returns the names in a folder, sorted.
func fileNames(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// fileName returns the first name in a folder with this prefix.
func fileName(t *testing.T, dir, prefix string) string {
	t.Helper()
	names := fileNames(t, dir)
	i := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(name, prefix) })
	if i < 0 {
		t.Fatalf("none of %v begins with %s", names, prefix)
	}
	return names[i]
}

func TestSweepMissingFolder(t *testing.T) {
	dir := t.TempDir()
	check(t, Sweep(filepath.Join(dir, "mail"), noon))
	file := filepath.Join(dir, "file")
	check(t, os.WriteFile(file, nil, 0o600))
	if err := Sweep(file, noon); err == nil {
		t.Error("sweeping a file returns no error")
	}
}
