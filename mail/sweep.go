package mail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// filePattern matches the names of the files that a Folder writes. The first group is the time of the message.
var filePattern = regexp.MustCompile(`^(\d{8}-\d{6}\.\d{3})-[A-Z2-7]{8}\.eml(` + regexp.QuoteMeta(unfinished) + `)?$`)

// Sweep deletes the messages that a Folder wrote to dir before the given time, because the links in them have expired.
// It ignores files that are not from a Folder. If a file cannot be deleted, Sweep deletes the remaining ones before it
// returns the error.
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
		// Another copy of the server may have deleted the file.
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
