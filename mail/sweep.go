package mail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// filePattern matches the names of Folder's files. The first group is their time.
var filePattern = regexp.MustCompile(`^(\d{8}-\d{6}\.\d{3})-[A-Z2-7]{8}\.eml(` + regexp.QuoteMeta(unfinished) + `)?$`)

// Sweep deletes the messages that a Folder wrote to dir before that time. The links in them have expired. Sweep ignores
// other files. If it cannot delete a file, it deletes the others before it returns the error.
func Sweep(dir string, before time.Time) error { return sweep(dir, before, os.Remove) }

func sweep(dir string, before time.Time, remove func(path string) error) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // no message was written yet
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !writtenBefore(entry.Name(), before) {
			continue
		}
		// Another copy of the server may have deleted it.
		if failed := remove(filepath.Join(dir, entry.Name())); !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

func writtenBefore(name string, before time.Time) bool {
	match := filePattern.FindStringSubmatch(name)
	if match == nil {
		return false
	}
	written, err := time.Parse(fileTime, match[1])
	return err == nil && written.Before(before)
}
