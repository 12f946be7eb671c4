package covers

import (
	"bytes"
	"math/bits"
)

// cmykJPEG returns a CMYK JPEG of 8×8 pixels in one colour. Each ink is from 0 to 255. The file is written by hand,
// because the standard library does not encode CMYK. Like a file of Photoshop, it stores the inks inverted and has an
// Adobe segment. Its blocks have only a DC coefficient, because all their pixels are the same.
func cmykJPEG(inks [4]int) []byte {
	var b bytes.Buffer
	segment := func(marker byte, content ...byte) {
		b.Write([]byte{0xff, marker, 0, byte(len(content) + 2)})
		b.Write(content)
	}
	b.Write([]byte{0xff, 0xd8})
	segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)                   // transform 0: CMYK
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)...)             // DC step 8: one grey level
	segment(0xc0, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0) // 8×8, four components
	dcCodes := []byte{0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}               // nine codes of 4 bits
	segment(0xc4, append(append([]byte{0x00}, dcCodes...), 0, 1, 2, 3, 4, 5, 6, 7, 8)...)
	acCodes := []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0} // one code of 1 bit: end of block
	segment(0xc4, append(append([]byte{0x10}, acCodes...), 0)...)
	segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)

	var pending uint64
	n := 0
	put := func(value, size int) { pending, n = pending<<size|uint64(value), n+size }
	for _, ink := range inks {
		dc := 255 - ink - 128
		size := bits.Len(uint(max(dc, -dc)))
		put(size, 4)
		if dc < 0 {
			dc += 1<<size - 1
		}
		put(dc, size)
		put(0, 1)
	}
	for put(0, (8-n%8)%8); n > 0; n -= 8 {
		c := byte(pending >> (n - 8))
		b.WriteByte(c)
		if c == 0xff {
			b.WriteByte(0) // stuffing
		}
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}
