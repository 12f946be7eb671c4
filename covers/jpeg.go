package covers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"io"

	"bookplate/covers/internal/planes"
)

// The JPEG markers that readJPEG needs (ITU T.81, table B.1).
const (
	markerSOF0 = 0xc0 // start of frame: baseline
	markerSOF1 = 0xc1 // extended sequential
	markerRST0 = 0xd0 // markers from here to EOI have no segment
	markerEOI  = 0xd9 // end of image
	markerSOS  = 0xda // start of scan: pixels follow
	markerAPP1 = 0xe1 // EXIF or XMP
	markerAPP2 = 0xe2 // ICC profile
)

// jpegPixelsPerByte is the maximum number of pixels per byte of a JPEG. Each block of 64 pixels takes at least one bit.
// The blocks that libjpeg writes take at least two.
const jpegPixelsPerByte = 8 * 64

// jpegInfo is the information in the segments of a JPEG before the pixels.
type jpegInfo struct {
	turn       planes.Turn // makes the picture upright
	sequential bool        // not progressive; false if unknown, because a progressive file needs more memory
	icc        []byte      // the profile; nil if there is none
}

// inspectJPEG reads how to turn a JPEG upright, and sets the memory that image/jpeg needs to decode it. For each pixel,
// that is one byte per component, 4 more per component if the file is progressive, and 4 for a conversion to RGB or
// CMYK. The sides are rounded up to whole MCUs of up to 32×32 pixels (T.81, A.2.4).
func (j *job) inspectJPEG(r *bufio.Reader) error {
	if err := j.checkLength(jpegPixelsPerByte); err != nil {
		return err
	}
	j.jpeg = readJPEG(r)
	j.profile = parseProfile(j.jpeg.icc)
	components, converted := int64(3), int64(0)
	switch j.model {
	case color.GrayModel:
		components = 1
	case color.CMYKModel:
		components, converted = 4, 4
	case color.RGBAModel:
		converted = 4
	}
	if !j.jpeg.sequential {
		components *= 5
	}
	const mcu = 32
	whole := image.Pt((j.size.X+mcu-1)/mcu*mcu, (j.size.Y+mcu-1)/mcu*mcu)
	j.decoded = (components + converted) * area(whole)
	return nil
}

// readJPEG reads the segments of a JPEG before the first scan. It stops at bytes between segments, which tolerant
// decoders skip, because no encoder writes such bytes.
func readJPEG(r *bufio.Reader) (info jpegInfo) {
	_, _ = r.Discard(2) // start of image
	hasEXIF := false
	for {
		marker, size, err := readSegment(r)
		if err != nil || marker == markerSOS {
			return info
		}
		switch marker {
		case markerSOF0, markerSOF1:
			info.sequential = true
		case markerAPP1, markerAPP2:
			segment := make([]byte, size)
			if _, err := io.ReadFull(r, segment); err != nil {
				return info
			}
			if tiff, isEXIF := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); isEXIF && !hasEXIF {
				hasEXIF = true
				info.turn = turns[tiffOrientation(tiff)]
			}
			// The prefix ends with 1 of 1, so this segment has the whole profile. A profile in several segments is
			// longer than maxProfile and is ignored.
			if icc, isICC := bytes.CutPrefix(segment, []byte("ICC_PROFILE\x00\x01\x01")); isICC && info.icc == nil {
				info.icc = icc
			}
			continue
		}
		if _, err := r.Discard(size); err != nil {
			return info
		}
	}
}

// readSegment reads the marker of a segment and the size of its content (ITU T.81, B.1.1).
func readSegment(r *bufio.Reader) (marker byte, size int, err error) {
	if b, err := r.ReadByte(); err != nil || b != 0xff {
		return 0, 0, io.ErrUnexpectedEOF
	}
	for marker = 0xff; marker == 0xff; { // a marker may be preceded by any number of fill bytes 0xFF
		if marker, err = r.ReadByte(); err != nil {
			return 0, 0, err
		}
	}
	if marker < markerSOF0 || marker >= markerRST0 && marker <= markerEOI {
		return 0, 0, io.ErrUnexpectedEOF
	}
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return 0, 0, err
	}
	size = int(binary.BigEndian.Uint16(length[:])) - len(length)
	if size < 0 {
		return 0, 0, io.ErrUnexpectedEOF
	}
	return marker, size, nil
}
