package covers

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image/color"
	"io"
)

// pngPixelsPerByte is the maximum number of pixels per byte of a PNG. A byte of deflate stands for at most 1032 bytes
// (RFC 1951: two bits for 258 bytes), and a pixel has at least one bit. libpng reaches 3800 pixels per byte.
const pngPixelsPerByte = 8 * 1032

// inspectPNG sets the memory that decoding a PNG needs: for its pixels, and half as much again if it is interlaced,
// because the last pass has half of the pixels and is decoded to a separate picture.
func (j *job) inspectPNG(r *bufio.Reader) error {
	if err := j.checkLength(pngPixelsPerByte); err != nil {
		return err
	}
	info, err := readPNG(r)
	if err != nil {
		return err
	}
	j.profile = parseProfile(info.icc)
	j.decoded = j.bytesPerPNGPixel(info.transparent) * area(j.size)
	if info.interlaced {
		j.decoded += j.decoded / 2
	}
	return nil
}

// bytesPerPNGPixel returns the size of a decoded pixel. A grey PNG with a transparent colour is decoded to RGBA.
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

// pngInfo is the information in the chunks of a PNG before the pixels.
type pngInfo struct {
	interlaced  bool
	transparent bool   // it has a transparent colour
	icc         []byte // the profile; nil if there is none
}

// readPNG reads the chunks before the pixels (PNG, third edition, sections 5.3 and 11.2).
func readPNG(r *bufio.Reader) (info pngInfo, err error) {
	const signature, header, interlace, checksum = 8, 13, 12, 4
	var start [signature + 8 + header + checksum]byte // IHDR is the first chunk
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return pngInfo{}, err
	}
	info.interlaced = start[signature+8+interlace] != 0
	for {
		var chunk [8]byte // the length of the content and the name
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return pngInfo{}, err
		}
		length := int64(binary.BigEndian.Uint32(chunk[:]))
		switch string(chunk[4:]) {
		case "IDAT":
			return info, nil
		case "tRNS":
			info.transparent = true
		case "iCCP":
			if length <= maxProfile && info.icc == nil {
				content := make([]byte, length)
				if _, err := io.ReadFull(r, content); err != nil {
					return pngInfo{}, err
				}
				info.icc = inflateProfile(content)
				length = 0
			}
		}
		if _, err := io.CopyN(io.Discard, r, length+checksum); err != nil {
			return pngInfo{}, err
		}
	}
}

// inflateProfile returns the decompressed profile in an iCCP chunk (PNG, third edition, section 11.3.2.3). It returns
// at most maxProfile bytes. If the chunk is damaged, it returns the part before the damage.
func inflateProfile(chunk []byte) []byte {
	_, compressed, _ := bytes.Cut(chunk, []byte("\x00"))        // after the name
	compressed, _ = bytes.CutPrefix(compressed, []byte("\x00")) // the method
	r, err := zlib.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil
	}
	icc, _ := io.ReadAll(io.LimitReader(r, maxProfile)) // parseProfile ignores a profile that is cut off
	return icc
}
