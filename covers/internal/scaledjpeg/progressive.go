package scaledjpeg

import "math/bits"

// firstDC decodes the upper bits of a DC coefficient (T.81, G.1.2.1).
func (d *decoder) firstDC(s *scan, c *component, column, row int) error {
	dc, err := d.decodeDC(c)
	if err != nil {
		return err
	}
	dc <<= s.low
	if dc != int32(int16(dc)) {
		return errRange
	}
	d.kept(c, row*c.stored.X+column)[0] = int16(dc)
	return nil
}

// refineDC decodes the next bit of a DC coefficient (T.81, G.1.2.1).
func (d *decoder) refineDC(s *scan, c *component, column, row int) error {
	d.kept(c, row*c.stored.X+column)[0] |= int16(d.bits.bit() << s.low)
	return nil
}

// kept is what is kept of a block's coefficients: its corner.
func (d *decoder) kept(c *component, block int) []int16 {
	n := d.corner.n * d.corner.n
	return c.coefficients[block*n:][:n]
}

// firstAC decodes the upper bits of a band of AC coefficients (T.81, G.1.2.2).
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
			if err := d.keep(c, block, k, receive(next, size)<<s.low); err != nil {
				return err
			}
		}
	}
	return nil
}

// eobRun is how many blocks end, this one included: 2 to the power of n, and what the next n bits say.
func eobRun(next uint64, n uint) uint { return 1<<n + uint(next>>1>>(63-n)) }

// keep keeps a coefficient: its value if it is in the corner, of others only that it is not 0.
func (d *decoder) keep(c *component, block, k int, value int32) error {
	c.nonZero[block] |= 1 << k
	if d.corner.wanted>>k&1 == 0 {
		return nil
	}
	if value != int32(int16(value)) {
		return errRange
	}
	d.kept(c, block)[d.corner.position[k]] = int16(value)
	return nil
}

// refineAC decodes the next bit of a band of AC coefficients (T.81, G.1.2.3): those that are not 0 get a bit each where
// a run of zeros passes them, and new ones come in after the runs.
func (d *decoder) refineAC(s *scan, c *component, column, row int) error {
	r := &d.bits
	block := row*c.stored.X + column
	old := c.nonZero[block] // what is new in this scan gets its next bit in another
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
			// The bit behind the code is the sign: 1 is positive.
			if err := d.keep(c, block, end, receive(next, 1)<<s.low); err != nil {
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

// between is the set of the coefficients from k to before end.
func between(k, end int) uint64 { return 1<<end - 1<<k }

// zeroAfter is the first coefficient from k on that is 0 and has run others that are 0 before it; 64 if there is none.
func zeroAfter(nonZero uint64, k int, run uint) int {
	zeros := ^nonZero >> k << k
	for ; run > 0; run-- {
		zeros &= zeros - 1
	}
	return bits.TrailingZeros64(zeros)
}

// correct reads a correction bit for each of some coefficients. Most are not in the corner.
func (d *decoder) correct(s *scan, c *component, block int, coefficients uint64) error {
	if coefficients&d.corner.wanted != 0 {
		return d.correctWanted(s, c, block, coefficients)
	}
	d.bits.pos += uint(bits.OnesCount64(coefficients))
	return nil
}

func (d *decoder) correctWanted(s *scan, c *component, block int, coefficients uint64) error {
	kept := d.kept(c, block)
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

// reconstruct makes samples of the coefficients, after the last scan.
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
				for j, value := range d.kept(c, row*c.stored.X+column) {
					b[j] = int32(value) * steps[j]
				}
				inverseDCT(&b, n, c.samples[(row*c.stride+column)*n:], c.stride)
			}
		}
	}
	return nil
}

// cornerSteps is the quantization table in the order of the corner.
func (d *decoder) cornerSteps(c *component) (steps block) {
	for k, step := range d.quantization[c.quantization] {
		steps[d.corner.position[k]] = step
	}
	return steps
}
