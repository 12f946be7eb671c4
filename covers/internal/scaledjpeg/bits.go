package scaledjpeg

import (
	"bytes"
	"encoding/binary"
)

const (
	// windowSize is how many bytes are unstuffed at a time: few enough for the processor's nearest cache.
	windowSize = 16 << 10
	// maxBlock is more than the bytes one block can take: 64 times a code of 16 bits with 16 bits behind it, and in a
	// refinement scan a bit for each coefficient.
	maxBlock = 512
)

// bitReader reads the bits of one entropy-coded segment (T.81, F.2.2.5). It reads from a window in which the segment's
// bytes stand without their stuffing, and which is filled between blocks; in a block there is nothing to check but, in
// the end, whether it was more than there is.
type bitReader struct {
	stuffed []byte // what of the file is not yet in the window
	window  [windowSize + maxBlock]byte
	pos     uint // the next bit of the window
	end     uint // the bit behind the last one
	refill  uint // from here on, the window may not hold all of a block, although the segment does
	last    bool // the segment ends in this window
}

// start begins with a segment that goes to the next marker.
func (r *bitReader) start(file []byte) error {
	r.stuffed, r.pos, r.end, r.last = file, 0, 0, false
	return r.fill()
}

// reserve makes sure that the next block is in the window. It fails if the last block was not all there.
func (r *bitReader) reserve() error {
	if r.pos > r.refill {
		return r.fill()
	}
	return nil
}

// complete fails if the last block was not all there.
func (r *bitReader) complete() error {
	if r.pos > r.end {
		return errTruncated
	}
	return nil
}

// fill moves what was not read to the window's front, and unstuffs behind it: 0xff 0x00 stands for 0xff, which before
// anything else begins a marker (T.81, B.1.1.5).
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
		clear(r.window[n : n+maxBlock]) // what a block that is not all there reads
	} else {
		r.refill -= maxBlock * 8
	}
	return nil
}

// peek returns the next bits, at least 57, the next one on top.
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

// receive is the number that the upper n bits stand for (T.81, F.2.2.1, RECEIVE and EXTEND): those that begin with 1
// are positive, those that begin with 0 negative.
func receive(bits uint64, n uint) int32 {
	v := int32(bits >> 1 >> (63 - n&63))
	negative := (v - 1<<(n&63)>>1) >> 31 // all ones if so
	return v + negative&(-1<<(n&63)+1)
}
