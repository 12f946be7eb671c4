package mail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// filePattern is what Folder names its files, with their time.
var filePattern = regexp.MustCompile(`^(\d{8}-\d{6}\.\d{3})-[A-Z2-7]{8}\.eml(` + regexp.QuoteMeta(unfinished) + `)?$`)

// Sweep removes the messages that a Folder has written into dir before that time: a link in one is as good as a
// password while it counts, and of no use to anybody afterwards. What does not look like a file of ours is left alone.
// One that cannot be removed is an error when all others are gone.
func Sweep(dir string, before time.Time) error { return sweep(dir, before, os.Remove) }

func sweep(dir string, before time.Time, remove func(path string) error) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // no message has ever been kept
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !writtenBefore(entry.Name(), before) {
			continue
		}
		// Another copy of the server may have been faster.
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
