package mail

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "mail")
	var log bytes.Buffer
	f := NewFolder(dir, sender, func() time.Time { return noon }, slog.New(slog.NewTextHandler(&log, nil)))
	for range 2 {
		if err := f.Send(t.Context(), *letter); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, error %v", files, err)
	}
	for _, file := range files {
		if name := filepath.Base(file); !strings.HasPrefix(name, "20260102-120000.000-") || filepath.Ext(name) != ".eml" {
			t.Errorf("the file is named %s", name)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkMessage(t, string(content))
		if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, error %v", info.Mode(), err)
		}
		if !strings.Contains(log.String(), filepath.Base(file)) {
			t.Errorf("the log does not name the file: %s", &log)
		}
	}
	if strings.Contains(log.String(), "tttt") || strings.Contains(log.String(), "ada@example.com") {
		t.Errorf("the log has the token or the address: %s", &log)
	}
}

func TestFolderThatCannotBeCreated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := NewFolder(filepath.Join(file, "mail"), sender, time.Now, slog.New(slog.DiscardHandler))
	if err := f.Send(t.Context(), *letter); err == nil || errors.As(err, new(Permanent)) {
		t.Errorf("got %v, want an error that is not Permanent", err)
	}
}
