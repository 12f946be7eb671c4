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

// archiveName is the name of the archive format in an import.
const archiveName = "bookplate_zip"

// archive is an open archive whose content was checked.
type archive struct {
	files   map[string]*zip.File
	records map[string]int // the number of records in each file
	books   idRanks
	loans   idRanks
}

// Limits of an archive. Exports are far below them.
const (
	maxDirectory = 1 << 20   // bytes of the directory at the end
	maxManifest  = 1 << 20   // bytes
	maxLine      = 1 << 20   // bytes of a record; the longest book has 300,000, and a loan of a book in the trash about 200
	maxRecords   = 1<<24 - 1 // records in a file; newIDs makes at most as many ids
	maxPicture   = 8 << 20   // bytes of a picture; in base64 it fits into a MongoDB document

	// maxExpansion is the maximum ratio of the unpacked size to the size of an archive. It protects against ZIP bombs.
	// An export has a ratio of at most 20, because its ids are random.
	maxExpansion = 200
)

var archiveFiles = []string{
	profileFile, booksFile, readingsFile, shelvesFile, loansFile, goalsFile, trashFile, coversFile, trashCoversFile,
}

func isArchive(file File) bool {
	start := make([]byte, len(zipSignature))
	_, err := file.ReadAt(start, 0)
	return err == nil && string(start) == zipSignature
}

const zipSignature = "PK\x03\x04"

// openUpload opens an uploaded archive. The only allowed option is on_duplicate, because an archive is imported unchanged.
func openUpload(ctx context.Context, u Upload) (*archive, error) {
	wrong := models.Fields{}
	for name, set := range map[string]bool{"mapping": len(u.Mapping) > 0, "lookup": u.LookUp, "covers": u.Covers} {
		if set {
			wrong[name] = "must be left out for an export of Bookplate, which is imported as it is"
		}
	}
	if err := models.InvalidFields(wrong); err != nil {
		return nil, err
	}
	size, err := u.File.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	a, err := openArchive(ctx, u.File, size)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(importedFiles, func(name string) bool { return name != profileFile && a.records[name] > 0 }) {
		return nil, unreadable("the file is the export of an empty library")
	}
	return a, nil
}

// openArchive opens an archive that an Exporter has written. It checks its files, their checksums and each record. The
// error is Invalid and names the problem. The archive reads from r, so r must stay open.
func openArchive(ctx context.Context, r io.ReaderAt, size int64) (*archive, error) {
	directory := &limitedReaderAt{r, maxDirectory}
	unpacked, err := zip.NewReader(directory, size)
	if err != nil {
		return nil, badArchive(fmt.Errorf("is not a ZIP file, or it is cut off: %w", err))
	}
	directory.left = -1
	a := &archive{files: map[string]*zip.File{}, records: map[string]int{}}
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

func badArchive(err error) error { return unreadable("the file %v", err) }

// limitedReaderAt fails after left bytes have been read, or never if left is negative. It prevents zip.NewReader from
// reading a huge directory into memory.
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

// readDirectory checks that the archive has a manifest, all files that the manifest lists, and no others. It returns
// the manifest's list.
func (a *archive) readDirectory(files []*zip.File) ([]fileEntry, error) {
	for _, file := range files {
		switch known := file.Name == manifestFile || slices.Contains(archiveFiles, file.Name); {
		case !known:
			return nil, fmt.Errorf("is not an export of Bookplate, because it has the file %q: export books of other programs as CSV, TSV or JSON", file.Name)
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

func (a *archive) readManifest() (m manifest, err error) {
	if a.files[manifestFile] == nil {
		return m, fmt.Errorf("is not an export of Bookplate: it has no %s", manifestFile)
	}
	file, err := a.files[manifestFile].Open()
	if err != nil {
		return m, fmt.Errorf("%s cannot be read: %w", manifestFile, err)
	}
	defer file.Close() //nolint:errcheck // the file was only read
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

// checkSum compares the size and the checksum of a file with those in the manifest.
func (a *archive) checkSum(ctx context.Context, want fileEntry) error {
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

// read opens a file of the archive, calls do, and closes the file.
func (a *archive) read(ctx context.Context, name string, do func(r io.Reader) error) error {
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
