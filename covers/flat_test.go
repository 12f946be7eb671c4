package covers

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"math/bits"
)

// The functions below return pictures of one colour. Their files are small and quick to make, but decoding them takes
// as much memory as decoding any picture of the same size.

// flatJPEG returns a grey, YCbCr or CMYK JPEG. Its only Huffman code, the bit 0, means that a block equals the previous
// one.
func flatJPEG(size image.Point, components int, progressive bool) []byte {
	blocks := components * ((size.X + 7) / 8) * ((size.Y + 7) / 8)
	frame, last, bitsPerBlock := byte(0xc0), byte(63), 2
	if progressive {
		frame, last, bitsPerBlock = 0xc2, 0, 1
	}
	var b bytes.Buffer
	segment := func(marker byte, content ...byte) {
		b.Write([]byte{0xff, marker, 0, byte(len(content) + 2)})
		b.Write(content)
	}
	b.Write([]byte{0xff, 0xd8})
	if components == 4 {
		segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...) // transform 0: CMYK
	}
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	header := []byte{8, byte(size.Y >> 8), byte(size.Y), byte(size.X >> 8), byte(size.X), byte(components)}
	scan := []byte{byte(components)}
	for i := range components {
		header = append(header, byte(i), 0x11, 0)
		scan = append(scan, byte(i), 0)
	}
	segment(frame, header...)
	for _, table := range []byte{0x00, 0x10} {
		segment(0xc4, append([]byte{table, 1}, make([]byte, 16)...)...)
	}
	segment(0xda, append(scan, 0, last, 0)...)
	b.Write(make([]byte, blocks*bitsPerBlock/8+1))
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}

// The colour types of PNG.
const (
	pngGrey    = 0
	pngRGB     = 2
	pngPalette = 3
	pngRGBA    = 6
)

var pngChannels = map[int]int{pngGrey: 1, pngRGB: 3, pngPalette: 1, pngRGBA: 4}

// flatPNG returns a PNG with depth bits per sample, and chunks before its pixels.
func flatPNG(size image.Point, depth, colourType int, interlaced bool, chunks ...[]byte) []byte {
	header := binary.BigEndian.AppendUint32(nil, uint32(size.X))
	header = binary.BigEndian.AppendUint32(header, uint32(size.Y))
	header = append(header, byte(depth), byte(colourType), 0, 0, 0)
	passes := []image.Rectangle{{Max: image.Pt(1, 1)}} // Min is the first pixel, the size is the step
	if interlaced {
		header[12] = 1
		passes = []image.Rectangle{ // PNG, section 8.2
			image.Rect(0, 0, 8, 8), image.Rect(4, 0, 12, 8), image.Rect(0, 4, 4, 12), image.Rect(2, 0, 6, 4),
			image.Rect(0, 2, 2, 6), image.Rect(1, 0, 3, 2), image.Rect(0, 1, 1, 3),
		}
	}
	var pixels bytes.Buffer
	w := zlib.NewWriter(&pixels)
	for _, pass := range passes {
		width := (size.X - pass.Min.X + pass.Dx() - 1) / pass.Dx()
		height := (size.Y - pass.Min.Y + pass.Dy() - 1) / pass.Dy()
		row := make([]byte, 1+width*pngChannels[colourType]*depth/8)
		for range height {
			_, _ = w.Write(row) // to memory
		}
	}
	_ = w.Close()
	file := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", header)...)
	file = append(file, bytes.Join(chunks, nil)...)
	return append(append(file, pngChunk("IDAT", pixels.Bytes())...), pngChunk("IEND", nil)...)
}

