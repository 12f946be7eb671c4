package auth

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestLoadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "secret.key")
	first, err := LoadSecret(path)
	if err != nil || len(first) < MinSecret {
		t.Fatalf("a secret of %d bytes, error %v", len(first), err)
	}
	if again, err := LoadSecret(path); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the second call returns another secret, error %v", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %o, want 600", mode)
	}
	if other, err := LoadSecret(filepath.Join(t.TempDir(), "secret.key")); err != nil || bytes.Equal(other, first) {
		t.Errorf("two servers have the same secret, error %v", err)
	}
}

// A damaged secret is rejected, not replaced, so that the operator can restore it from a copy.
func TestLoadDamagedSecret(t *testing.T) {
	for name, damaged := range map[string]string{
		"short":            "short\n",
		"zeros":            strings.Repeat("\x00", 36), // a crash or a bad disk can leave zeros
		"zeros at the end": "short" + strings.Repeat("\x00", 36),
		"one character":    strings.Repeat("a", 36) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret.key")
			if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := LoadSecret(path)
			if err == nil || !strings.Contains(err.Error(), path+": the secret") ||
				!strings.Contains(err.Error(), "delete the file") || strings.Contains(err.Error(), damaged) {
				t.Errorf("error %v; want the file in it and not the secret", err)
			}
			if content, err := os.ReadFile(path); err != nil || string(content) != damaged {
				t.Errorf("the file is now %q, error %v", content, err)
			}
		})
	}
}

func TestLoadSecretLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadSecret(filepath.Join(dir, "secret.key")); err != nil {
		t.Fatal(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("the folder has %v (%v)", files, err)
	}
	if _, err := LoadSecret(filepath.Join(dir, "secret.key", "none", "secret.key")); err == nil {
		t.Error("a secret below a file returns no error")
	}
}
