//go:build linux || darwin

package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On a full disk, no command leaves something that looks whole, and each succeeds when there is room again. The test
// is not parallel, because it replaces the binary.
func TestFullDiskForCommands(t *testing.T) {
	s := startServer(t)
	ada := s.signedIn("ada@example.com")
	s.addBook(ada.Token, "Emma")
	s.kill()
	program := binary
	t.Cleanup(func() { binary = program })
	limited := filepath.Join(t.TempDir(), "bookplate") // files of at most 32 KiB or 64 KiB: shells differ
	script := "#!/bin/sh\nulimit -f 64; exec " + program + ` "$@"` + "\n"
	if err := os.WriteFile(limited, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, "books.csv"), []byte(manyBooks()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.succeeds("backup", "backup.zip")
	for _, args := range [][]string{
		{"backup", "second.zip"},
		{"restore", "backup.zip", "--data", "restored"},
		{"copy", "--from", "sqlite:data/bookplate.db", "--to", "sqlite:copied/bookplate.db"},
		{"import", "books.csv", "--user", "ada@example.com"},
	} {
		binary = limited
		stdout, stderr, code := s.run(args...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, "disk") && !strings.Contains(stderr, "too large") {
			t.Errorf("%v: stdout %q, stderr %q, exit code %d; want a message about the disk", args, stdout, stderr, code)
		}
		if args[0] == "backup" {
			wantNoFile(t, filepath.Join(s.folder, "second.zip"))
		}
		if left, _ := filepath.Glob(filepath.Join(s.folder, ".bookplate-*")); len(left) > 0 {
			t.Errorf("%v left %v", args, left)
		}
		binary = program
		s.succeeds(args...)
	}
}
