package covers

import (
	"bufio"
	"encoding/binary"
	"image/color"
	"io"
)

// pngPixelsPerByte limits the pixels of a PNG: a byte of deflate stands for at most 1032 bytes (RFC 1951: 258 for two bits),
// and a pixel has at least one bit. libpng writes a byte for 3800 pixels.
const pngPixelsPerByte = 8 * 1032

// inspectPNG sets the memory of a PNG: its pixels, and half as much again if it is interlaced. The last pass of Adam7 has
// half of the pixels and is decoded to a separate picture.
func (j *job) inspectPNG(r *bufio.Reader) error {
	if err := j.checkLength(pngPixelsPerByte); err != nil {
		return err
	}
	interlaced, transparent, err := readPNG(r)
	if err != nil {
		return err
	}
	j.decoded = j.bytesPerPNGPixel(transparent) * area(j.size)
	if interlaced {
		j.decoded += j.decoded / 2
	}
	return nil
}

// bytesPerPNGPixel returns the size of a decoded pixel. Grey with a transparent colour is decoded to RGBA.
func (j *job) bytesPerPNGPixel(transparent bool) int64 {
	if _, paletted := j.model.(color.Palette); paletted {
		return 1
	}
	switch j.model {
	case color.GrayModel:
		if !transparent {
			return 1
		}
	case color.Gray16Model:
		if !transparent {
			return 2
		}
		return 8
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	return 4
}

// readPNG reads the chunks before the pixels (PNG, third edition, sections 5.3 and 11.2).
func readPNG(r *bufio.Reader) (interlaced, transparent bool, err error) {
	const signature, header, interlace, checksum = 8, 13, 12, 4
	var start [signature + 8 + header + checksum]byte // IHDR is the first chunk
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return false, false, err
	}
	interlaced = start[signature+8+interlace] != 0
	for {
		var chunk [8]byte // the length of the content and the name
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return false, false, err
		}
		switch string(chunk[4:]) {
		case "IDAT":
			return interlaced, transparent, nil
		case "tRNS":
			transparent = true
		}
		if _, err := io.CopyN(io.Discard, r, int64(binary.BigEndian.Uint32(chunk[:]))+checksum); err != nil {
			return false, false, err
		}
	}
}
