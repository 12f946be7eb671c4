package scaledjpeg

// blockDecoder decodes one block of a component, at a column and a row.
type blockDecoder func(d *decoder, s *scan, c *component, column, row int) error

// blockDecoderFor returns the decoder for the blocks of a scan, or nil if the scan has no coefficients that the scale
// needs.
func (d *decoder) blockDecoderFor(s *scan) blockDecoder {
	switch {
	case !d.progressive && d.corner.last == 0:
		return (*decoder).sequentialMean
	case !d.progressive:
		return (*decoder).sequentialBlock
	case s.first == 0 && s.high == 0:
		return (*decoder).firstDC
	case s.first == 0:
		return (*decoder).refineDC
	case d.corner.last == 0:
		return nil
	case s.high == 0:
		return (*decoder).firstAC
	}
	return (*decoder).refineAC
}

// decodeDC decodes the DC coefficient of a block, which is stored as the difference from that of the previous block
// (T.81, F.2.2.1).
func (d *decoder) decodeDC(c *component) (int32, error) {
	bits := d.bits.peek()
	code := c.dcTable.decode(bits)
	if code == noCode || code.run() > 0 {
		return 0, errBlock
	}
	c.predictor += receive(bits<<code.length(), code.size())
	if c.predictor != int32(int16(c.predictor)) {
		return 0, errRange
	}
	d.bits.pos += code.length() + code.size()
	return c.predictor, nil
}

// sequentialMean decodes a block of a sequential file to one sample, the mean of the block.
func (d *decoder) sequentialMean(_ *scan, c *component, column, row int) error {
	dc, err := d.decodeDC(c)
	if err != nil {
		return err
	}
	c.samples[row*c.stride+column] = mean(dc * c.steps[0])
	return d.bits.skip(c.acTable, 1)
}

// sequentialBlock decodes a block of a sequential file to N×N samples (T.81, F.2.2).
func (d *decoder) sequentialBlock(_ *scan, c *component, column, row int) error {
	var b block
	dc, err := d.decodeDC(c)
	if err != nil {
		return err
	}
	b[0] = dc * c.steps[0]
	n := d.corner.n
	samples := c.samples[(row*c.stride+column)*n:]
	k, err := d.decodeAC(c, &b)
	if err != nil {
		return err
	}
	if k == 1 {
		flat(samples, c.stride, n, mean(b[0]))
		return nil
	}
	inverseDCT(&b, n, samples, c.stride)
	return nil
}

// decodeAC decodes the AC coefficients of a block that are in the corner, and skips the others (T.81, F.2.2.2). It
// returns the index after the last decoded coefficient, or 1 if there was none.
func (d *decoder) decodeAC(c *component, b *block) (k int, err error) {
	r, table := &d.bits, c.acTable
	for k = 1; k <= d.corner.last; k++ {
		bits := r.peek()
		code := table.decode(bits)
		run, size := code.run(), code.size()
		r.pos += code.length() + size
		switch {
		case code == noCode || size == 0 && run > 0 && run < 15: // only progressive files have such runs
			return 0, errBlock
		case size == 0 && run == 0:
			return k, nil
		}
		if k += int(run); k > 63 {
			return 0, errBlock
		}
		b[d.corner.position[k]] = receive(bits<<code.length(), size) * c.steps[k]
	}
	return k, r.skip(table, uint(k))
}
