package covers

import (
	"context"
	"errors"
	"image"
	"io"

	"bookplate/covers/internal/planes"
	"bookplate/covers/internal/scaledjpeg"
)

// source is a decoded picture from which smaller pictures are made.
type source interface {
	// Lanczos returns the picture upright and reduced to a size.
	Lanczos(size image.Point) image.Image
}

// sourceOf returns a source for a picture that is already upright.
func sourceOf(img image.Image) source {
	if img, ok := img.(*image.RGBA); ok {
		return rgbPicture{RGBA: img}
	}
	return planes.NewPicture(img)
}

// decoder is decodeScaled or decodeWhole. It stops when ctx ends.
type decoder func(ctx context.Context, r io.Reader) (source, error)

// errSizeMismatch is the error for a picture whose size is not the size in its header. Such a picture is rejected,
// because only the size in the header was checked against the limits.
var errSizeMismatch = errors.New("the picture does not have the size that its header says")

// decodeScaled decodes a JPEG at the smallest scale that has enough pixels for the job's largest picture. The pixels
// stay in luma and chroma, as in the file, until they are encoded.
func (j *job) decodeScaled(ctx context.Context, r io.Reader) (source, error) {
	file := make([]byte, j.bytes)
	if _, err := io.ReadFull(r, file); err != nil {
		return nil, err
	}
	img, err := scaledjpeg.Decode(ctx, file, j.scale())
	if err != nil {
		return nil, err
	}
	if img.Bounds().Size() != j.scale().Size(j.size) {
		return nil, errSizeMismatch
	}
	width, height := j.scale().Extent(j.size)
	return planes.Picture{Image: img, Width: width, Height: height, Turn: j.jpeg.turn}, nil
}

func (j *job) scale() scaledjpeg.Scale { return scaledjpeg.ScaleFor(j.size, j.largest()) }

// decodeWhole decodes all pixels with the decoder of the format, and then reduces them by the largest integer factor
// that leaves enough pixels for the job's largest picture. See checkedReader for how soon it stops when ctx ends.
func (j *job) decodeWhole(ctx context.Context, r io.Reader) (source, error) {
	img, err := j.format.decode(checkedReader{ctx, r})
	if err != nil {
		return nil, err
	}
	if b := img.Bounds(); b.Empty() || !b.In(image.Rectangle{Max: j.size}) { // the first frame may be smaller
		return nil, errSizeMismatch
	}
	_, grey := img.(*image.Gray)
	_, colour := img.(*image.YCbCr)
	if (grey || colour) && img.Bounds().Size() == j.size {
		reduced := planes.Box(img, j.factor())
		reduced.Turn = j.jpeg.turn
		return reduced, nil
	}
	return rgbPicture{flatten(img, j.size, j.factor()), j.jpeg.turn}, nil
}

// checkedReader checks the context at each Read, and reads at most 8 bytes at a time. So a decoder that reads while it
// decodes stops within about 50 ms. Between two calls of Read, a decoder does at most this work:
//   - image/jpeg decodes up to five end-of-band runs of 32767 blocks each. After the last scan of a progressive file,
//     it computes all samples.
//   - image/png decodes up to 8 × 1032 bytes. After each pass of an interlaced file, it moves the pixels.
//   - image/gif decodes up to 8 × gifPixelsPerByte pixels.
//   - Package vp8 reads the whole file first. Then it decodes all pixels.
//   - Package vp8l may decode all pixels, if they take no bits. Then it applies its transforms.
//
// In the worst case this is a few passes over all pixels. Options.MaxPixels and checkLength limit the number of pixels.
type checkedReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c checkedReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	const most = 8
	return c.r.Read(p[:min(len(p), most)])
}

func (j *job) factor() int { return planes.BoxFactor(j.size, j.largest()) }
