package covers

import (
	"context"
	"errors"
	"image"
	"io"

	"bookplate/covers/internal/planes"
	"bookplate/covers/internal/scaledjpeg"
)

// source is a decoded upload, from which the pictures of all sizes are made.
type source interface {
	// Lanczos is the picture at a size, upright.
	Lanczos(size image.Point) image.Image
}

// sourceOf is an upright picture to reduce further.
func sourceOf(img image.Image) source {
	if img, ok := img.(*image.RGBA); ok {
		return coloured{RGBA: img}
	}
	return planes.NewPicture(img)
}

// decoder is one of the two ways to decode an upload, decodeScaled and decodeWhole. It stops once ctx ends, decodeWhole
// at its next read.
type decoder func(ctx context.Context, r io.Reader) (source, error)

// errOtherSize is a picture of another size than its header has told. What is checked and estimated was for that one.
var errOtherSize = errors.New("the picture does not have the size that its header says")

// decodeScaled decodes a JPEG at the fraction of its size that leaves enough for the largest picture. What it makes
// stays in luma and chroma, as the file has it, until it is encoded.
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
		return nil, errOtherSize
	}
	width, height := j.scale().Extent(j.size)
	return planes.Picture{Image: img, Width: width, Height: height, Turn: j.jpeg.turn}, nil
}

func (j *job) scale() scaledjpeg.Scale { return scaledjpeg.ScaleFor(j.size, j.largest()) }

// decodeWhole decodes every pixel with the decoder of the format, and reduces them at once by a whole factor, as far as
// leaves enough for the largest picture.
func (j *job) decodeWhole(_ context.Context, r io.Reader) (source, error) {
	img, err := j.format.decode(r)
	if err != nil {
		return nil, err
	}
	if b := img.Bounds(); b.Empty() || !b.In(image.Rectangle{Max: j.size}) { // a GIF's first frame may be smaller
		return nil, errOtherSize
	}
	switch img.(type) {
	case *image.Gray, *image.YCbCr:
		reduced := planes.Box(img, j.factor())
		reduced.Turn = j.jpeg.turn
		return reduced, nil
	}
	return coloured{onWhite(img, j.size, j.factor()), j.jpeg.turn}, nil
}

func (j *job) factor() int { return planes.BoxFactor(j.size, j.largest()) }
