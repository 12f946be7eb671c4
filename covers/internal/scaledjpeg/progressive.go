package scaledjpeg

import "math/bits"

// firstDC decodes the DC coefficient of a block in its first scan, which has its upper bits (T.81, G.1.2.1).
func (d *decoder) firstDC(s *scan, c *component, column, row int) error {
	dc, err := d.decodeDC(c)
	if err != nil {
		return err
	}
	dc <<= s.low
	if dc != int32(int16(dc)) {
		return errRange
	}
	d.coefficientsOf(c, row*c.stored.X+column)[0] = int16(dc)
	return nil
}

// refineDC decodes the next lower bit of the DC coefficient of a block (T.81, G.1.2.1).
func (d *decoder) refineDC(s *scan, c *component, column, row int) error {
	d.coefficientsOf(c, row*c.stored.X+column)[0] |= int16(d.bits.bit() << s.low)
	return nil
}

// coefficientsOf returns the coefficients of a block that are stored: those of the corner that the scale needs.
func (d *decoder) coefficientsOf(c *component, block int) []int16 {
	n := d.corner.n * d.corner.n
	return c.coefficients[block*n:][:n]
}

// firstAC decodes a band of AC coefficients of a block in its first scan, which has the upper bits (T.81, G.1.2.2).
func (d *decoder) firstAC(s *scan, c *component, column, row int) error {
	if s.eobRun > 0 {
		s.eobRun--
		return nil
	}
	r := &d.bits
	block := row*c.stored.X + column
	for k := s.first; k <= s.last; k++ {
		next := r.peek()
		code := c.acTable.decode(next)
		run, size := code.run(), code.size()
		next <<= code.length()
		r.pos += code.length() + size
		switch {
		case code == noCode:
			return errBlock
		case size == 0 && run < 15:
			s.eobRun = eobRun(next, run) - 1
			r.pos += run
			return nil
		}
		if k += int(run); k > s.last {
			return errBlock
		}
		if size > 0 {
			if err := d.store(c, block, k, receive(next, size)<<s.low); err != nil {
				return err
			}
		}
	}
	return nil
}

// eobRun returns the length of an end-of-band run, including the current block: 2^n plus the number in the first n bits
// of next.
func eobRun(next uint64, n uint) uint { return 1<<n + uint(next>>1>>(63-n)) }

// store stores the value of coefficient k, which is not 0. For a coefficient outside the corner it stores only that it
// is not 0.
func (d *decoder) store(c *component, block, k int, value int32) error {
	c.nonZero[block] |= 1 << k
	if d.corner.wanted>>k&1 == 0 {
		return nil
	}
	if value != int32(int16(value)) {
		return errRange
	}
	d.coefficientsOf(c, block)[d.corner.position[k]] = int16(value)
	return nil
}

// refineAC decodes the next lower bit of a band of AC coefficients of a block (T.81, G.1.2.3). The codes are for
// coefficients that become nonzero in this scan, each after a run of coefficients that stay 0. Coefficients that were
// nonzero before are not counted in the run; each gets one correction bit.
func (d *decoder) refineAC(s *scan, c *component, column, row int) error {
	r := &d.bits
	block := row*c.stored.X + column
	old := c.nonZero[block] // a coefficient that is new in this scan is not refined by the same scan
	k := s.first
	for s.eobRun == 0 && k <= s.last {
		next := r.peek()
		code := c.acTable.decode(next)
		run, size := code.run(), code.size()
		if code == noCode || size > 1 {
			return errBlock
		}
		next <<= code.length()
		r.pos += code.length()
		if size == 0 && run < 15 {
			s.eobRun = eobRun(next, run)
			r.pos += run
			break
		}
		r.pos += size
		end := zeroAfter(old, k, run)
		if end > s.last {
			return errBlock
		}
		if err := d.correct(s, c, block, old&between(k, end)); err != nil {
			return err
		}
		if size == 1 {
			// The bit after the Huffman code is the sign of the coefficient: 1 is positive.
			if err := d.store(c, block, end, receive(next, 1)<<s.low); err != nil {
				return err
			}
		}
		k = end + 1
	}
	if s.eobRun == 0 {
		return nil
	}
	s.eobRun--
	return d.correct(s, c, block, old&between(k, s.last+1))
}

// between returns, as a bit set, the coefficients from k up to, but not including, end.
func between(k, end int) uint64 { return 1<<end - 1<<k }

// zeroAfter skips run coefficients that are 0, starting at k, and returns the next coefficient that is 0, or 64 if
// there is none. nonZero is the bit set of the coefficients that are not 0.
func zeroAfter(nonZero uint64, k int, run uint) int {
	zeros := ^nonZero >> k << k
	for ; run > 0; run-- {
		zeros &= zeros - 1
	}
	return bits.TrailingZeros64(zeros)
}

// correct reads one correction bit for each coefficient of a set. It drops the bits of coefficients outside the corner,
// which are the most.
func (d *decoder) correct(s *scan, c *component, block int, coefficients uint64) error {
	if coefficients&d.corner.wanted != 0 {
		return d.correctWanted(s, c, block, coefficients)
	}
	d.bits.pos += uint(bits.OnesCount64(coefficients))
	return nil
}

func (d *decoder) correctWanted(s *scan, c *component, block int, coefficients uint64) error {
	kept := d.coefficientsOf(c, block)
	for ; coefficients != 0; coefficients &= coefficients - 1 {
		bit := int32(d.bits.bit() << s.low)
		k := bits.TrailingZeros64(coefficients)
		if d.corner.wanted>>k&1 == 0 {
			continue
		}
		value := int32(kept[d.corner.position[k]])
		if value < 0 {
			bit = -bit
		}
		if value += bit; value != int32(int16(value)) {
			return errRange
		}
		kept[d.corner.position[k]] = int16(value)
	}
	return nil
}

// reconstruct computes all samples from the coefficients. It is called after the last scan.
func (d *decoder) reconstruct() error {
	for i := range d.components {
		c := &d.components[i]
		n := d.corner.n
		steps := d.cornerSteps(c)
		for row := range c.stored.Y {
			if err := d.ctx.Err(); err != nil {
				return err
			}
			for column := range c.stored.X {
				var b block
				for j, value := range d.coefficientsOf(c, row*c.stored.X+column) {
					b[j] = int32(value) * steps[j]
				}
				inverseDCT(&b, n, c.samples[(row*c.stride+column)*n:], c.stride)
			}
		}
	}
	return nil
}

// cornerSteps returns the quantization steps of the corner's coefficients, in the corner's order.
func (d *decoder) cornerSteps(c *component) (steps block) {
	for k, step := range d.quantization[c.quantization] {
		steps[d.corner.position[k]] = step
	}
	return steps
}
