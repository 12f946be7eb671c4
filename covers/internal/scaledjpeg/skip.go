package scaledjpeg

// skipBits is how many bits are looked at at once to pass over coefficients. Of 11, 12 and 13 none was faster than the
// others on photographs.
const skipBits = 12

// passage is what some bits pass over of a block's AC coefficients: in bits 0 to 7 how many bits, in bits 8 to 15 how
// many coefficients, and in bit 16 whether the end of the block (EOB) comes last, which counts as one coefficient.
type passage uint32

const (
	endOfBlock passage = 1<<16 | 1<<8
	// noPassage is what no code begins with, or none that is known. It passes over more coefficients than there are.
	noPassage passage = 255 << 8
)

func (p passage) bits() uint         { return uint(p & 0xff) }
func (p passage) coefficients() uint { return uint(p >> 8 & 0xff) }
func (p passage) ends() bool         { return p >= endOfBlock }

// prepareSkips makes the table ready to skip, once.
func (t *huffmanTable) prepareSkips() {
	if t.skips != nil {
		return
	}
	t.skips = new([1 << skipBits]passage)
	for i := range t.skips {
		t.skips[i] = t.passMany(uint64(i) << (64 - skipBits))
	}
}

// passMany is the passage over all symbols whose codes are within the first bits; the bits behind the last code, which
// are its coefficient's value, may be beyond.
func (t *huffmanTable) passMany(bits uint64) passage {
	var all passage
	for all.bits() < skipBits && !all.ends() {
		next := bits << all.bits()
		one := t.passOne(next)
		if one == noPassage || all.bits()+t.decode(next).length() > skipBits {
			break
		}
		all += one
	}
	if all == 0 {
		return noPassage
	}
	return all
}

// passOne is the passage over the one symbol that the bits begin with, and over the bits behind it.
func (t *huffmanTable) passOne(bits uint64) passage {
	c := t.decode(bits)
	run, size := passage(c.run()), passage(c.size())
	switch {
	case c == noCode || size == 0 && run > 0 && run < 15: // sequential files have no such run
		return noPassage
	case size == 0 && run == 0:
		return endOfBlock | passage(c.length())
	}
	return (run+1)<<8 | passage(c.length()) + size
}

// skip passes over the AC coefficients from k on (T.81, F.2.2.2, without their values).
func (r *bitReader) skip(t *huffmanTable, k uint) error {
	bits, used := r.peek(), uint(0) // of the 57 bits that are looked at
	for k < 64 {
		p := t.skips[bits>>(64-skipBits)]
		if k+p.coefficients() > 64 { // not known, or beyond this block
			p = t.passOne(bits)
		}
		used += p.bits()
		bits <<= p.bits()
		k += p.coefficients()
		if p.ends() {
			break
		}
		if used > 57-27 { // one passage takes at most 27
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
