//go:build linux || darwin

package tests

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// fillDisk writes a file until the disk is full.
func fillDisk(folder string) func(*testing.T, *server) {
	return func(t *testing.T, _ *server) {
		t.Helper()
		f, err := os.Create(filepath.Join(folder, "filler"))
		if err != nil {
			t.Fatal(err)
		}
		for chunk := make([]byte, 64<<10); len(chunk) > 0; {
			if _, err = f.Write(chunk); err != nil {
				chunk = chunk[:len(chunk)/2] // to fill the last byte
			}
		}
		if err := errors.Join(err, f.Close()); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("the disk is not full: %v", err)
		}
	}
}

// freeDisk removes the file that fillDisk wrote.
func freeDisk(folder string) func(*testing.T, *server) {
	return func(t *testing.T, _ *server) {
		t.Helper()
		if err := os.Remove(filepath.Join(folder, "filler")); err != nil {
			t.Fatal(err)
		}
	}
}
