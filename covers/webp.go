package covers

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// What the prefix codes of a lossless WebP take in package vp8l. Each part of the picture may have a group of them of
// its own, which takes up to 56 KiB with the largest colour cache, and up to 3500 bytes for each that it takes in the
// file.
const (
	maxGroups  = 2600 // vp8l refuses more
	mostGroup  = 56 << 10
	groupRatio = 3500
)

// lookAtWebP finds out what a WebP takes: for a pixel 4 bytes if it is lossless, 2 if it is lossy. Transparency of a
// lossy one is another, lossless picture, of which a byte for each pixel is kept.
func (j *job) lookAtWebP(r *bufio.Reader) error {
	alpha, lossless, err := readWebP(r, j.bytes)
	if err != nil {
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
		j.tables = min(maxGroups*mostGroup, groupRatio*j.bytes)
	}
	return nil
}

// readWebP looks for the chunk that has the pixels, and for one with transparency before it. It refuses what claims to
// be longer than the file, for which package vp8 would make room. (RFC 9649, section 2)
func readWebP(r *bufio.Reader, size int64) (alpha, lossless bool, err error) {
	if _, err := r.Discard(len("RIFF????WEBP")); err != nil {
		return false, false, err
	}
	for {
		var chunk [8]byte // its name, and the length of its content
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

// decodeWebP decodes a WebP. A lossy one has its samples in the narrow range of video, luma from 16 to 235 and chroma
// from 16 to 240 (ITU-R BT.601), and package webp hands them on as they are, in a type that stands for the full range
// of a JPEG: black would be grey.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch img := img.(type) {
	case *image.YCbCr:
		widen(img)
	case *image.NYCbCrA:
		widen(&img.YCbCr)
	}
	return img, err
}

// widen brings samples of the narrow range to the full one.
func widen(img *image.YCbCr) {
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = clamped(rounded((i-16)*255, 235-16))
		chroma[i] = clamped(rounded((i-128)*255+128*(240-16), 240-16))
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

func clamped(sample int) byte { return byte(min(max(sample, 0), 255)) }
