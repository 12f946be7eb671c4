package scaledjpeg

// lookupBits is how long a code may be to be found at once: nearly all are, and the table stays in the nearest cache.
const lookupBits = 9

// code is a symbol, in bits 0 to 7, and the length of its code, above.
type code uint16

// noCode is what bits are decoded to that no code begins with.
const noCode code = 0

func (c code) length() uint { return uint(c >> 8) }

// The two halves of an AC coefficient's symbol: how many zeros come before it, and how many bits tell its value. Of a DC
// coefficient's symbol there is only the size. (T.81, F.1.2)
func (c code) run() uint  { return uint(c >> 4 & 15) }
func (c code) size() uint { return uint(c & 15) }

// huffmanTable decodes the codes of T.81, annex C.
type huffmanTable struct {
	lengths []byte // how many codes there are of 1 to 16 bits (BITS)
	values  []byte // their symbols (HUFFVAL)

	ready  bool
	lookup [1 << lookupBits]code   // for the next bits, the code they begin with; noCode if it is longer
	ends   [17]uint32              // for each length, the code after its last one, in 16 bits
	offset [17]int                 // for each length, what leads from a code to its symbol
	skips  *[1 << skipBits]passage // for the next bits, what they pass over
}

// prepare makes the table ready to decode, once. It fails if there is no table.
func (t *huffmanTable) prepare() error {
	if t == nil {
		return broken("a scan without its Huffman table")
	}
	if t.ready {
		return nil
	}
	next, value := 0, 0 // the next code, of the length at hand
	for length := 1; length <= 16; length++ {
		count := int(t.lengths[length-1])
		if next+count > 1<<length {
			return unsupported("a Huffman table of more codes than there are")
		}
		t.offset[length] = value - next
		if length <= lookupBits {
			for i := range count {
				t.enter(next+i, length, t.values[value+i])
			}
		}
		next, value = next+count, value+count
		t.ends[length] = uint32(next) << (16 - length)
		next *= 2
	}
	t.ready = true
	return nil
}

// enter enters a code in the lookup table wherever the bits begin with it.
func (t *huffmanTable) enter(bits, length int, symbol byte) {
	places := 1 << (lookupBits - length)
	for i := range places {
		t.lookup[bits*places+i] = code(length)<<8 | code(symbol)
	}
}

// decode finds the code that the bits begin with.
func (t *huffmanTable) decode(bits uint64) code {
	if c := t.lookup[bits>>(64-lookupBits)]; c != noCode {
		return c
	}
	return t.decodeLong(bits)
}

// decodeLong is DECODE of T.81, F.2.2.3.
func (t *huffmanTable) decodeLong(bits uint64) code {
	next := uint32(bits >> 48)
	for length := lookupBits + 1; length <= 16; length++ {
		if next < t.ends[length] {
			return code(length)<<8 | code(t.values[int(next>>(16-length))+t.offset[length]])
		}
	}
	return noCode
}
