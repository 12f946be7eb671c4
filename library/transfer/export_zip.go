package transfer

import (
	"archive/tar"
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"bookplate/models"
)

// The format and version of an archive. The version increases if an older server would misread a new archive or ignore
// a part of it.
const (
	archiveFormat  = "bookplate archive"
	archiveVersion = 1
)

// The files of an archive. A .jsonl file has one record on each line.
const (
	profileFile  = "profile.json"
	booksFile    = "books.jsonl"    // sorted by id
	readingsFile = "readings.jsonl" // if a book occurs twice, its later record is valid
	shelvesFile  = "shelves.jsonl"  // shelf by shelf, with the books in order
	loansFile    = "loans.jsonl"    // latest first
	goalsFile    = "goals.jsonl"
	trashFile    = "trash.jsonl" // latest first

	// The largest picture of each cover, in the order of the books or of the trash.
	coversFile      = "covers.tar"
	trashCoversFile = "trash_covers.tar"
	manifestFile    = "manifest.json"
)

// manifest describes the files of an archive. It is the last file.
type manifest struct {
	Format     string      `json:"format"`
	Version    int         `json:"version"`
	Server     string      `json:"server"` // the version of Bookplate
	ExportedAt timestamp   `json:"exported_at"`
	Files      []fileEntry `json:"files"`
}

// fileEntry describes a file of an archive.
type fileEntry struct {
	Name    string `json:"name"`
	Records int    `json:"records"` // the number of lines or pictures
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

// writeArchive writes an archive. It puts all covers into a tar file, because the directory of a ZIP file must fit in
// memory.
func (x *Exporter) writeArchive(ctx context.Context, user models.User, w io.Writer) error {
	a := &archiveWriter{zip: zip.NewWriter(w), now: x.Now()}
	for _, part := range []struct {
		name  string
		write func(w io.Writer) (records int, err error)
	}{
		{profileFile, func(w io.Writer) (int, error) { return 1, newEncoder(w).Encode(recordProfile(user)) }},
		{booksFile, lines(x.books(ctx, user), recordBook)},
		{readingsFile, lines(x.readings(ctx, user), func(b models.Book) readingRecord {
			return readingRecord{b.ID, recordReading(*b.Reading)}
		})},
		{shelvesFile, lines(x.places(ctx, user), func(p placeRecord) placeRecord { return p })},
		{loansFile, lines(x.loans(ctx, user), func(l models.LentBook) loanRecord { return recordLoan(l.Loan) })},
		{goalsFile, func(w io.Writer) (int, error) { return x.writeGoals(ctx, user, w) }},
		{coversFile, func(w io.Writer) (int, error) { return x.writeCovers(ctx, x.books(ctx, user), w) }},
		{trashFile, lines(x.trashWithAll(ctx, user), recordTrash)},
		{trashCoversFile, func(w io.Writer) (int, error) { return x.writeCovers(ctx, x.trash(ctx, user), w) }},
	} {
		if err := a.add(part.name, part.write); err != nil {
			return err
		}
	}
	return a.close(x.Version)
}

// lines returns a function that writes a list as JSON Lines, with one record on each line.
func lines[T, R any](list iter.Seq2[T, error], record func(T) R) func(w io.Writer) (records int, err error) {
	return func(w io.Writer) (records int, err error) {
		encoder := newEncoder(w)
		for row, err := range list {
			if err == nil {
				err = encoder.Encode(record(row))
			}
			if err != nil {
				return 0, err
			}
			records++
		}
		return records, nil
	}
}

func (x *Exporter) writeGoals(ctx context.Context, user models.User, w io.Writer) (int, error) {
	goals, err := x.Readings.Goals(ctx, user)
	if err != nil {
		return 0, err
	}
	encoder := newEncoder(w)
	for _, year := range slices.Sorted(maps.Keys(goals)) {
		if err := encoder.Encode(goalRecord{year, goals[year]}); err != nil {
			return 0, err
		}
	}
	return len(goals), nil
}

// writeCovers writes the largest picture of each cover. An import makes the smaller pictures from it.
func (x *Exporter) writeCovers(ctx context.Context, books iter.Seq2[models.Book, error], w io.Writer) (pictures int, err error) {
	out := tar.NewWriter(w)
	for b, err := range books {
		if err != nil {
			return 0, err
		}
		keys := b.Cover.Keys()
		if len(keys) == 0 {
			continue
		}
		switch err := x.writeCover(ctx, b.ID, keys[len(keys)-1], out); {
		case models.CodeOf(err) == models.NotFound:
			x.Log.Warn("an export omits a cover, because its picture is missing or damaged", "book", b.ID)
		case err != nil:
			return 0, err
		default:
			pictures++
		}
	}
	return pictures, out.Close()
}

func (x *Exporter) writeCover(ctx context.Context, book models.ID, key string, out *tar.Writer) error {
	picture, err := x.Covers.Open(ctx, key)
	if err != nil {
		return err
	}
	defer picture.Close() //nolint:errcheck // the picture was only read
	size, err := picture.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = picture.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = out.WriteHeader(&tar.Header{Name: coverName(book), Size: size, Mode: 0o600, ModTime: picture.ModTime})
	}
	if err == nil {
		_, err = io.Copy(out, picture)
	}
	return err
}

// coverName returns the name of a book's picture in a tar file of covers.
func coverName(book models.ID) string { return string(book) + ".jpg" }

type archiveWriter struct {
	zip   *zip.Writer
	now   time.Time
	files []fileEntry
}

// add adds a file. write writes its content.
func (a *archiveWriter) add(name string, write func(w io.Writer) (records int, err error)) error {
	w, err := a.create(name)
	if err != nil {
		return err
	}
	sum := &checksum{hash: sha256.New()}
	records, err := write(io.MultiWriter(w, sum))
	if err != nil {
		return err
	}
	a.files = append(a.files, fileEntry{name, records, sum.bytes, sum.hex()})
	return nil
}

func (a *archiveWriter) create(name string) (io.Writer, error) {
	method := zip.Deflate
	if name == coversFile || name == trashCoversFile {
		method = zip.Store // pictures are compressed already
	}
	return a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: a.now})
}

func (a *archiveWriter) close(server string) error {
	w, err := a.create(manifestFile)
	if err != nil {
		return err
	}
	encoder := newEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(manifest{archiveFormat, archiveVersion, server, timestamp(a.now), a.files}); err != nil {
		return err
	}
	return a.zip.Close()
}

// checksum is a writer that counts and hashes the bytes written to it.
type checksum struct {
	hash  hash.Hash
	bytes int64
}

func (c *checksum) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return c.hash.Write(p)
}

func (c *checksum) hex() string { return hex.EncodeToString(c.hash.Sum(nil)) }
