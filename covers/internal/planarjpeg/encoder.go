// Package planarjpeg encodes pictures as baseline JPEG (ITU T.81) from the planes that a JPEG stores: luma, and chroma at half the
// width and height. Package image/jpeg first converts each block to full chroma, divides for each coefficient and writes
// bit by bit, which takes twice the time.
package planarjpeg

import (
	"encoding/binary"
	"errors"
	"image"
	"math/bits"
)

// ErrUnsupported is the error for a picture that is neither grey nor YCbCr 4:2:0, or has a side of more than 65,535 pixels.
var ErrUnsupported = errors.New("planarjpeg: unsupported picture")

// Encode returns a picture as a JPEG. The quality, 1 to 100, means the same as in package image/jpeg.
func Encode(img image.Image, quality int) ([]byte, error) {
	var components []component
	size := img.Bounds().Size()
	switch img := img.(type) {
	case *image.Gray:
		first := img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y)
		components = []component{{samples: img.Pix[first:], stride: img.Stride, size: size, blocks: 1}}
	case *image.YCbCr:
		if img.SubsampleRatio != image.YCbCrSubsampleRatio420 || img.Rect.Min != (image.Point{}) {
			return nil, ErrUnsupported
		}
		half := image.Pt((size.X+1)/2, (size.Y+1)/2)
		components = []component{
			{samples: img.Y, stride: img.YStride, size: size, blocks: 2},
			{samples: img.Cb, stride: img.CStride, size: half, blocks: 1, tables: 1},
			{samples: img.Cr, stride: img.CStride, size: half, blocks: 1, tables: 1},
		}
	default:
		return nil, ErrUnsupported
	}
	const maxSide = 1<<16 - 1
	if size.X > maxSide || size.Y > maxSide {
		return nil, ErrUnsupported
	}
	var quants [2]quant
	for i := range quants {
		quants[i] = newQuant(&baseQuant[i], quality)
	}
	const pixelsPerByte = 4 // a picture of quality 85 has about 2 bits per pixel
	w := &writer{out: make([]byte, 0, 1024+size.X*size.Y/pixelsPerByte)}
	w.header(size, components, quants)
	w.scan(size, components, &quants)
	return w.out, nil
}

// component is a plane of samples.
type component struct {
	samples []byte
	stride  int
	size    image.Point
	blocks  int   // across and down, in a minimum coded unit
	tables  int   // the quantisation and Huffman tables: 0 for luma, 1 for chroma
	dc      int32 // the DC coefficient of the last block
}

// load copies the block at a position in samples. Beyond the edge it repeats the last column and the last row.
func (c *component) load(b *block, x, y int) {
	if x+8 <= c.size.X && y+8 <= c.size.Y {
		for row := range 8 {
			from := c.samples[(y+row)*c.stride+x:][:8]
			to := b[row*8:][:8]
			for i, sample := range from {
				to[i] = int32(sample) - 128
			}
		}
		return
	}
	for row := range 8 {
		from := c.samples[min(y+row, c.size.Y-1)*c.stride:]
		for i := range 8 {
			b[row*8+i] = int32(from[min(x+i, c.size.X-1)]) - 128
		}
	}
}

// writer writes a JPEG to memory.
type writer struct {
	out   []byte
	bits  uint64 // the last count bits are not in out yet
	count uint
}

// The markers (T.81, table B.1).
const (
	markerSOI  = 0xd8
	markerSOF0 = 0xc0
	markerDHT  = 0xc4
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDQT  = 0xdb
)

// segment begins a segment whose content has n bytes.
func (w *writer) segment(marker byte, n int) {
	w.out = append(w.out, 0xff, marker)
	w.out = binary.BigEndian.AppendUint16(w.out, uint16(n+2))
}

