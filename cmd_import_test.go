package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runProgram runs a command line on the library in a folder. It returns the exit code and what the command printed.
func runProgram(t *testing.T, folder string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	program := newProgram()
	program.SetArgs(append(args, "--data", folder))
	program.SetOut(&out)
	program.SetErr(&errs)
	code = run(t.Context(), program)
	return code, out.String(), errs.String()
}

func TestImportCommand(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "books.csv")
	if err := os.WriteFile(file, []byte("title,author,price\nEmma,Jane Austen,1\nDune,Frank Herbert,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	importArgs := []string{"import", file, "--user", "ada@example.com"}
	if code, _, stderr := runProgram(t, folder, importArgs...); code != exitFailed || !strings.Contains(stderr, "there is no library at") {
		t.Errorf("without a library: %d %s", code, stderr)
	}
	if code, _, stderr := runProgram(t, folder, "user", "create", "ada@example.com"); code != 0 {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"--dry-run", "column \"title\": title\ncolumn \"author\": authors\ncolumn \"price\": (left out)\n" +
			"line 2: created \"Emma\" \"\"\nline 3: created \"Dune\" \"\"\ncsv, 2 lines: 2 created, 0 updated, 0 skipped, 0 failed\n", 0},
		{"", "csv, 2 lines: 2 created, 0 updated, 0 skipped, 0 failed\n", 0},
		{"", "csv, 2 lines: 0 created, 0 updated, 2 skipped, 0 failed\n", 0},
		{`--mapping={"title":""}`, "", exitFailed},
		{"--on-duplicate=merge", "", exitFailed},
		{"--user=bob@example.com", "", exitFailed},
	} {
		args := importArgs
		if c.args != "" {
			args = append(args[:len(args):len(args)], c.args)
		}
		if code, stdout, stderr := runProgram(t, folder, args...); code != c.code || stdout != c.want {
			t.Errorf("%s: %d\n%s%s\nwant %d\n%s", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}
