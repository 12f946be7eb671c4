package scaledjpeg

import (
	"bytes"
	"encoding/binary"
	"image"
	"math/bits"
)

// encoder writes every kind of JPEG that Decode supports. It is needed because image/jpeg writes only one kind, and the
// files in testdata are few and small.
type encoder struct {
	size        image.Point
	progressive bool
	restart     int // MCUs between restarts; 0 for none
	components  []*encoded
	file        bytes.Buffer

	// The current scan. Its tokens are collected here until its Huffman tables are written.
	tokens []token
	run    int     // blocks of the current end-of-band run, which is not coded yet
	later  []token // correction bits that follow the code of that run
}

// encoded is one colour component of the JPEG that encoder writes.
type encoded struct {
	sampling, blocks, stored image.Point
	coefficients             [][64]int // per stored block, in zigzag order
	predictor                int
}

// script describes a scan: its components, and the parameters Ss, Se, Ah and Al of its header (T.81, B.2.3).
type script struct {
	components     []int
	ss, se, ah, al int
}

// token is a Huffman symbol, some bits, or a restart marker.
type token struct {
	kind   int8 // 0 and 1: a symbol of the DC or AC table; 2: bits; 3: a restart
	symbol uint8
	size   uint8
	value  uint16
}

const (
	tokenBits    = 2
	tokenRestart = 3
)

// newEncoder returns an encoder for components with these sampling factors.
func newEncoder(size image.Point, samplings ...image.Point) *encoder {
	e := &encoder{size: size}
	most := samplings[0]
	for _, s := range samplings {
		m := image.Pt(ceilDiv(size.X, 8*most.X), ceilDiv(size.Y, 8*most.Y))
		c := &encoded{sampling: s, stored: image.Pt(m.X*s.X, m.Y*s.Y)}
		c.blocks.X = ceilDiv(ceilDiv(size.X*s.X, most.X), 8)
		c.blocks.Y = ceilDiv(ceilDiv(size.Y*s.Y, most.Y), 8)
		c.coefficients = make([][64]int, c.stored.X*c.stored.Y)
		e.components = append(e.components, c)
	}
	return e
}

// step is the quantization step of all coefficients.
const step = 4

func (e *encoder) encode(scans ...script) []byte {
	e.file.Write([]byte{0xff, markerSOI})
	e.segment(markerDQT, append([]byte{0}, bytes.Repeat([]byte{step}, 64)...))
	frame := binary.BigEndian.AppendUint16([]byte{8}, uint16(e.size.Y))
	frame = append(binary.BigEndian.AppendUint16(frame, uint16(e.size.X)), byte(len(e.components)))
	for i, c := range e.components {
		frame = append(frame, byte(i), byte(c.sampling.X<<4|c.sampling.Y), 0)
	}
	marker := byte(markerSOF1)
	if e.progressive {
		marker = markerSOF2
	}
	e.segment(marker, frame)
	if e.restart > 0 {
		e.segment(markerDRI, binary.BigEndian.AppendUint16(nil, uint16(e.restart)))
	}
	for _, s := range scans {
		e.scan(s)
	}
	e.file.Write([]byte{0xff, markerEOI})
	return e.file.Bytes()
}

func (e *encoder) segment(marker byte, content []byte) {
	e.file.Write([]byte{0xff, marker})
	e.file.Write(binary.BigEndian.AppendUint16(nil, uint16(len(content)+2)))
	e.file.Write(content)
}

func (e *encoder) scan(s script) {
	e.tokens = e.tokens[:0]
	header := []byte{byte(len(s.components))}
	for _, i := range s.components {
		e.components[i].predictor = 0
		header = append(header, byte(i), 0)
	}
	n := 0
	e.mcus(s, func(c *encoded, block int, first bool) {
		if first {
			if e.restart > 0 && n > 0 && n%e.restart == 0 {
				e.flush()
				e.tokens = append(e.tokens, token{kind: tokenRestart})
				for _, c := range e.components {
					c.predictor = 0
				}
			}
			n++
		}
		e.block(s, c, &c.coefficients[block])
	})
	e.flush()
	codes := e.tables()
	e.segment(markerSOS, append(header, byte(s.ss), byte(s.se), byte(s.ah<<4|s.al)))
	e.write(codes)
}

