package handlers

import (
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"os"

	"bookplate/models"
	"bookplate/storage/blob"
)

const (
	// maxParts is the most parts that a form may have. A book's has four.
	maxParts = 100

	// maxHead is the most bytes that may stand before a part's content: its name, a file's, and other headers. What reads
	// them keeps several times as much in memory.
	maxHead = 64 << 10
)

// readForm reads form-data. The picture goes to a temporary file as it comes, so that neither its size nor a slow line
// costs memory.
func readForm(r io.Reader, boundary string) (_ *body, err error) {
	if boundary == "" {
		return nil, &models.Error{
			Code:   models.Invalid,
			Detail: "the Content-Type has no boundary; leave the header to the client that makes the form",
		}
	}
	b := &body{}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	form := newFormReader(r, boundary)
	room := int64(maxText)
	for parts := 0; ; parts++ {
		part, err := form.next()
		if err == io.EOF { //nolint:errorlint // the form's end; a wrapped EOF is where a form was cut short
			return b, readRest(r)
		}
		if err != nil {
			return nil, readFailed(err)
		}
		if parts == maxParts {
			return nil, &models.Error{Code: models.TooLarge, Detail: fmt.Sprintf("the form has more than %d parts", maxParts)}
		}
		if err := b.readPart(part, &room); err != nil {
			return nil, err
		}
	}
}

// readRest reads what follows a form, which counts for nothing. Only when a body has ended does net/http watch for a
// client that hangs up while its request is worked on.
func readRest(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return readFailed(err)
	}
	return nil
}

// formReader reads the parts of a form, with a limit for their heads.
type formReader struct {
	parts *multipart.Reader
	part  *multipart.Part // at hand; nil before the first one
	body  io.Reader
	room  int64 // what of the body may be read for the head at hand
}

func newFormReader(r io.Reader, boundary string) *formReader {
	form := &formReader{body: r}
	form.parts = multipart.NewReader(form, boundary)
	return form
}

// next passes over what is left of the part at hand, and reads the next one's head.
func (r *formReader) next() (*multipart.Part, error) {
	r.room = math.MaxInt64
	if r.part != nil {
		if _, err := io.Copy(io.Discard, r.part); err != nil {
			return nil, err
		}
	}
	r.room = maxHead
	part, err := r.parts.NextPart()
	r.part, r.room = part, math.MaxInt64
	return part, err
}

// errLongHead is what a formReader finds of a head that goes on and on.
var errLongHead = &models.Error{
	Code: models.TooLarge, Detail: "the limit of the headers of a form's part is " + inBytes(maxHead),
}

// Read lets package multipart read the body.
func (r *formReader) Read(p []byte) (int, error) {
	if r.room <= 0 {
		return 0, errLongHead
	}
	n, err := r.body.Read(p)
	r.room -= int64(n)
	return n, err
}

// readPart reads one part. A file under another name than the cover's is passed over, and so is a cover without a file
// name: a browser sends that for a file input in which nothing was chosen.
func (b *body) readPart(part *multipart.Part, room *int64) error {
	name := part.FormName()
	switch {
	case name == coverField && part.FileName() != "":
		if b.cover != nil {
			b.refuse(coverField, "must be one file")
			return nil
		}
		return b.keepCover(part)
	case name == "" || part.FileName() != "":
		return nil
	}
	*room -= int64(len(name))
	value, err := io.ReadAll(io.LimitReader(part, *room+1))
	if err != nil {
		return readFailed(err)
	}
	if *room -= int64(len(value)); *room < 0 {
		return &models.Error{Code: models.TooLarge, Detail: "the limit of a form's text is " + inBytes(maxText)}
	}
	if _, again := b.values[name]; !again { // of several fields of a name, the first counts, as in Flask
		b.set(name, string(value))
	}
	return nil
}

// keepCover copies the picture to a temporary file. Failing to write is the server's fault, failing to read the
// client's.
func (b *body) keepCover(part io.Reader) (err error) {
	if b.cover, err = os.CreateTemp("", "bookplate-*.upload"); err != nil {
		return noRoom(err)
	}
	// Where a system lets an open file lose its name, a crash leaves no more behind than, just here, an empty file;
	// elsewhere, close removes it.
	_ = os.Remove(b.cover.Name())
	_, err = io.Copy(b.cover, part)
	if _, ours := errors.AsType[*os.PathError](err); ours {
		return noRoom(err)
	}
	if err != nil {
		return readFailed(err)
	}
	return nil
}

// noRoom is the Error where an upload cannot be kept while it is worked on.
func noRoom(err error) error {
	if blob.IsDiskFull(err) {
		return &models.Error{Code: models.InsufficientStorage, Err: err}
	}
	return &models.Error{Code: models.Unavailable, Err: err}
}
