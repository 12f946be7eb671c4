package scaledjpeg

import (
	"encoding/binary"
	"image"
)

// component is one of the planes of a picture: luma or chroma (T.81, B.2.2).
type component struct {
	id           byte
	sampling     image.Point // sampling factors H and V
	quantization byte        // number of the table

	blocks image.Point // blocks with samples of the picture, across and down (T.81, A.2.2)
	stored image.Point // blocks in whole MCUs, across and down (T.81, A.2.4)

	samples []byte // N×N per stored block
	stride  int    // samples in a row
	scanned bool   // its DC coefficients were read

	coefficients []int16  // of a progressive file: N×N per stored block
	nonZero      []uint64 // of a progressive file, per stored block: bit k is set if coefficient k is not 0 so far

	// State of the current scan:
	dcTable, acTable *huffmanTable
	steps            *[64]int32  // the quantization table
	perMCU           image.Point // blocks of one MCU, across and down
	predictor        int32       // the DC coefficient of the previous block
}

// errMissing is returned if a component of the picture is in none of the scans. image/jpeg would return a black or
// green picture.
var errMissing = broken("a component without a scan")

// readFrame reads a frame header (T.81, B.2.2).
func (d *decoder) readFrame(segment []byte, progressive bool) error {
	if d.components != nil {
		return broken("two frames")
	}
	if len(segment) < 6 || len(segment) != 6+3*int(segment[5]) {
		return broken("invalid frame header")
	}
	if precision := segment[0]; precision != 8 {
		return unsupported("a sample precision other than 8 bits")
	}
	d.size = image.Pt(int(binary.BigEndian.Uint16(segment[3:])), int(binary.BigEndian.Uint16(segment[1:])))
	if d.size.X == 0 || d.size.Y == 0 {
		return unsupported("no size, or a size after the pixels (DNL)")
	}
	if n := segment[5]; n != 1 && n != 3 {
		return unsupported("colours other than grey and YCbCr")
	}
	d.progressive = progressive
	return d.readComponents(segment[6:])
}

func (d *decoder) readComponents(segment []byte) error {
	for ; len(segment) > 0; segment = segment[3:] {
		c := component{id: segment[0], quantization: segment[2]}
		c.sampling = image.Pt(int(segment[1]>>4), int(segment[1]&15))
		if s := c.sampling; min(s.X, s.Y) < 1 || max(s.X, s.Y) > 4 || c.quantization > 3 || d.component(c.id) != nil {
			return broken("invalid component in the frame header")
		}
		d.components = append(d.components, c)
	}
	if len(d.components) == 1 {
		d.components[0].sampling = image.Pt(1, 1) // blocks of a single component come row by row (T.81, A.2.2)
	} else if err := d.readSubsampling(); err != nil {
		return err
	}
	d.sampling = d.components[0].sampling
	for i := range d.components {
		d.components[i].layOut(d.size, d.sampling)
	}
	return nil
}

// component returns the component with an identifier, or nil.
func (d *decoder) component(id byte) *component {
	for i := range d.components {
		if d.components[i].id == id {
			return &d.components[i]
		}
	}
	return nil
}

// subsamplings maps how many luma samples there are per chroma sample, across and down, to the constants of package
// image.
var subsamplings = map[image.Point]image.YCbCrSubsampleRatio{
	{X: 1, Y: 1}: image.YCbCrSubsampleRatio444,
	{X: 1, Y: 2}: image.YCbCrSubsampleRatio440,
	{X: 2, Y: 1}: image.YCbCrSubsampleRatio422,
	{X: 2, Y: 2}: image.YCbCrSubsampleRatio420,
	{X: 4, Y: 1}: image.YCbCrSubsampleRatio411,
	{X: 4, Y: 2}: image.YCbCrSubsampleRatio410,
}

// readSubsampling sets the subsampling of chroma.
func (d *decoder) readSubsampling() error {
	luma, cb, cr := &d.components[0], &d.components[1], &d.components[2]
	l, c := luma.sampling, cb.sampling
	ratio, ok := subsamplings[image.Pt(l.X/c.X, l.Y/c.Y)]
	// Luma factor 4 with chroma factor 2 is another way to write 4:2:2. No encoder uses it, and image/jpeg misplaces
	// the blocks.
	if !ok || c != cr.sampling || l.X%c.X != 0 || l.Y%c.Y != 0 || l.X == 4 && c.X == 2 {
		return unsupported("chroma subsampling")
	}
	d.subsampling = ratio
	return nil
}

// mcus returns the number of MCUs in a scan of several components, across and down (T.81, A.2.4).
func mcus(size, sampling image.Point) image.Point {
	return image.Pt(ceilDiv(size.X, 8*sampling.X), ceilDiv(size.Y, 8*sampling.Y))
}

func (c *component) layOut(size, most image.Point) {
	m := mcus(size, most)
	c.stored = image.Pt(m.X*c.sampling.X, m.Y*c.sampling.Y)
	width, height := ceilDiv(size.X*c.sampling.X, most.X), ceilDiv(size.Y*c.sampling.Y, most.Y)
	c.blocks = image.Pt(ceilDiv(width, 8), ceilDiv(height, 8))
}

// allocate allocates the samples and coefficients at the first scan. It rejects a file that has less than one bit per
// block, so that a short file cannot make it allocate much memory.
func (d *decoder) allocate() error {
	if d.components[0].samples != nil {
		return nil
	}
	total := 0
	for i := range d.components {
		total += d.components[i].stored.X * d.components[i].stored.Y
	}
	if total/8 > len(d.rest) {
		return errTruncated
	}
	for i := range d.components {
		c := &d.components[i]
		n, blocks := d.corner.n, c.stored.X*c.stored.Y
		c.samples, c.stride = make([]byte, blocks*n*n), c.stored.X*n
		if d.progressive {
			c.coefficients = make([]int16, blocks*n*n)
			if n > 1 {
				c.nonZero = make([]uint64, blocks)
			}
		}
	}
	return nil
}

// picture returns the decoded picture after the last scan.
func (d *decoder) picture() (image.Image, error) {
	if d.components == nil {
		return nil, broken("no frame")
	}
	for i := range d.components {
		if !d.components[i].scanned {
			return nil, errMissing
		}
	}
	if d.isRGB() {
		return nil, unsupported("RGB")
	}
	if d.progressive {
		if err := d.reconstruct(); err != nil {
			return nil, err
		}
	}
	bounds := image.Rectangle{Max: Scale(d.corner.n).Size(d.size)}
	y := &d.components[0]
	if len(d.components) == 1 {
		return &image.Gray{Pix: y.samples, Stride: y.stride, Rect: bounds}, nil
	}
	cb, cr := &d.components[1], &d.components[2]
	return &image.YCbCr{
		Y: y.samples, Cb: cb.samples, Cr: cr.samples,
		YStride: y.stride, CStride: cb.stride,
		SubsampleRatio: d.subsampling, Rect: bounds,
	}, nil
}