func pngChunk(name string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(append(b, name...), content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// flatVP8 returns the VP8 chunk of a lossy WebP. Its partitions are all zeros. Zeros decode to the more probable value
// of each bit, so the blocks have no options and no coefficients (RFC 6386, sections 9 and 19).
func flatVP8(size image.Point) []byte {
	blocks := ((size.X + 15) / 16) * ((size.Y + 15) / 16)
	modes, coefficients := 100+32*blocks, 100+8*blocks
	b := binary.LittleEndian.AppendUint32(nil, uint32(1<<4|modes<<5)) // a key frame to be shown
	b = append(b[:3], 0x9d, 0x01, 0x2a)
	b = binary.LittleEndian.AppendUint16(b, uint16(size.X))
	b = binary.LittleEndian.AppendUint16(b, uint16(size.Y))
	return webpChunk("VP8 ", append(b, make([]byte, modes+coefficients)...))
}

// shortVP8L returns the VP8L chunk of a lossless WebP. Each of its prefix codes has only one symbol, so its pixels take
// no bits.
func shortVP8L(size image.Point) []byte {
	var b bitWriter
	b.header(size)
	b.put(0, 3) // no transform, no colour cache, one group of codes
	b.shortCodes()
	return webpChunk("VP8L", b.bytes)
}

// flatVP8L returns the VP8L chunk of a lossless WebP, with or without a palette. Its pixels take no bits, because each
// prefix code has only one symbol. Zeros at the end make the chunk long enough for checkLength.
func flatVP8L(size image.Point, palette bool) []byte {
	var b bitWriter
	b.header(size)
	if palette {
		b.put(1, 1) // a transform follows
		b.put(3, 2) // it replaces colours by their numbers in a palette
		b.put(1, 8) // the palette has two colours, so a byte holds eight pixels
		b.put(0, 1) // no colour cache
		b.shortCodes()
	}
	b.put(0, 3) // no other transform, no colour cache, one group of codes
	b.shortCodes()
	return webpChunk("VP8L", append(b.bytes, make([]byte, size.X*size.Y/losslessPixelsPerByte)...))
}

// alphaWebP returns a lossy WebP with an alpha channel. The alpha channel is stored like a VP8L chunk without its
// header.
func alphaWebP(size image.Point) []byte {
	w, h := size.X-1, size.Y-1
	x := []byte{0x10, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)}
	const chunkHeader, vp8lHeader = 8, 5
	alpha := append([]byte{1}, flatVP8L(size, true)[chunkHeader+vp8lHeader:]...)
	return riff(webpChunk("VP8X", x), webpChunk("ALPH", alpha), flatVP8(size))
}

// groupsWebP returns a lossless WebP with the largest colour cache and as many groups of prefix codes as package vp8l
// accepts. The function group writes each of them, and each is for a square of 4×4 pixels. The file ends after the
// groups, because vp8l reads all of them into memory before it decodes a pixel.
func groupsWebP(group func(*bitWriter)) []byte {
	const side = 204
	var b bitWriter
	b.header(image.Pt(side, side))
	b.put(0, 1)  // no transform
	b.put(1, 1)  // a colour cache follows
	b.put(11, 4) // it has 2^11 colours
	b.put(1, 1)  // several groups of codes follow
	b.put(0, 3)  // each is for 4×4 pixels; a small picture has their numbers
	b.put(0, 1)  // that picture has no colour cache
	b.longCode() // green is the lower byte of a number
	b.longCode() // red is the upper byte
	b.shortCode()
	b.shortCode()
	b.shortCode()
	for i := range (side / 4) * (side / 4) {
		n := min(i, maxGroups-1)
		b.put(int(bits.Reverse8(byte(n))), 8)
		b.put(int(bits.Reverse8(byte(n>>8))), 8)
	}
	for range maxGroups {
		group(&b)
	}
	return riff(webpChunk("VP8L", b.bytes))
}

// header writes the header of a lossless WebP (RFC 9649, section 3.4).
func (w *bitWriter) header(size image.Point) {
	w.put(0x2f, 8) // signature
	w.put(size.X-1, 14)
	w.put(size.Y-1, 14)
	w.put(0b0001, 4) // has alpha; version 0
}

// shortCodes writes a group of five prefix codes whose only symbol is 0.
func (w *bitWriter) shortCodes() {
	for range 5 {
		w.shortCode()
	}
}

func (w *bitWriter) shortCode() { w.put(0b0001, 4) } // a simple code of one symbol, 0, that has one bit

// longCode writes a prefix code with 256 symbols, each coded in 8 bits.
func (w *bitWriter) longCode() { w.sameLength(8) }

// sameLength writes a prefix code with 2^length symbols, each coded in length bits. The code lengths of the symbols
// take no bits in the file, because all of them are the same.
func (w *bitWriter) sameLength(length int) {
	w.lengths(map[int]int{length: 1})
	w.put(1, 1)            // the number of symbols follows
	w.put(5, 3)            // it has 12 bits
	w.put(1<<length-2, 12) // the number of symbols minus 2
}

// cacheCode writes a prefix code with all symbols of the largest colour cache: 1768 symbols are coded in 11 bits and
// 560 in 12. The list of their code lengths is as short as possible: repeating a length six times takes three bits.
func (w *bitWriter) cacheCode() {
	w.lengths(map[int]int{16: 1, 11: 2, 12: 2})
	w.put(0, 1) // all symbols
	repeat := func(count int) {
		w.put(0, 1)
		w.put(count-3, 2)
	}
	w.put(0b01, 2)
	for range 294 {
		repeat(6)
	}
	repeat(3)
	for range 2 {
		w.put(0b11, 2)
	}
	for range 93 {
		repeat(6)
	}
}

// lengths writes the beginning of a prefix code: the code length code, in which the code lengths of the symbols are
// then written (RFC 9649, section 3.7.2.1.2). of maps each code length to its length in that code, in bits.
func (w *bitWriter) lengths(of map[int]int) {
	order := []int{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12}
	w.put(0, 1) // not simple
	w.put(len(order)-4, 4)
	for _, length := range order {
		w.put(of[length], 3)
	}
}
