package copies

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
)

// A backup is a ZIP file with a SQLite database, the covers in a folder, and a manifest with the checksums of the
// others. A truncated file cannot be opened, because a ZIP file has its list of contents at the end.
const (
	databaseEntry = "bookplate.db"
	coversFolder  = "covers/"
	manifestEntry = "manifest.json"
)

// maxManifest is an upper limit for the size of a manifest, in bytes.
const maxManifest = 1 << 16

// manifestFormat is the format version that this program writes and reads.
const manifestFormat = 1

// Manifest describes a backup.
type Manifest struct {
	Format    int       `json:"format"`
	Version   string    `json:"version"` // the version of the program
	CreatedAt time.Time `json:"created_at"`
	Database  struct {
		Size   int64  `json:"size"` // bytes
		SHA256 string `json:"sha256"`
	} `json:"database"`
	Covers struct {
		Count  int64  `json:"count"`
		Digest string `json:"digest"`
	} `json:"covers"`
}

// ErrDamaged is returned for a file that is not a complete and unchanged backup.
var ErrDamaged = errors.New("not a complete backup")

// Archive is a backup that is open for reading. It implements Covers.
type Archive struct {
	Manifest Manifest
	file     *zip.ReadCloser
	entries  map[string]*zip.File
}

// OpenArchive opens a backup and verifies its checksums.
func OpenArchive(ctx context.Context, path string, progress Progress) (*Archive, error) {
	file, err := zip.OpenReader(path)
	if _, missing := errors.AsType[*fs.PathError](err); missing {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s is %w: %w", path, ErrDamaged, err)
	}
	a := &Archive{file: file, entries: make(map[string]*zip.File, len(file.File))}
	for _, entry := range file.File {
		a.entries[entry.Name] = entry
	}
	if err := a.verify(ctx, progress); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is %w: %w", path, ErrDamaged, err), file.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

// verify compares the whole content with the manifest.
func (a *Archive) verify(ctx context.Context, progress Progress) error {
	text, err := a.read(manifestEntry, maxManifest)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return fmt.Errorf("%s: %w", manifestEntry, err)
	}
	if a.Manifest.Format != manifestFormat {
		return fmt.Errorf("it has format %d, and this version reads %d", a.Manifest.Format, manifestFormat)
	}
	if err := a.extract(ctx, io.Discard); err != nil {
		return err
	}
	want := a.Manifest.Covers
	found, err := eachPicture(ctx, a, "", func(_ string, _ []byte, done int64) error {
		progress(checking+coversLine, done, want.Count)
		return nil
	})
	if err != nil {
		return err
	}
	if found.count != want.Count || found.text() != want.Digest {
		return fmt.Errorf("it has %d pictures with the digest %s, want %d with %s", found.count, found.text(), want.Count, want.Digest)
	}
	return nil
}

// extract writes the database to w and verifies its checksum.
func (a *Archive) extract(ctx context.Context, w io.Writer) error {
	entry, err := a.open(databaseEntry)
	if err != nil {
		return err
	}
	defer entry.Close() //nolint:errcheck // it was only read
	hash, want := sha256.New(), a.Manifest.Database
	n, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(stoppable{ctx, entry}, want.Size+1))
	if err != nil {
		return fmt.Errorf("%s: %w", databaseEntry, err)
	}
	if n != want.Size || hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
		return fmt.Errorf("the checksum of %s is wrong", databaseEntry)
	}
	return nil
}

// stoppable is a reader that returns an error after its context has ended.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

func (a *Archive) open(name string) (io.ReadCloser, error) {
	entry, found := a.entries[name]
	if !found {
		return nil, &models.Error{Code: models.NotFound, Err: fmt.Errorf("it has no %s", name)}
	}
	return entry.Open()
}

// read returns the content of an entry of at most limit bytes.
func (a *Archive) read(name string, limit int64) ([]byte, error) {
	entry, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer entry.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(io.LimitReader(entry, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return content, err
}

// List returns the pictures. It omits names that are not keys of a blob store, such as paths to other folders.
func (a *Archive) List(context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for _, entry := range a.file.File {
			key, isCover := strings.CutPrefix(entry.Name, coversFolder)
			if isCover && blob.CheckKey(key) == nil && !yield(blob.Info{Key: key, ModTime: entry.Modified}, nil) {
				return
			}
		}
	}
}

// Open reads a picture.
func (a *Archive) Open(_ context.Context, key string) (blob.Object, error) {
	content, err := a.read(coversFolder+key, blob.MaxSize)
	if err != nil {
		return blob.Object{}, err
	}
	return blob.InMemory(content, a.Manifest.CreatedAt), nil
}

type archiveWriter struct {
	file *os.File
	zip  *zip.Writer
}

// createArchive creates a backup file that only the current user of the operating system can read.
func createArchive(path string) (*archiveWriter, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a new file in the caller's folder
	if err != nil {
		return nil, err
	}
	return &archiveWriter{file, zip.NewWriter(file)}, nil
}

// addDatabase writes the database to the backup and its checksum to the manifest.
func (w *archiveWriter) addDatabase(ctx context.Context, path string, m *Manifest) error {
	database, err := os.Open(path) //nolint:gosec // the caller has written the file
	if err != nil {
		return err
	}
	defer database.Close() //nolint:errcheck // it was only read
	entry, err := w.zip.CreateHeader(&zip.FileHeader{Name: databaseEntry, Method: zip.Deflate, Modified: m.CreatedAt})
	if err != nil {
		return err
	}
	hash := sha256.New()
	m.Database.Size, err = io.Copy(io.MultiWriter(entry, hash), stoppable{ctx, database})
	m.Database.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return err
}

// addPicture adds a picture without compression, because JPEGs are compressed already.
func (w *archiveWriter) addPicture(key string, content []byte, at time.Time) error {
	entry, err := w.zip.CreateHeader(&zip.FileHeader{Name: coversFolder + key, Method: zip.Store, Modified: at})
	if err == nil {
		_, err = entry.Write(content)
	}
	return err
}

// finish writes the manifest and syncs the file.
func (w *archiveWriter) finish(m Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	entry, err := w.zip.CreateHeader(&zip.FileHeader{Name: manifestEntry, Method: zip.Deflate, Modified: m.CreatedAt})
	if err == nil {
		_, err = entry.Write(text)
	}
	return errors.Join(err, w.zip.Close(), w.file.Sync())
}

func (w *archiveWriter) close() error { return w.file.Close() }
