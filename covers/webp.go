package covers

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// The most pixels per byte of a WebP. The formats themselves have no limit. libwebp writes a byte for 560 pixels of a white
// lossy picture, and for 26,000 of a lossless one. Only with the least effort (-m 0) it writes any white picture in 38 bytes;
// those are accepted up to 1.2 million pixels.
const (
	lossyPixelsPerByte    = 1 << 10
	losslessPixelsPerByte = 1 << 15
)

// The memory of the prefix codes of a lossless WebP in package vp8l. Each part of the picture may have its own group of
// them. A group takes up to 56 KiB with the largest colour cache, and up to 3500 bytes per byte in the file.
const (
	maxGroups     = 2600 // vp8l rejects more
	maxGroupBytes = 56 << 10
	maxGroupRatio = 3500
)

// inspectWebP sets the memory of a WebP: 4 bytes per pixel if it is lossless, 2 if it is lossy. The transparency of a
// lossy WebP is a lossless picture of its own, of which one byte per pixel is kept.
func (j *job) inspectWebP(r *bufio.Reader) error {
	alpha, lossless, err := readWebP(r, j.bytes)
	if err != nil {
		return err
	}
	pixelsPerByte := int64(lossyPixelsPerByte)
	if lossless {
		pixelsPerByte = losslessPixelsPerByte
	}
	if err := j.checkLength(pixelsPerByte); err != nil {
		return err
	}
	perPixel := int64(2)
	switch {
	case alpha:
		perPixel = 5
	case lossless:
		perPixel = 4
	}
	j.decoded = perPixel * area(j.size)
	j.tables = j.bytes // package vp8 reads the file into memory
	if alpha || lossless {
		j.tables = min(maxGroups*maxGroupBytes, maxGroupRatio*j.bytes)
	}
	return nil
}

// readWebP looks for the chunk with the pixels, and for a chunk with transparency before it (RFC 9649, section 2). It
// rejects a chunk that claims to be longer than the file, because package vp8 would allocate its length.
func readWebP(r *bufio.Reader, size int64) (alpha, lossless bool, err error) {
	if _, err := r.Discard(len("RIFF????WEBP")); err != nil {
		return false, false, err
	}
	for {
		var chunk [8]byte // the name and the length of the content
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return false, false, err
		}
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		if length > size {
			return false, false, errors.New("a chunk is longer than the file")
		}
		switch string(chunk[:4]) {
		case "VP8 ":
			return alpha, false, nil
		case "VP8L":
			return alpha, true, nil
		case "ALPH":
			alpha = true
		}
		if _, err := io.CopyN(io.Discard, r, length+length%2); err != nil {
			return false, false, err
		}
	}
}

// decodeWebP decodes a WebP. The samples of a lossy WebP have the narrow range of video, luma from 16 to 235 and chroma
// from 16 to 240 (ITU-R BT.601). Package webp returns them unchanged in a type that means the full range of a JPEG, so
// black would be grey.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch img := img.(type) {
	case *image.YCbCr:
		expandRange(img)
	case *image.NYCbCrA:
		expandRange(&img.YCbCr)
	}
	return img, err
}

// expandRange converts samples from the narrow range to the full range.
func expandRange(img *image.YCbCr) {
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = clamp(divRound((i-16)*255, 235-16))
		chroma[i] = clamp(divRound((i-128)*255+128*(240-16), 240-16))
	}
	for i, y := range img.Y {
		img.Y[i] = luma[y]
	}
	for _, samples := range [][]byte{img.Cb, img.Cr} {
		for i, c := range samples {
			samples[i] = chroma[c]
		}
	}
}

func clamp(sample int) byte { return byte(min(max(sample, 0), 255)) }
