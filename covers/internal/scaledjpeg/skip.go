package scaledjpeg

// skipBits is the number of bits that index the skip table. Decoding photographs took equally long with 11, 12 and 13
// bits.
const skipBits = 12

// skipStep is a step over one or more Huffman symbols and the values after them. Bits 0 to 7 are its length in bits.
// Bits 8 to 15 are the number of AC coefficients that it skips. Bit 16 is set if its last symbol is EOB (end of block);
// bits 8 to 15 count that symbol as one coefficient.
type skipStep uint32

const (
	endOfBlock skipStep = 1<<16 | 1<<8
	// noSkip is the step for bits that do not begin with a code of up to skipBits bits. Its number of coefficients is
	// larger than a block has.
	noSkip skipStep = 255 << 8
)

func (p skipStep) bits() uint         { return uint(p & 0xff) }
func (p skipStep) coefficients() uint { return uint(p >> 8 & 0xff) }
func (p skipStep) ends() bool         { return p >= endOfBlock }

// prepareSkips builds the skip table when it is first called.
func (t *huffmanTable) prepareSkips() {
	if t.skips != nil {
		return
	}
	t.skips = new([1 << skipBits]skipStep)
	for i := range t.skips {
		t.skips[i] = t.skipMany(uint64(i) << (64 - skipBits))
	}
}

// skipMany returns the step over all symbols whose codes are within the first skipBits bits. The bits of the last
// coefficient's value may lie beyond these.
func (t *huffmanTable) skipMany(bits uint64) skipStep {
	var all skipStep
	for all.bits() < skipBits && !all.ends() {
		next := bits << all.bits()
		one := t.skipOne(next)
		if one == noSkip || all.bits()+t.decode(next).length() > skipBits {
			break
		}
		all += one
	}
	if all == 0 {
		return noSkip
	}
	return all
}

// skipOne returns the step over the first symbol in bits and the value after it.
func (t *huffmanTable) skipOne(bits uint64) skipStep {
	c := t.decode(bits)
	run, size := skipStep(c.run()), skipStep(c.size())
	switch {
	case c == noCode || size == 0 && run > 0 && run < 15: // only progressive files have such runs
		return noSkip
	case size == 0 && run == 0:
		return endOfBlock | skipStep(c.length())
	}
	return (run+1)<<8 | skipStep(c.length()) + size
}

// skip skips the AC coefficients of a block, starting with coefficient k (T.81, F.2.2.2).
func (r *bitReader) skip(t *huffmanTable, k uint) error {
	bits, used := r.peek(), uint(0)
	for k < 64 {
		p := t.skips[bits>>(64-skipBits)]
		if k+p.coefficients() > 64 { // noSkip, or beyond this block
			p = t.skipOne(bits)
		}
		used += p.bits()
		bits <<= p.bits()
		k += p.coefficients()
		if p.ends() {
			break
		}
		if used > 57-27 { // a step takes at most 27 of the 57 bits
			r.pos += used
			bits, used = r.peek(), 0
		}
	}
	r.pos += used
	if k > 64 {
		return errBlock
	}
	return nil
}
