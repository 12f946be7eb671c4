package covers

import (
	"bufio"
	"image"
	"image/color"
)

// job is what is to be made of an upload, and what is known of that before it is decoded.
type job struct {
	sizes  []int // pixels of the squares to fit, ascending
	format format
	bytes  int64       // of the file
	size   image.Point // as the file has it, not yet upright
	model  color.Model
	jpeg   jpegInfo // of a JPEG

	decoded int64 // bytes that the format's decoder has to have at one time
	tables  int64 // bytes that it may take on top of that
}

// newJob reads the beginning of the upload, and refuses what has too many pixels.
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
	return j, up.step(func(r *bufio.Reader) error { return j.format.look(j, r) })
}

// largest is the side of the largest square.
func (j *job) largest() int { return j.sizes[len(j.sizes)-1] }

// upright is the size of the picture once it is upright.
func (j *job) upright() image.Point {
	if j.jpeg.turn.Transpose {
		return image.Pt(j.size.Y, j.size.X)
	}
	return j.size
}
