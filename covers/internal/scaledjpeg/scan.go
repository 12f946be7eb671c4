package scaledjpeg

import "image"

// maxScans is the most scans that a file may have. It is needed because a scan may take only a few bytes, but visits
// all blocks. Encoders write about ten.
const maxScans = 100

var errScans = broken("too many scans")

// checkScans returns errScans if the file has more than maxScans scans. It counts the scans before anything is decoded,
// so that the limit also applies to files that are unsupported here and that image/jpeg, which has no limit, then
// decodes.
func checkScans(file []byte) error {
	d := &decoder{rest: file}
	for scans := 0; scans <= maxScans; {
		marker, err := d.nextMarker()
		if err != nil || marker == markerEOI {
			return nil //nolint:nilerr // Decode returns the error
		}
		if marker == markerSOS {
			scans++
		}
		if _, err := d.segment(); err != nil {
			return nil //nolint:nilerr // Decode returns the error
		}
	}
	return errScans
}

// The errors in entropy-coded segments, apart from errTruncated.
var (
	errBlock = unsupported("a block with an undefined code or more than 64 coefficients")
	errRange = unsupported("a coefficient beyond 16 bits")
)

// scan is one pass over the blocks of some components (T.81, B.2.3).
type scan struct {
	components []*component
	mcus       image.Point // across and down
	first      int         // spectral selection: the first coefficient, in zigzag order (Ss)
	last       int         // the last coefficient (Se)
	high       uint        // successive approximation: the bit position of the previous scan, 0 if there was none (Ah)
	low        uint        // the bit position of this scan (Al)
	decode     blockDecoder
	eobRun     uint // blocks that have no more coefficients in this scan (T.81, G.1.2.2)
}

// readScan reads a scan header and the entropy-coded segments after it (T.81, B.2.3).
func (d *decoder) readScan(segment []byte) error {
	s, err := d.scanHeader(segment)
	if err != nil {
		return err
	}
	if err := d.allocate(); err != nil {
		return err
	}
	s.decode = d.blockDecoderFor(s)
	if s.decode == nil {
		return nil // nextMarker skips its data
	}
	if err := d.prepare(s); err != nil {
		return err
	}
	return d.decodeScan(s)
}

func (d *decoder) scanHeader(segment []byte) (*scan, error) {
	if len(segment) == 0 || len(segment) != 4+2*int(segment[0]) || segment[0] == 0 {
		return nil, broken("invalid scan header")
	}
	n := int(segment[0])
	s := &scan{last: 63}
	for ; len(s.components) < n; segment = segment[2:] {
		c := d.component(segment[1])
		dc, ac := segment[2]>>4, segment[2]&15
		if c == nil || s.has(c) || dc > 3 || ac > 3 {
			return nil, broken("invalid component in a scan header")
		}
		c.dcTable, c.acTable = d.dcTables[dc], d.acTables[ac]
		s.components = append(s.components, c)
	}
	s.layOut(d.size, d.sampling)
	if !d.progressive {
		return s, nil
	}
	s.first, s.last = int(segment[1]), int(segment[2])
	s.high, s.low = uint(segment[3]>>4), uint(segment[3]&15)
	return s, s.checkProgression()
}

func (s *scan) has(c *component) bool {
	for _, other := range s.components {
		if other == c {
			return true
		}
	}
	return false
}

// layOut sets the MCUs of the scan. In a scan of one component, each block of the component is an MCU (T.81, A.2.2). In
// a scan of several components, an MCU has as many blocks of each component as its sampling factors say (A.2.3).
func (s *scan) layOut(size, sampling image.Point) {
	if len(s.components) == 1 {
		c := s.components[0]
		s.mcus, c.perMCU = c.blocks, image.Pt(1, 1)
		return
	}
	s.mcus = mcus(size, sampling)
	for _, c := range s.components {
		c.perMCU = c.sampling
	}
}

// checkProgression checks the spectral selection and the successive approximation of a scan of a progressive file
// (T.81, G.1.1.1).
func (s *scan) checkProgression() error {
	switch {
	case s.first > s.last || s.last > 63 || s.first == 0 && s.last > 0:
		return broken("invalid spectral selection of a scan")
	case s.first > 0 && len(s.components) > 1:
		return broken("AC coefficients of several components in a scan")
	case s.high > 0 && s.high != s.low+1:
		return broken("invalid successive approximation of a scan")
	case s.low > 13:
		return unsupported("a bit position above 13")
	}
	return nil
}

// prepare checks that the tables of the scan are there, and prepares them.
func (d *decoder) prepare(s *scan) error {
	for _, c := range s.components {
		if c.steps = d.quantization[c.quantization]; c.steps == nil {
			return unsupported("a component without a quantization table")
		}
		if s.first == 0 && s.high == 0 {
			c.scanned = true
			if err := c.dcTable.prepare(); err != nil {
				return err
			}
		}
		if s.last > 0 {
			if err := c.acTable.prepare(); err != nil {
				return err
			}
			if !d.progressive {
				c.acTable.prepareSkips()
			}
		}
	}
	return nil
}

// decodeScan reads the entropy-coded segments of a scan and the restart markers between them (T.81, E.2.4).
func (d *decoder) decodeScan(s *scan) error {
	total := s.mcus.X * s.mcus.Y
	interval := total
	if d.restartInterval > 0 {
		interval = d.restartInterval
	}
	for mcu, marker := 0, byte(markerRST0); ; marker = markerRST0 | (marker+1)&7 {
		end := min(mcu+interval, total)
		if err := d.decodeInterval(s, mcu, end); err != nil {
			return err
		}
		if mcu = end; mcu == total {
			return nil
		}
		if found, err := d.anyMarker(); err != nil {
			return err
		} else if found != marker {
			return broken("a restart marker is missing")
		}
	}
}

// decodeInterval decodes an entropy-coded segment: the MCUs from mcu up to, but not including, end.
func (d *decoder) decodeInterval(s *scan, mcu, end int) error {
	s.eobRun = 0
	for _, c := range s.components {
		c.predictor = 0
	}
	if err := d.bits.start(d.rest); err != nil {
		return err
	}
	x, y := mcu%s.mcus.X, mcu/s.mcus.X
	for ; mcu < end; mcu++ {
		if err := d.decodeMCU(s, x, y); err != nil {
			return err
		}
		if x++; x == s.mcus.X {
			if err := d.ctx.Err(); err != nil {
				return err
			}
			x, y = 0, y+1
		}
	}
	if s.eobRun > 0 {
		return unsupported("an end-of-band run beyond the last block")
	}
	d.rest = d.bits.stuffed
	return d.bits.complete()
}

// decodeMCU decodes the MCU at x, y. For each component of the scan, it decodes the blocks row by row.
func (d *decoder) decodeMCU(s *scan, x, y int) error {
	for _, c := range s.components {
		for row := y * c.perMCU.Y; row < (y+1)*c.perMCU.Y; row++ {
			for column := x * c.perMCU.X; column < (x+1)*c.perMCU.X; column++ {
				if err := d.bits.reserve(); err != nil {
					return err
				}
				if err := s.decode(d, s, c, column, row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
