package covers

import (
	"bufio"
	"image"
	"image/color"
)

// job has the sizes of the pictures to make from an upload, and what is known about the upload before it is decoded.
type job struct {
	sizes  []int // sides of the squares, in pixels, ascending
	format format
	bytes  int64       // size of the file
	size   image.Point // as stored, before it is turned upright
	model  color.Model
	jpeg   jpegInfo // zero for other formats

	profile *profile // nil if the colours are left as they are

	decoded int64 // bytes that the format's decoder needs at the same time
	tables  int64 // bytes that it may need in addition
}

// newJob reads the headers of the upload. It rejects a picture that has too many pixels.
func (c *Covers) newJob(up *upload) (*job, error) {
	j := &job{sizes: c.sizes}
	var err error
	if j.bytes, err = up.size(); err != nil {
		return nil, err
	}
	if j.format, err = up.format(); err != nil {
		return nil, err
	}
	config, err := up.config(j.format)
	if err != nil {
		return nil, err
	}
	if err := checkSize(int64(config.Width), int64(config.Height), c.maxPixels); err != nil {
		return nil, err
	}
	j.size, j.model = image.Pt(config.Width, config.Height), config.ColorModel
	return j, up.step(func(r *bufio.Reader) error { return j.format.inspect(j, r) })
}

// largest returns the side, in pixels, of the square that the largest picture fits into.
func (j *job) largest() int { return j.sizes[len(j.sizes)-1] }

// upright returns the size of the picture when it is upright.
func (j *job) upright() image.Point {
	if j.jpeg.turn.Transpose {
		return image.Pt(j.size.Y, j.size.X)
	}
	return j.size
}