// mcus calls visit for each block of a scan. first is true for the first block of an MCU (T.81, A.2).
func (e *encoder) mcus(s script, visit func(c *encoded, block int, first bool)) {
	if len(s.components) == 1 {
		c := e.components[s.components[0]]
		for y := range c.blocks.Y {
			for x := range c.blocks.X {
				visit(c, y*c.stored.X+x, true)
			}
		}
		return
	}
	c := e.components[0]
	for my := range c.stored.Y / c.sampling.Y {
		for mx := range c.stored.X / c.sampling.X {
			for i, k := range s.components {
				c := e.components[k]
				for j := range c.sampling.X * c.sampling.Y {
					x, y := mx*c.sampling.X+j%c.sampling.X, my*c.sampling.Y+j/c.sampling.X
					visit(c, y*c.stored.X+x, i == 0 && j == 0)
				}
			}
		}
	}
}

func (e *encoder) block(s script, c *encoded, coefficients *[64]int) {
	switch {
	case s.ss == 0 && s.ah > 0:
		e.bits(coefficients[0]>>s.al&1, 1)
		return
	case s.ss == 0:
		dc := coefficients[0] >> s.al
		e.symbol(0, 0, dc-c.predictor)
		c.predictor = dc
	case s.ah > 0:
		e.refine(s, coefficients)
		return
	}
	e.band(s, coefficients)
}

// band codes the AC coefficients of a block in the first scan that contains them (T.81, F.1.2.2 and G.1.2.2).
func (e *encoder) band(s script, coefficients *[64]int) {
	zeros := 0
	for k := max(1, s.ss); k <= s.se; k++ {
		v := magnitude(coefficients[k]) >> s.al
		if v == 0 {
			zeros++
			continue
		}
		if coefficients[k] < 0 {
			v = -v
		}
		e.flush()
		for ; zeros > 15; zeros -= 16 {
			e.symbol(1, 15, 0)
		}
		e.symbol(1, zeros, v)
		zeros = 0
	}
	if zeros > 0 {
		if e.run++; !e.progressive || e.run == 0x7fff {
			e.flush()
		}
	}
}

// refine codes the next lower bit of the AC coefficients of a block (T.81, G.1.2.3).
func (e *encoder) refine(s script, coefficients *[64]int) {
	last := 0 // the last new coefficient
	for k := s.ss; k <= s.se; k++ {
		if magnitude(coefficients[k])>>s.al == 1 {
			last = k
		}
	}
	var corrections []token
	zeros := 0
	for k := s.ss; k <= s.se; k++ {
		v := magnitude(coefficients[k]) >> s.al
		if v == 0 {
			zeros++
			continue
		}
		for ; zeros > 15 && k <= last; zeros -= 16 {
			e.flush()
			e.symbol(1, 15, 0)
			e.tokens = append(e.tokens, corrections...)
			corrections = nil
		}
		if v > 1 {
			corrections = append(corrections, token{kind: tokenBits, size: 1, value: uint16(v & 1)})
			continue
		}
		e.flush()
		e.symbol(1, zeros, coefficients[k]>>31|1) // 1 or -1
		e.tokens = append(e.tokens, corrections...)
		corrections, zeros = nil, 0
	}
	if zeros > 0 || corrections != nil {
		e.run++
		if e.later = append(e.later, corrections...); e.run == 0x7fff {
			e.flush()
		}
	}
}

func magnitude(v int) int { return max(v, -v) }

// flush codes the current end-of-band run, if there is one, and its correction bits.
func (e *encoder) flush() {
	if e.run > 0 {
		size := bits.Len(uint(e.run)) - 1
		e.tokens = append(e.tokens, token{kind: 1, symbol: uint8(size << 4)})
		e.bits(e.run-1<<size, size)
		e.tokens = append(e.tokens, e.later...)
	}
	e.run, e.later = 0, nil
}

// symbol codes the number of zeros before a value together with the size of the value in bits, and then the value
// (T.81, F.1.2.1).
func (e *encoder) symbol(table int8, zeros, v int) {
	size := bits.Len(uint(magnitude(v)))
	e.tokens = append(e.tokens, token{kind: table, symbol: uint8(zeros<<4 | size)})
	if v < 0 {
		v += 1<<size - 1
	}
	e.bits(v, size)
}

func (e *encoder) bits(v, size int) {
	if size > 0 {
		e.tokens = append(e.tokens, token{kind: tokenBits, size: uint8(size), value: uint16(v)})
	}
}
