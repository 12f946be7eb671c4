package covers

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"slices"

	"bookplate/covers/internal/planarjpeg"
	"bookplate/covers/internal/scaledjpeg"
)

const jpegQuality = 85 // of 100

// pictures makes the encoded pictures of an upload, one for each of c.sizes. It checks the headers before it allocates
// memory that depends on the size of the upload.
func (c *Covers) pictures(up *upload) ([][]byte, error) {
	j, err := c.newJob(up)
	if err != nil {
		return nil, err
	}
	if j.format.isJPEG {
		made, err := c.make(up, j, j.needScaled(), j.decodeScaled)
		if !errors.Is(err, scaledjpeg.ErrUnsupported) {
			return made, err
		}
	}
	return c.make(up, j, j.needWhole(), j.decodeWhole)
}

// make decodes, reduces and encodes an upload after it has reserved the memory for that.
func (c *Covers) make(up *upload, j *job, need need, decode decoder) ([][]byte, error) {
	share, err := need.share(c.memory)
	if err != nil {
		return nil, err
	}
	if err := c.shares.acquire(up.waiting, up.account, share); err != nil {
		return nil, err
	}
	defer c.shares.release(share)
	decoded, err := up.decode(decode)
	if err != nil {
		return nil, err
	}
	return encode(j.reduce(decoded))
}

// reduce makes pictures of all sizes, each from the next larger one. This takes half the time of reducing each from the
// whole upload, and the difference is not visible. reduce never enlarges a picture, so all sizes larger than the upload
// share one picture.
func (j *job) reduce(from source) []image.Image {
	pictures := make([]image.Image, len(j.sizes))
	var size image.Point
	for i, side := range slices.Backward(j.sizes) {
		if fit(j.upright(), side) == size {
			pictures[i] = pictures[i+1]
			continue
		}
		size = fit(j.upright(), side)
		pictures[i] = from.Lanczos(size)
		if side == j.largest() { // the others are made from the largest
			pictures[i] = j.profile.toSRGB(pictures[i])
		}
		from = sourceOf(pictures[i])
	}
	return pictures
}

// encode encodes pictures as JPEG. If a picture equals the previous one, it is not encoded again.
func encode(pictures []image.Image) ([][]byte, error) {
	files := make([][]byte, len(pictures))
	var previous image.Image
	var file []byte
	for i, picture := range pictures {
		if picture != previous {
			var err error
			if file, err = encodeJPEG(picture); err != nil {
				return nil, err
			}
		}
		files[i], previous = file, picture
	}
	return files, nil
}

// fit returns the size of a picture that is reduced to fit into a square. The longer side becomes as long as the side
// of the square. The shorter side keeps the aspect ratio, rounded to the nearest pixel, at least 1. A picture that
// already fits keeps its size.
func fit(full image.Point, side int) image.Point {
	switch {
	case max(full.X, full.Y) <= side:
		return full
	case full.X >= full.Y:
		return image.Pt(side, max(1, divRound(full.Y*side, full.X)))
	}
	return image.Pt(max(1, divRound(full.X*side, full.Y)), side)
}

// divRound returns a/b rounded to the nearest integer, halves up.
func divRound(a, b int) int { return (2*a + b) / (2 * b) }

// encodeJPEG encodes a picture from its planes if it has them.
func encodeJPEG(picture image.Image) ([]byte, error) {
	file, err := planarjpeg.Encode(picture, jpegQuality)
	if !errors.Is(err, planarjpeg.ErrUnsupported) {
		return file, err
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: jpegQuality})
	return b.Bytes(), err
}
