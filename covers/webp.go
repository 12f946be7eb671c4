package covers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// The maximum number of pixels per byte of a WebP, which the format itself does not limit. For a white picture, libwebp
// reaches 560 pixels per byte in a lossy file, and 26,000 in a lossless one. With the least effort (-m 0) it writes a
// white picture of any size in 38 bytes, and such a file is accepted up to 1.2 million pixels.
const (
	lossyPixelsPerByte    = 1 << 10
	losslessPixelsPerByte = 1 << 15
)

// The memory that package vp8l needs for the prefix codes of a lossless WebP. Each part of the picture may have its own
// group of codes. With the largest colour cache, a group takes up to 56 KiB of memory, but not more than 3500 bytes for
// each of its bytes in the file.
const (
	maxGroups     = 2600 // vp8l rejects more
	maxGroupBytes = 56 << 10
	maxGroupRatio = 3500
)

// webpPixels says how the pixels of a WebP are stored.
type webpPixels struct {
	lossless bool
	alpha    bool       // a lossy picture has transparency
	icc      []byte     // the profile; nil if there is none
	frame    *webpFrame // has the pixels, if the file is an animation
}

// inspectWebP sets the memory that decoding a WebP needs: 4 bytes per pixel if it is lossless, 2 if it is lossy. The
// alpha channel of a lossy WebP is decoded as a separate lossless picture, of which one byte per pixel is kept. In an
// animation, only the first frame counts.
func (j *job) inspectWebP(r *bufio.Reader) error {
	pixels, err := readWebP(r, j.bytes)
	if err != nil {
		return err
	}
	pixelsPerByte := int64(lossyPixelsPerByte)
	if pixels.lossless {
		pixelsPerByte = losslessPixelsPerByte
	}
	if err := j.checkLength(pixelsPerByte); err != nil {
		return err
	}
	size := j.size
	if frame := pixels.frame; frame != nil {
		if !frame.bounds.In(image.Rectangle{Max: j.size}) {
			return errSizeMismatch
		}
		size, j.format.decode = frame.bounds.Size(), frame.decode
	}
	perPixel := int64(2)
	switch {
	case pixels.alpha:
		perPixel = 5
	case pixels.lossless:
		perPixel = 4
	}
	j.profile = parseProfile(pixels.icc)
	j.decoded = perPixel * area(size)
	j.tables = j.bytes // package vp8 reads the file into memory
	if pixels.alpha || pixels.lossless {
		j.tables = min(maxGroups*maxGroupBytes, maxGroupRatio*j.bytes)
	}
	return nil
}

// readWebP looks for the chunk with the pixels, and for a chunk with the alpha channel before it (RFC 9649, section 2).
// In an animation, both are inside the chunk of the first frame. It rejects a chunk that claims to be longer than the
// file, because package vp8 would allocate as many bytes as the chunk claims.
func readWebP(r *bufio.Reader, size int64) (pixels webpPixels, err error) {
	pos, err := r.Discard(len("RIFF????WEBP"))
	if err != nil {
		return webpPixels{}, err
	}
	for {
		var chunk [8]byte // the name and the length of the content
		n, err := io.ReadFull(r, chunk[:])
		if err != nil {
			return webpPixels{}, err
		}
		pos += n
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		if length > size {
			return webpPixels{}, errors.New("a chunk is longer than the file")
		}
		rest := length + length%2
		switch string(chunk[:4]) {
		case "VP8 ":
			return pixels, nil
		case "VP8L":
			pixels.lossless = true
			return pixels, nil
		case "ALPH":
			pixels.alpha = true
		case "ANMF":
			if pixels.frame != nil {
				return webpPixels{}, errors.New("a frame without pixels")
			}
			if pixels.frame, err = readFrame(r, int64(pos), length); err != nil {
				return webpPixels{}, err
			}
			pos += frameHeader
			continue // with the chunks of the frame
		case "ICCP":
			if length <= maxProfile && pixels.icc == nil {
				pixels.icc = make([]byte, length)
				n, err := io.ReadFull(r, pixels.icc)
				if err != nil {
					return webpPixels{}, err
				}
				pos += n
				rest -= int64(n)
			}
		}
		skipped, err := io.CopyN(io.Discard, r, rest)
		if err != nil {
			return webpPixels{}, err
		}
		pos += int(skipped)
	}
}

// webpFrame is a frame of an animation.
type webpFrame struct {
	bounds image.Rectangle // on the canvas
	start  int64           // where its chunks begin in the file
	length int64           // length of its chunks
	alpha  bool            // its first chunk has transparency
	sides  []byte          // the width and the height minus 1, as 3 bytes each
}

// frameHeader is the length of the header in the chunk of a frame, in bytes.
const frameHeader = 16

// readFrame reads the header of a frame (RFC 9649, section 2.7.1.1). The frame's chunk has length bytes, which begin at
// pos in the file.
func readFrame(r *bufio.Reader, pos, length int64) (*webpFrame, error) {
	var header [frameHeader]byte
	if length < frameHeader {
		return nil, errors.New("a frame without header")
	}
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	var numbers [4]int // half the offset across and down, the width and the height minus 1
	for i := range numbers {
		b := header[3*i:]
		numbers[i] = int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	}
	offset, size := image.Pt(2*numbers[0], 2*numbers[1]), image.Pt(numbers[2]+1, numbers[3]+1)
	first, err := r.Peek(4)
	if err != nil {
		return nil, err
	}
	return &webpFrame{
		bounds: image.Rectangle{Max: size}.Add(offset),
		start:  pos + frameHeader, length: length - frameHeader,
		alpha: string(first) == "ALPH", sides: header[6:12],
	}, nil
}

// decode decodes the frame. Package webp decodes no animations, so it gets the chunks of the frame as a still picture.
// The bounds of the result are those of the frame on the canvas; the rest of the canvas counts as transparent.
func (f *webpFrame) decode(r io.Reader) (image.Image, error) {
	if _, err := io.CopyN(io.Discard, r, f.start); err != nil {
		return nil, err
	}
	img, err := decodeWebP(io.MultiReader(bytes.NewReader(f.stillHeader()), io.LimitReader(r, f.length)))
	switch img := img.(type) {
	case *image.YCbCr:
		img.Rect = img.Rect.Add(f.bounds.Min)
	case *image.NYCbCrA:
		img.Rect = img.Rect.Add(f.bounds.Min)
	case *image.NRGBA:
		img.Rect = img.Rect.Add(f.bounds.Min)
	}
	return img, err
}

// stillHeader returns the beginning of a still picture with the size of the frame. The chunks of the frame follow it
// (RFC 9649, section 2.7).
func (f *webpFrame) stillHeader() []byte {
	const extended, alpha = 10, 1 << 4
	content := int64(len("WEBPVP8X????")) + extended + f.length
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(content)) //nolint:gosec // less than the file
	b = binary.LittleEndian.AppendUint32(append(b, "WEBPVP8X"...), extended)
	var flags byte
	if f.alpha {
		flags = alpha
	}
	return append(append(b, flags, 0, 0, 0), f.sides...)
}

// decodeWebP decodes a WebP. A lossy WebP stores samples in the limited range of video, luma from 16 to 235 and chroma
// from 16 to 240 (ITU-R BT.601). Package webp returns them unchanged in types that stand for the full range, as in a
// JPEG, so black would become grey without the conversion here.
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

// expandRange converts samples from the limited range of video to the full range.
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
