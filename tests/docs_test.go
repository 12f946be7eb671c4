package tests

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The tests that docs/security.md cites exist.
func TestSecurityDocCitesExistingTests(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b(Test|Fuzz|Benchmark|test)[A-Z]\w+`).FindAllString(string(text), -1)
	if len(names) < 20 {
		t.Fatalf("docs/security.md cites %d tests, want 20 or more", len(names))
	}
	code := goFiles(t)
	for _, name := range names {
		if !bytes.Contains(code, []byte("\nfunc "+name+"(")) {
			t.Errorf("%s does not exist", name)
		}
	}
}

// goFiles returns the content of all Go files of the repository.
func goFiles(t *testing.T) (code []byte) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		content, err := os.ReadFile(path)
		code = append(code, content...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return code
}
