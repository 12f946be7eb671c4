package transfer

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bookplate/models"
)

// Archive is an archive that OpenArchive has checked.
type Archive struct {
	files   map[string]*zip.File
	records map[string]int // the number of records of each file
	books   bookIndex
}

// Limits of an archive. An export stays far below them.
const (
	maxDirectory = 1 << 20   // bytes of the directory at the end
	maxManifest  = 1 << 20   // bytes
	maxLine      = 1 << 20   // bytes of a record: the longest book has 300,000
	maxRecords   = 1<<24 - 1 // of a file; newIDs makes as many ids
	maxPicture   = 16 << 20  // bytes of a picture, as in a blob store

	// maxExpansion is how many times its size an archive may have when it is unpacked. The ids of records are random, so
	// exports are compressed to a twentieth at most.
	maxExpansion = 200
)

// archiveFiles are the files of an archive except the manifest.
var archiveFiles = []string{
	profileFile, booksFile, readingsFile, shelvesFile, loansFile, goalsFile, trashFile, coversFile, trashCoversFile,
}

// OpenArchive checks an archive that an Exporter has written: its files, their checksums and each record. It reads the
// whole archive and stores nothing. The error is Invalid for the field file, and says what is wrong. The archive reads from
// r later.
func OpenArchive(ctx context.Context, r io.ReaderAt, size int64) (*Archive, error) {
	directory := &limitedReaderAt{r, maxDirectory}
	unpacked, err := zip.NewReader(directory, size)
	if err != nil {
		return nil, badArchive(fmt.Errorf("is not a ZIP file, or it is cut off: %w", err))
	}
	directory.left = -1
	a := &Archive{files: map[string]*zip.File{}, records: map[string]int{}}
	listed, err := a.readDirectory(unpacked.File)
	if err == nil {
		err = checkExpansion(listed, size)
	}
	for _, file := range listed {
		if err == nil {
			err = a.checkSum(ctx, file)
		}
	}
	if err == nil {
		err = a.checkRecords(ctx)
	}
	if ctx.Err() != nil {
		return nil, &models.Error{Code: models.Unavailable, Err: ctx.Err()}
	}
	if err != nil {
		return nil, badArchive(err)
	}
	return a, nil
}

func badArchive(err error) error { return models.InvalidField("file", err) }

// limitedReaderAt fails when more bytes than left have been read. A negative number is no limit. It keeps zip.NewReader
// from reading a directory of any size into memory.
type limitedReaderAt struct {
	io.ReaderAt
	left int64
}

func (r *limitedReaderAt) ReadAt(p []byte, offset int64) (int, error) {
	if r.left >= 0 {
		if r.left -= int64(len(p)); r.left < 0 {
			return 0, errors.New("it has too many files")
		}
	}
	return r.ReaderAt.ReadAt(p, offset)
}

// readDirectory checks that the archive has the manifest and the files that it lists, and no others. It returns the list.
func (a *Archive) readDirectory(files []*zip.File) ([]fileEntry, error) {
	for _, file := range files {
		switch known := file.Name == manifestFile || slices.Contains(archiveFiles, file.Name); {
		case !known:
			return nil, fmt.Errorf("is not an export of Bookplate: it has the file %q", file.Name)
		case a.files[file.Name] != nil:
			return nil, fmt.Errorf("has the file %s twice", file.Name)
		}
		a.files[file.Name] = file
	}
	m, err := a.readManifest()
	if err != nil {
		return nil, err
	}
	for _, file := range m.Files {
		if a.files[file.Name] == nil || file.Name == manifestFile {
			return nil, fmt.Errorf("lacks the file %q", file.Name)
		}
		a.records[file.Name] = file.Records
	}
	for _, name := range archiveFiles {
		if _, listed := a.records[name]; !listed {
			return nil, fmt.Errorf("lacks the file %s", name)
		}
	}
	return m.Files, nil
}

func (a *Archive) readManifest() (m manifest, err error) {
	if a.files[manifestFile] == nil {
		return m, fmt.Errorf("is not an export of Bookplate: it has no %s", manifestFile)
	}
	file, err := a.files[manifestFile].Open()
	if err != nil {
		return m, fmt.Errorf("%s cannot be read: %w", manifestFile, err)
	}
	defer file.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(file, maxManifest))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	switch {
	case err != nil:
		return m, fmt.Errorf("%s cannot be read: %w", manifestFile, err)
	case m.Format != archiveFormat:
		return m, fmt.Errorf("is not an export of Bookplate: its format is %q", m.Format)
	case m.Version > archiveVersion:
		return m, fmt.Errorf("was exported by a newer server, Bookplate %s: update this server first", m.Server)
	}
	return m, nil
}

func checkExpansion(files []fileEntry, size int64) error {
	left := size * maxExpansion
	for _, file := range files {
		if left -= max(file.Bytes, 0); left < 0 {
			return fmt.Errorf("would be more than %d times its size when unpacked", maxExpansion)
		}
	}
	return nil
}

// checkSum reads a file whole and compares it with its entry in the manifest.
func (a *Archive) checkSum(ctx context.Context, want fileEntry) error {
	got := &checksum{hash: sha256.New()}
	err := a.read(ctx, want.Name, func(r io.Reader) error {
		_, err := io.Copy(got, io.LimitReader(r, want.Bytes+1))
		return err
	})
	if err != nil {
		return fmt.Errorf("%s is damaged: %w", want.Name, err)
	}
	if got.bytes != want.Bytes || got.hex() != strings.ToLower(want.SHA256) {
		return fmt.Errorf("%s is damaged: it does not have the checksum that %s says", want.Name, manifestFile)
	}
	return nil
}

// read calls do with the content of a file.
func (a *Archive) read(ctx context.Context, name string, do func(r io.Reader) error) error {
	file, err := a.files[name].Open()
	if err != nil {
		return err
	}
	return errors.Join(do(contextReader{ctx, file}), file.Close())
}

// contextReader is a reader that fails when its context ends.
type contextReader struct {
	context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
