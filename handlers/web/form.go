package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"os"

	"bookplate/models"
)

const (
	// maxParts is the maximum number of parts in a form. The tutorial's form for a book has four.
	maxParts = 100

	// maxPartHeader is the maximum size of the headers of a form's part, in bytes. Parsed headers take up to 30 times
	// as much memory.
	maxPartHeader = 4 << 10
)

// readForm reads form-data. The parameter file is the name of a field; the file in that field is copied to a temporary
// file, so it takes no memory.
func readForm(r io.Reader, boundary string, file string, t *heldText) (_ *Body, err error) {
	if boundary == "" {
		return nil, &models.Error{
			Code: models.Invalid, Name: "body_malformed",
			Detail: "the Content-Type has no boundary; leave the header to the client that makes the form",
		}
	}
	b := &Body{}
	defer func() {
		if err != nil {
			b.Close()
		}
	}()
	form := newFormReader(r, boundary, t)
	remaining := int64(MaxText)
	for parts := 0; ; parts++ {
		part, err := form.next()
		if err == io.EOF { //nolint:errorlint // the form's end; if the form was cut short, the EOF is wrapped
			return b, readRest(r)
		}
		if err != nil {
			return nil, readFailed(err)
		}
		if parts == maxParts {
			return nil, &models.Error{Code: models.TooLarge, Detail: fmt.Sprintf("the form has more than %d parts", maxParts)}
		}
		if err := b.readPart(part, file, t, &remaining); err != nil {
			return nil, err
		}
	}
}

// readRest reads and discards what follows a form in the body, because net/http notices that the client has
// disconnected only once the whole body has been read.
func readRest(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return readFailed(err)
	}
	return nil
}

// formReader reads the parts of a form and limits the size of each part's headers.
type formReader struct {
	parts     *multipart.Reader
	part      *multipart.Part // the current part; nil before the first
	body      io.Reader
	text      *heldText // counts the bytes of the headers
	inHeaders bool
	remaining int // how many more bytes the current headers may have
}

func newFormReader(r io.Reader, boundary string, t *heldText) *formReader {
	form := &formReader{body: r, text: t}
	form.parts = multipart.NewReader(form, boundary)
	return form
}

// next skips the rest of the current part and reads the headers of the next one.
func (r *formReader) next() (*multipart.Part, error) {
	if r.part != nil {
		if _, err := io.Copy(io.Discard, r.part); err != nil {
			return nil, err
		}
	}
	r.inHeaders, r.remaining = true, maxPartHeader
	part, err := r.parts.NextPart()
	r.part, r.inHeaders = part, false
	return part, err
}

// errPartHeaderTooLarge is returned if the headers of a part exceed maxPartHeader.
var errPartHeaderTooLarge = &models.Error{
	Code: models.TooLarge, Detail: "the limit of the headers of a form's part is " + formatBytes(maxPartHeader),
}

// Read reads from the request's body. Package multipart calls it.
func (r *formReader) Read(p []byte) (int, error) {
	if !r.inHeaders {
		return r.body.Read(p)
	}
	if r.remaining <= 0 {
		return 0, errPartHeaderTooLarge
	}
	n, err := r.body.Read(p)
	r.remaining -= n
	r.text.add(n)
	return n, err
}

// readPart reads one part of a form. The only file that it keeps is that of the field that file names. It ignores a file
// without a name, because a browser sends that if no file was chosen.
func (b *Body) readPart(part *multipart.Part, file string, t *heldText, remaining *int64) error {
	name := part.FormName()
	switch {
	case file != "" && name == file && part.FileName() != "":
		if b.Cover != nil {
			b.reject(file, "must be one file")
			return nil
		}
		b.FileName = part.FileName()
		return b.saveFile(part)
	case name == "":
		return nil
	case part.FileName() != "":
		b.ignore(name)
		return nil
	}
	*remaining -= int64(len(name))
	value, err := t.read(io.LimitReader(part, *remaining+1))
	if err != nil {
		return readFailed(err)
	}
	if *remaining -= int64(len(value)); *remaining < 0 {
		return &models.Error{Code: models.TooLarge, Detail: "the limit of a form's text is " + formatBytes(MaxText)}
	}
	b.set(name, string(value))
	return nil
}

// saveFile copies the uploaded file to a temporary file.
func (b *Body) saveFile(part io.Reader) (err error) {
	if b.Cover, err = os.CreateTemp("", "bookplate-*.upload"); err != nil {
		return bufferFailed(err)
	}
	// On a system that can remove an open file, a crash leaves at most an empty file. On other systems, Body.Close
	// removes the file.
	_ = os.Remove(b.Cover.Name())
	// A buffer of 4 KiB is enough, because a part returns at most 4 KiB at a time. os.File.ReadFrom would allocate 32
	// KiB.
	_, err = io.CopyBuffer(struct{ io.Writer }{b.Cover}, part, make([]byte, 4<<10))
	if _, writing := errors.AsType[*os.PathError](err); writing {
		return bufferFailed(err)
	}
	if err != nil {
		return readFailed(err)
	}
	return nil
}

// bufferFailed returns the error for an upload that cannot be copied to a temporary file.
func bufferFailed(err error) error {
	if models.IsDiskFull(err) {
		return &models.Error{Code: models.InsufficientStorage, Err: err}
	}
	return &models.Error{Code: models.Unavailable, Err: err}
}
