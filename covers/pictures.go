package covers

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"slices"

	"bookplate/covers/internal/scaledjpeg"
)

const jpegQuality = 85 // of 100

// pictures makes the pictures of all sizes from one upload, encoded, in the order of c.sizes. What the file's beginning
// tells is checked before anything that grows with the picture is allocated.
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

// make decodes, reduces and encodes while it holds a share of the memory.
func (c *Covers) make(up *upload, j *job, need need, decode decoder) ([][]byte, error) {
	share, err := need.share(c.memory)
	if err != nil {
		return nil, err
	}
	if err := c.slots.Acquire(up.ctx, share); err != nil {
		return nil, unavailable(err)
	}
	defer c.slots.Release(share)
	decoded, err := up.decode(decode)
	if err != nil {
		return nil, err
	}
	return encode(j.reduce(decoded))
}

// reduce makes the pictures of all sizes, each from the next larger one: none of them is told from the best that can be
// made of the whole upload, and it takes half the time. The upload is not enlarged: sizes above its own share a picture.
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
		from = sourceOf(pictures[i])
	}
	return pictures
}

// encode encodes pictures, and one that comes several times, once.
func encode(pictures []image.Image) ([][]byte, error) {
	files := make([][]byte, len(pictures))
	var previous image.Image
	var file []byte
	for i, picture := range pictures {
		if picture != previous {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: jpegQuality}); err != nil {
				return nil, err
			}
			file = b.Bytes()
		}
		files[i], previous = file, picture
	}
	return files, nil
}

// fit is the size at which a picture fits a square with its aspect kept: the longer side is the square's, the shorter
// one rounded to the nearest pixel, at least 1. A picture that fits already keeps its size.
func fit(full image.Point, side int) image.Point {
	switch {
	case max(full.X, full.Y) <= side:
		return full
	case full.X >= full.Y:
		return image.Pt(side, max(1, rounded(full.Y*side, full.X)))
	}
	return image.Pt(max(1, rounded(full.X*side, full.Y)), side)
}

// rounded is a/b to the nearest whole number, halves up.
func rounded(a, b int) int { return (2*a + b) / (2 * b) }
