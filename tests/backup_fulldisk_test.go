//go:build linux || darwin

package tests

import (
	"errors"
	"os"
	"os/exec"
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

// A demo without room for its library says so, and leaves nothing.
func TestFullDiskForADemo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	demo := exec.Command("/bin/sh", "-c", `ulimit -f 64; exec "$0" demo`, binary) // files of at most 32 KiB or 64 KiB: shells differ
	demo.Env = []string{"TMPDIR=" + folder, "ADDR=" + freeAddr()}
	output, err := demo.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Errorf("the demo ended with %v", err)
	}
	if !strings.Contains(string(output), "disk") && !strings.Contains(string(output), "too large") {
		t.Errorf("the demo says %s; want a message about the disk", output)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("the demo left %v", left)
	}
}
