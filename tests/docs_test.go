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

// Every test that docs/security.md cites exists.
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

// documents returns the files of documentation by their paths.
func documents(t *testing.T) map[string]string {
	t.Helper()
	documents := map[string]string{}
	for _, pattern := range []string{"../*.md", "../docs/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			documents[path] = string(text)
		}
	}
	return documents
}

func TestLinksInDocsLeadToFiles(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	for path, text := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := match[1]
			if strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target)); err != nil {
				t.Errorf("%s has a link to %s: %v", path, target, err)
			}
		}
	}
}

// A block of code in the documentation that begins with "# deploy/NAME" has the same content as that file.
func TestDocsQuoteDeployFiles(t *testing.T) {
	block := regexp.MustCompile("(?s)```\\w*\n# (deploy/\\S+)\n(.*?)```")
	quotes := block.FindAllStringSubmatch(documents(t)["../docs/operating.md"], -1)
	if len(quotes) == 0 {
		t.Fatal("docs/operating.md quotes no file of deploy/")
	}
	for _, quote := range quotes {
		file, err := os.ReadFile(filepath.Join("..", quote[1]))
		if err != nil {
			t.Fatal(err)
		}
		if quote[2] != strings.ReplaceAll(string(file), "\r\n", "\n") {
			t.Errorf("docs/operating.md quotes another %s:\n%s", quote[1], quote[2])
		}
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := newServer(t).run("config")
	if code != 0 {
		t.Fatal(stderr)
	}
	text := documents(t)["../docs/operating.md"]
	for line := range strings.Lines(stdout) {
		name, _, _ := strings.Cut(line, " ")
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/operating.md does not describe %s", name)
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
