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

// Folder keeps messages as files instead of sending them, so that everything can be tried out without a mail server.
type Folder struct {
	dir  string
	from string
	now  func() time.Time
	log  *slog.Logger
}

// NewFolder returns the folder dir, which is made when the first message comes.
func NewFolder(dir, from string, now func() time.Time, log *slog.Logger) *Folder {
	return &Folder{dir, from, now, log}
}

// The name of a file is its time, in UTC, some random letters and .eml, and one more ending until it is whole.
const (
	fileTime   = "20060102-150405.000"
	unfinished = ".part"
)

// Send writes a message to a file of its own, for its owner's eyes only, and names the file in the log: the link in it
// is as good as a password. Files sort by their time.
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
	// Under another name first: who looks into the folder finds whole messages only.
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
	f.log.Info("a message was written to a file, since SMTP_URL is not set", "subject", m.Subject, "file", path)
	return nil
}