// header writes everything before the samples.
func (w *writer) header(size image.Point, components []component, quants [2]quant) {
	tables := min(len(components), 2)
	w.out = append(w.out, 0xff, markerSOI)
	w.segment(markerDQT, tables*65)
	for i, q := range quants[:tables] {
		w.out = append(w.out, byte(i))
		for _, natural := range zigzag {
			w.out = append(w.out, q.steps[natural])
		}
	}
	w.segment(markerSOF0, 6+3*len(components))
	w.out = append(w.out, 8) // bits per sample
	w.out = binary.BigEndian.AppendUint16(w.out, uint16(size.Y))
	w.out = binary.BigEndian.AppendUint16(w.out, uint16(size.X))
	w.out = append(w.out, byte(len(components)))
	for i, c := range components {
		w.out = append(w.out, byte(i+1), byte(c.blocks<<4|c.blocks), byte(c.tables))
	}
	n := 0
	for i := range tables {
		n += 2*17 + len(specs[i].dc.values) + len(specs[i].ac.values)
	}
	w.segment(markerDHT, n)
	for i := range tables {
		w.huffman(byte(i), specs[i].dc)
		w.huffman(0x10|byte(i), specs[i].ac)
	}
	w.segment(markerSOS, 4+2*len(components))
	w.out = append(w.out, byte(len(components)))
	for i, c := range components {
		w.out = append(w.out, byte(i+1), byte(c.tables<<4|c.tables))
	}
	w.out = append(w.out, 0, 63, 0) // all coefficients at once
}

func (w *writer) huffman(id byte, s spec) {
	w.out = append(append(w.out, id), s.counts[:]...)
	w.out = append(w.out, s.values...)
}

// scan writes the samples, one minimum coded unit after another.
func (w *writer) scan(size image.Point, components []component, quants *[2]quant) {
	mcu := components[0].blocks * 8
	var b block
	for top := 0; top < size.Y; top += mcu {
		for left := 0; left < size.X; left += mcu {
			for i := range components {
				c := &components[i]
				for n := range c.blocks * c.blocks {
					x := (left/mcu*c.blocks + n%c.blocks) * 8
					y := (top/mcu*c.blocks + n/c.blocks) * 8
					c.load(&b, x, y)
					b.transform()
					c.dc = w.block(&b, &quants[c.tables], &codes[c.tables], c.dc)
				}
			}
		}
	}
	const ones, fill = 0x7f, 7 // the last byte is filled with ones
	w.put(ones, fill)
	w.flush()
	w.out = append(w.out, 0xff, markerEOI)
}

// block quantises the coefficients of a block and writes their codes. It returns the quantised DC coefficient, of which the next
// block writes the difference.
func (w *writer) block(b *block, q *quant, c *codeTables, previous int32) (dc int32) {
	var nonzero uint64 // a bit for each coefficient, in the order of the zigzag
	var levels block
	for i := range 64 {
		natural := zigzag[i] & 63 // the mask tells the compiler the range
		if level := q.level(b[natural], natural); level != 0 {
			levels[i] = level
			nonzero |= 1 << i
		}
	}
	w.value(&c.dc, 0, levels[0]-previous)
	nonzero &^= 1
	last := 0
	for ; nonzero != 0; nonzero &= nonzero - 1 {
		i := bits.TrailingZeros64(nonzero)
		run := i - last - 1
		for ; run > 15; run -= 16 {
			w.code(c.ac[0xf0]) // sixteen zeros
		}
		w.value(&c.ac, run, levels[i])
		last = i
	}
	if last < 63 {
		w.code(c.ac[0]) // only zeros follow
	}
	return levels[0]
}

// value writes the code of a run of zeros and the size of a value, and then the value (T.81, F.1.2).
func (w *writer) value(table *[256]code, run int, v int32) {
	magnitude := v
	if v < 0 {
		magnitude = -v
		v-- // the ones' complement of a negative value
	}
	size := uint(bits.Len32(uint32(magnitude)))
	code := table[run<<4|int(size)]
	w.put(code.bits<<size|uint32(v)&(1<<size-1), code.size+size)
}

func (w *writer) code(c code) { w.put(c.bits, c.size) }

// put writes the last n bits of v. There are at most 27: a code of 16 and a value of 11.
func (w *writer) put(v uint32, n uint) {
	w.bits = w.bits<<n | uint64(v)
	if w.count += n; w.count >= 32 {
		four := uint32(w.bits >> (w.count - 32))
		if hasFF(four) {
			w.flush()
			return
		}
		w.out = binary.BigEndian.AppendUint32(w.out, four)
		w.count -= 32
	}
}

// hasFF reports whether one of four bytes is 0xff. See "Determine if a word has a zero byte" in Anderson's Bit Twiddling Hacks.
func hasFF(four uint32) bool { return (^four-0x01010101)&four&0x80808080 != 0 }

// flush writes the whole bytes. A zero follows each byte 0xff, so that it is no marker.
func (w *writer) flush() {
	for ; w.count >= 8; w.count -= 8 {
		b := byte(w.bits >> (w.count - 8))
		if w.out = append(w.out, b); b == 0xff {
			w.out = append(w.out, 0)
		}
	}
}
