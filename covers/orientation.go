package covers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	"io"

	"github.com/disintegration/imaging"
)

// orientation is how a camera was held, as EXIF numbers it (Exif 2.32, tag 274): 1 is upright.
type orientation uint16

const upright orientation = 1

// upright turns a picture that was stored in this orientation.
func (o orientation) upright(img *image.NRGBA) *image.NRGBA {
	switch o {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img) // counter-clockwise, as imaging counts
	case 7:
		return imaging.Transverse(img)
	case 8:
		return imaging.Rotate90(img)
	}
	return img
}

// readOrientation finds the orientation in a JPEG's EXIF segment. What has none, or a broken one, is taken as upright:
// metadata is no reason to refuse a picture.
func readOrientation(r *bufio.Reader) orientation {
	if soi, err := r.Peek(2); err != nil || string(soi) != "\xff\xd8" {
		return upright // not a JPEG
	}
	_, _ = r.Discard(2)
	for {
		marker, size, err := readSegment(r)
		// Pixels follow SOS (0xDA), and metadata stands before them.
		if err != nil || marker == 0xda {
			return upright
		}
		if marker != 0xe1 { // APP1
			if _, err := r.Discard(size); err != nil {
				return upright
			}
			continue
		}
		segment := make([]byte, size)
		if _, err := io.ReadFull(r, segment); err != nil {
			return upright
		}
		// XMP is kept in APP1 segments too, so this one may not be the EXIF.
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok {
			return tiffOrientation(tiff)
		}
	}
}

// readSegment reads a JPEG segment's marker and the size of what follows (ITU T.81, B.1.1).
func readSegment(r *bufio.Reader) (marker byte, size int, err error) {
	if b, err := r.ReadByte(); err != nil || b != 0xff {
		return 0, 0, io.ErrUnexpectedEOF
	}
	for marker = 0xff; marker == 0xff; { // a marker may be preceded by any number of fill bytes 0xFF
		if marker, err = r.ReadByte(); err != nil {
			return 0, 0, err
		}
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

// tiffOrientation looks the tag up in the first directory of the TIFF structure that EXIF is (TIFF 6.0, section 2).
func tiffOrientation(tiff []byte) orientation {
	const headerSize, countSize, entrySize, tag, short = 8, 2, 12, 0x0112, 3
	if len(tiff) < headerSize {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+countSize > int64(len(tiff)) {
		return upright
	}
	entries := tiff[start+countSize:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < entrySize {
			return upright
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			return orientation(order.Uint16(entries[8:]))
		}
		entries = entries[entrySize:]
	}
	return upright
}
