package covers

import (
	"context"
	"errors"
	"image"
	"io"

	"bookplate/covers/internal/planes"
	"bookplate/covers/internal/scaledjpeg"
)

// source is a decoded picture that can be reduced.
type source interface {
	// Lanczos returns the picture at a size, upright.
	Lanczos(size image.Point) image.Image
}

// sourceOf returns the source of an upright picture.
func sourceOf(img image.Image) source {
	if img, ok := img.(*image.RGBA); ok {
		return rgbPicture{RGBA: img}
	}
	return planes.NewPicture(img)
}

// decoder is decodeScaled or decodeWhole. It stops when ctx ends; decodeWhole stops at its next read.
type decoder func(ctx context.Context, r io.Reader) (source, error)

// errSizeMismatch is returned for a picture whose size differs from the header's, which the limits were checked with.
var errSizeMismatch = errors.New("the picture does not have the size that its header says")

// decodeScaled decodes a JPEG at the smallest scale that is enough for the largest picture. The pixels stay in luma and
// chroma, as in the file, until they are encoded.
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

// decodeWhole decodes all pixels with the decoder of the format, and reduces them by the largest integer factor that
// leaves enough for the largest picture.
func (j *job) decodeWhole(_ context.Context, r io.Reader) (source, error) {
	img, err := j.format.decode(r)
	if err != nil {
		return nil, err
	}
	if b := img.Bounds(); b.Empty() || !b.In(image.Rectangle{Max: j.size}) { // a GIF's first frame may be smaller
		return nil, errSizeMismatch
	}
	switch img.(type) {
	case *image.Gray, *image.YCbCr:
		reduced := planes.Box(img, j.factor())
		reduced.Turn = j.jpeg.turn
		return reduced, nil
	}
	return rgbPicture{flatten(img, j.size, j.factor()), j.jpeg.turn}, nil
}

func (j *job) factor() int { return planes.BoxFactor(j.size, j.largest()) }
