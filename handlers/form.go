package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"syscall"

	"bookplate/models"
)

// maxParts is the most parts that a form may have. A book's has four.
const maxParts = 100

// readForm reads form-data. The picture goes to a temporary file as it comes, so that neither its size nor a slow line
// costs memory.
func readForm(r io.Reader, boundary string, limit int64) (_ *body, err error) {
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
	form := multipart.NewReader(r, boundary)
	room := int64(maxText)
	for range maxParts {
		part, err := form.NextPart()
		if err == io.EOF { // the form's end; a wrapped EOF is where a form was cut short
			return b, nil
		}
		if err != nil {
			return nil, readFailed(err, limit)
		}
		if err := b.readPart(part, &room, limit); err != nil {
			return nil, err
		}
	}
	return nil, &models.Error{Code: models.TooLarge, Detail: fmt.Sprintf("the form has more than %d parts", maxParts)}
}

// readPart reads one part. A file under another name than the cover's is passed over, and so is a cover without a file
// name: a browser sends that for a file input in which nothing was chosen.
func (b *body) readPart(part *multipart.Part, room *int64, limit int64) error {
	name := part.FormName()
	switch {
	case name == coverField && part.FileName() != "":
		if b.cover != nil {
			b.refuse(coverField, "must be one file")
			return nil
		}
		return b.keepCover(part, limit)
	case name == "" || part.FileName() != "":
		return nil
	}
	value, err := io.ReadAll(io.LimitReader(part, *room+1))
	if err != nil {
		return readFailed(err, limit)
	}
	if *room -= int64(len(value)); *room < 0 {
		return &models.Error{Code: models.TooLarge, Detail: fmt.Sprintf("the limit of a form's text is %d bytes", maxText)}
	}
	if _, again := b.values[name]; !again { // of several fields of a name, the first counts, as in Flask
		b.set(name, string(value))
	}
	return nil
}

// keepCover copies the picture to a temporary file. Failing to write is the server's fault, failing to read the
// client's.
func (b *body) keepCover(part io.Reader, limit int64) (err error) {
	if b.cover, err = os.CreateTemp("", "bookplate-*.upload"); err != nil {
		return noRoom(err)
	}
	_ = os.Remove(b.cover.Name()) // where a system lets an open file lose its name, not even a crash leaves it behind
	_, err = io.Copy(b.cover, part)
	if _, ours := errors.AsType[*os.PathError](err); ours {
		return noRoom(err)
	}
	if err != nil {
		return readFailed(err, limit)
	}
	return nil
}

// noRoom is the Error where an upload cannot be kept while it is worked on.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return &models.Error{Code: models.InsufficientStorage, Err: err}
	}
	return &models.Error{Code: models.Unavailable, Err: err}
}
