package mail

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Folder writes messages to files instead of sending them, so that the library can be tried out without a mail server.
type Folder struct {
	dir  string
	from string
	now  func() time.Time
	log  *slog.Logger
}

// NewFolder returns a Folder for the directory dir, which is created with the first message.
func NewFolder(dir, from string, now func() time.Time, log *slog.Logger) *Folder {
	return &Folder{dir, from, now, log}
}

// The name of a message's file consists of the time in UTC, random letters and .eml. Until the file is complete, the
// name also ends in .part.
const (
	fileTime   = "20060102-150405.000"
	unfinished = ".part"
)

// Send writes a message to a new file and logs the file's name. Only the system user that runs the server can read the
// file, because a link in a message is as good as a password.
func (f *Folder) Send(_ context.Context, m Message) (err error) {
	now := f.now()
	msg, err := compose(f.from, m, now)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(f.dir, now.UTC().Format(fileTime)+"-"+rand.Text()[:8]+".eml")
	// The file is renamed when it is complete, so every .eml file is a whole message.
	const flags = os.O_CREATE | os.O_EXCL | os.O_WRONLY
	file, err := os.OpenFile(path+unfinished, flags, 0o600) //nolint:gosec // the operator's folder
	if err != nil {
		return err
	}
	_, err = msg.WriteTo(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	f.log.Info("a message was written to a file because SMTP_URL is not set", "subject", m.Subject, "file", path)
	return nil
}
