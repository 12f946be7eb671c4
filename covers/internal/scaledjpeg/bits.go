package scaledjpeg

import (
	"bytes"
	"encoding/binary"
)

const (
	// windowSize is the number of bytes in the window of a bitReader. The window fits into the L1 cache.
	windowSize = 16 << 10
	// maxBlock is more bytes than any block takes. A block has at most 64 codes of 16 bits, each followed by 16 bits.
	// In a refinement scan it also has one bit per coefficient.
	maxBlock = 512
)

// bitReader reads the bits of an entropy-coded segment (T.81, F.2.2.5). It copies the bytes of the segment to a window,
// without the stuffing, which is a 0x00 after each 0xff. It fills the window between blocks, so that reading a block
// needs no checks. A truncated block is detected after it was read.
type bitReader struct {
	stuffed []byte // the rest of the file after the window
	window  [windowSize + maxBlock]byte
	pos     uint // the next bit of the window
	end     uint // the bit after the last one
	refill  uint // if pos is greater, the window may not hold a whole block
	last    bool // the segment ends in this window
}

// start begins a segment, which ends at the next marker in file.
func (r *bitReader) start(file []byte) error {
	r.stuffed, r.pos, r.end, r.last = file, 0, 0, false
	return r.fill()
}

// reserve makes sure that the next block is in the window. It returns errTruncated if the previous block was truncated.
func (r *bitReader) reserve() error {
	if r.pos > r.refill {
		return r.fill()
	}
	return nil
}

// complete returns errTruncated if the last block was truncated.
func (r *bitReader) complete() error {
	if r.pos > r.end {
		return errTruncated
	}
	return nil
}

// fill moves the unread bytes to the front of the window and unstuffs more bytes after them: 0xff 0x00 becomes 0xff. A
// 0xff before any other byte begins a marker (T.81, B.1.1.5).
func (r *bitReader) fill() error {
	if err := r.complete(); err != nil {
		return err
	}
	n := copy(r.window[:], r.window[r.pos/8:r.end/8])
	for n < windowSize && !r.last {
		chunk := r.stuffed[:min(len(r.stuffed), windowSize-n)]
		i := bytes.IndexByte(chunk, 0xff)
		if i < 0 {
			n += copy(r.window[n:], chunk)
			r.stuffed = r.stuffed[len(chunk):]
			r.last = len(r.stuffed) == 0
			continue
		}
		n += copy(r.window[n:], chunk[:i])
		r.stuffed = r.stuffed[i:]
		if len(r.stuffed) < 2 || r.stuffed[1] != 0 {
			r.last = true
			continue
		}
		r.window[n] = 0xff
		n++
		r.stuffed = r.stuffed[2:]
	}
	r.pos, r.end = r.pos%8, uint(n)*8
	r.refill = r.end
	if r.last {
		clear(r.window[n : n+maxBlock]) // a truncated block is filled up with zeros
	} else {
		r.refill -= maxBlock * 8
	}
	return nil
}

// peek returns at least the next 57 bits, the first one in the highest bit, and does not advance.
func (r *bitReader) peek() uint64 {
	i := r.pos / 8
	return binary.BigEndian.Uint64(r.window[i:i+8]) << (r.pos % 8)
}

// bit reads one bit.
func (r *bitReader) bit() uint64 {
	b := r.window[r.pos/8] >> (7 - r.pos%8) & 1
	r.pos++
	return uint64(b)
}

// receive decodes the number in the upper n bits (T.81, F.2.2.1, RECEIVE and EXTEND). It is negative if the first bit
// is 0.
func receive(bits uint64, n uint) int32 {
	v := int32(bits >> 1 >> (63 - n&63))
	negative := (v - 1<<(n&63)>>1) >> 31 // all bits set if negative
	return v + negative&(-1<<(n&63)+1)
}
