package scaledjpeg

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
)

// The markers (T.81, table B.1).
const (
	markerSOF0 = 0xc0 // start of frame: baseline
	markerSOF1 = 0xc1 // extended sequential, Huffman coding
	markerSOF2 = 0xc2 // progressive, Huffman coding
	markerDHT  = 0xc4 // Huffman tables
	markerRST0 = 0xd0 // the first of eight restart markers
	markerRST7 = 0xd7
	markerSOI  = 0xd8 // start of image
	markerEOI  = 0xd9 // end of image
	markerSOS  = 0xda // start of scan
	markerDQT  = 0xdb // quantization tables
	markerDRI  = 0xdd // restart interval
	markerAPP0 = 0xe0 // application segments; this one is JFIF's
	markerAPPE = 0xee // Adobe's
	markerAPPF = 0xef // the last one
	markerCOM  = 0xfe // comment
)

// decoder holds the state of decoding a file.
type decoder struct {
	ctx    context.Context
	rest   []byte // the unread part of the file
	corner *corner

	size        image.Point // of the picture in the file
	progressive bool
	components  []component               // one or three; nil before the frame header
	sampling    image.Point               // of the component with the most samples
	subsampling image.YCbCrSubsampleRatio // of chroma

	quantization    [4]*[64]int32 // in zigzag order
	dcTables        [4]*huffmanTable
	acTables        [4]*huffmanTable
	restartInterval int // in MCUs; 0: no restarts
	jfif            bool
	adobeRGB        bool // an Adobe segment says that the components are RGB

	bits bitReader
}

// Decode decodes a JPEG file at a scale. It returns an *image.Gray or *image.YCbCr with the size of Scale.Size and the
// subsampling of the file. It never returns part of a picture. The error is ErrUnsupported if image/jpeg may be able to
// decode the file and the file has at most maxScans scans. It is the context's error if ctx ends. The context is
// checked for each row of blocks.
//
// Decode needs memory for the samples of the scaled picture. For a progressive file it needs two more bytes per sample.
// At scales other than Eighth, a progressive file also needs an eighth of a byte per pixel of the file. The caller must
// limit the number of pixels.
func Decode(ctx context.Context, file []byte, scale Scale) (image.Image, error) {
	c, ok := corners[scale]
	if !ok {
		return nil, fmt.Errorf("scaledjpeg: invalid scale %d/8", scale)
	}
	if len(file) < 2 || file[0] != 0xff || file[1] != markerSOI {
		return nil, broken("no start of image")
	}
	if err := checkScans(file[2:]); err != nil {
		return nil, err
	}
	d := &decoder{ctx: ctx, rest: file[2:], corner: c}
	for {
		marker, err := d.nextMarker()
		if err != nil {
			return nil, err
		}
		if marker == markerEOI {
			return d.picture()
		}
		segment, err := d.segment()
		if err != nil {
			return nil, err
		}
		if err := d.read(marker, segment); err != nil {
			return nil, err
		}
	}
}

// anyMarker reads up to the next marker and returns it (T.81, B.1.1.2). Like libjpeg and image/jpeg, it skips bytes
// between segments. It also skips entropy-coded data that no scan has read.
func (d *decoder) anyMarker() (byte, error) {
	for {
		i := bytes.IndexByte(d.rest, 0xff)
		if i < 0 || i+1 == len(d.rest) {
			return 0, errTruncated
		}
		marker := d.rest[i+1]
		if marker == 0xff { // a fill byte before a marker
			d.rest = d.rest[i+1:]
			continue
		}
		d.rest = d.rest[i+2:]
		if marker != 0 { // 0xff 0x00 is a byte of entropy-coded data
			return marker, nil
		}
	}
}

// nextMarker reads up to the next marker that is not a restart marker.
func (d *decoder) nextMarker() (byte, error) {
	for {
		marker, err := d.anyMarker()
		if err != nil || marker < markerRST0 || marker > markerRST7 {
			return marker, err
		}
	}
}

// segment reads the content of a marker segment (T.81, B.1.1.4).
func (d *decoder) segment() ([]byte, error) {
	if len(d.rest) < 2 {
		return nil, errTruncated
	}
	size := int(binary.BigEndian.Uint16(d.rest))
	if size < 2 {
		return nil, broken("invalid segment length")
	}
	if size > len(d.rest) {
		return nil, errTruncated
	}
	content := d.rest[2:size]
	d.rest = d.rest[size:]
	return content, nil
}

func (d *decoder) read(marker byte, segment []byte) error {
	switch marker {
	case markerSOF0, markerSOF1, markerSOF2:
		return d.readFrame(segment, marker == markerSOF2)
	case markerSOS:
		return d.readScan(segment)
	case markerDQT:
		return d.readQuantization(segment)
	case markerDHT:
		return d.readHuffman(segment)
	case markerDRI:
		return d.readRestartInterval(segment)
	case markerAPP0:
		d.jfif = bytes.HasPrefix(segment, []byte("JFIF\x00"))
		return nil
	case markerAPPE:
		d.readAdobe(segment)
		return nil
	}
	if marker >= markerAPP0 && marker <= markerAPPF || marker == markerCOM {
		return nil
	}
	return unsupported(fmt.Sprintf("marker 0x%x", marker))
}
