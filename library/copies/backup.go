package copies

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
)

// OpenFile opens a library in a SQLite file, which is in a folder that no other process uses. It creates the file if it is
// missing.
type OpenFile func(ctx context.Context, path string) (models.Store, error)

// Backups makes backups of a library.
type Backups struct {
	From     Source
	To       blob.Files
	OpenFile OpenFile
	Version  string // the version of the program
	Now      func() time.Time
}

// Write makes a backup while the library is in use. It names the file only after verifying it. With SQLite, the
// database in the backup is a consistent snapshot. Covers are read after the database, so the backup lacks covers that
// are replaced or deleted meanwhile.
func (b Backups) Write(ctx context.Context, name string, progress Progress) (m Manifest, err error) {
	work, err := os.MkdirTemp(b.To.Folder(), blob.WorkPrefix+"*") // its mode is 0700
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	database, path := filepath.Join(work, databaseEntry), filepath.Join(work, "backup.zip")
	if err := b.writeDatabase(ctx, database, progress); err != nil {
		return m, fmt.Errorf("cannot copy the database: %w", err)
	}
	if err := b.writeArchive(ctx, path, database, progress); err != nil {
		return m, fmt.Errorf("cannot write the backup: %w", err)
	}
	archive, err := OpenArchive(ctx, path, progress)
	if err != nil {
		return m, err
	}
	if err := archive.Close(); err != nil {
		return m, err
	}
	return archive.Manifest, b.To.Put(ctx, name, path)
}

func (b Backups) writeDatabase(ctx context.Context, path string, progress Progress) (err error) {
	if s, ok := b.From.Store.(models.Snapshotter); ok {
		return s.Snapshot(ctx, path)
	}
	mark, err := b.From.Store.CoverMark()
	if err != nil {
		return err
	}
	file, err := b.OpenFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	c := copier{from: b.From, to: Target{Store: file}, mark: mark, progress: progress}
	if err := file.Records().Begin(ctx, mark); err != nil {
		return err
	}
	if _, err := c.copyAllRecords(ctx); err != nil {
		return err
	}
	return file.Records().Finish(ctx)
}

// writeArchive writes the archive with the database and the covers, and deletes the file database.
func (b Backups) writeArchive(ctx context.Context, path, database string, progress Progress) (err error) {
	mark, err := b.From.Store.CoverMark()
	if err != nil {
		return err
	}
	w, err := createArchive(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	m := Manifest{Format: manifestFormat, Version: b.Version, CreatedAt: b.Now()}
	if err := w.addDatabase(ctx, database, &m); err != nil {
		return err
	}
	if err := os.Remove(database); err != nil { // frees disk space for the rest
		return err
	}
	var mu sync.Mutex
	covers, err := eachPicture(ctx, b.From.Covers, mark, func(key string, content []byte, done int64) error {
		mu.Lock()
		defer mu.Unlock()
		progress(coversLine, done, unknown)
		return w.addPicture(key, content, m.CreatedAt)
	})
	if err != nil {
		return err
	}
	m.Covers.Count, m.Covers.Digest = covers.count, covers.text()
	return w.finish(m)
}

// Restore copies the backup to an empty library and compares the two. It also continues a Restore that was interrupted.
func (a *Archive) Restore(ctx context.Context, to Target, open OpenFile, progress Progress) (s Summary, err error) {
	work, err := os.MkdirTemp("", blob.WorkPrefix+"*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	database := filepath.Join(work, databaseEntry)
	file, err := os.OpenFile(database, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a new file in a new folder
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.extract(ctx, file), file.Close()); err != nil {
		return nil, err
	}
	store, err := open(ctx, database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return Copy(ctx, Source{Store: store, Covers: a}, to, progress)
}
