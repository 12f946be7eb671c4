package scaledjpeg

// lookupBits is the length of the longest code in the lookup table of a huffmanTable. Nearly all codes in a file are no
// longer, and the table fits into the L1 cache.
const lookupBits = 9

// code is a Huffman code: its symbol in bits 0 to 7, and its length in the bits above.
type code uint16

// noCode is the result of decoding bits that do not begin with a code.
const noCode code = 0

func (c code) length() uint { return uint(c >> 8) }

// run and size are the two halves of the symbol of an AC coefficient. run is the number of zeros before the
// coefficient, and size is the number of bits of its value. The symbol of a DC coefficient has only the size (T.81,
// F.1.2).
func (c code) run() uint  { return uint(c >> 4 & 15) }
func (c code) size() uint { return uint(c & 15) }

// huffmanTable decodes Huffman codes (T.81, annex C).
type huffmanTable struct {
	lengths []byte // the number of codes of 1 to 16 bits (BITS)
	values  []byte // their symbols (HUFFVAL)

	ready  bool
	lookup [1 << lookupBits]code    // by the next bits: the code that they begin with, or noCode if it is longer
	ends   [17]uint32               // by length: the code after the last one, shifted to 16 bits
	offset [17]int                  // by length: the difference between the index of a symbol and its code
	skips  *[1 << skipBits]skipStep // by the next bits: the coefficients to skip
}

// prepare builds the lookup table when it is first called. It returns an error if t is nil, because then the scan's
// Huffman table is missing.
func (t *huffmanTable) prepare() error {
	if t == nil {
		return broken("a scan without its Huffman table")
	}
	if t.ready {
		return nil
	}
	next, value := 0, 0 // the next code of the current length, and the index of its symbol
	for length := 1; length <= 16; length++ {
		count := int(t.lengths[length-1])
		if next+count > 1<<length {
			return unsupported("a Huffman table with too many codes")
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

// enter adds a code to the lookup table, at every index whose first bits are the code.
func (t *huffmanTable) enter(bits, length int, symbol byte) {
	places := 1 << (lookupBits - length)
	for i := range places {
		t.lookup[bits*places+i] = code(length)<<8 | code(symbol)
	}
}

// decode returns the code at the beginning of bits, or noCode.
func (t *huffmanTable) decode(bits uint64) code {
	if c := t.lookup[bits>>(64-lookupBits)]; c != noCode {
		return c
	}
	return t.decodeLong(bits)
}

// decodeLong decodes a code that is longer than lookupBits (T.81, F.2.2.3, DECODE).
func (t *huffmanTable) decodeLong(bits uint64) code {
	next := uint32(bits >> 48)
	for length := lookupBits + 1; length <= 16; length++ {
		if next < t.ends[length] {
			return code(length)<<8 | code(t.values[int(next>>(16-length))+t.offset[length]])
		}
	}
	return noCode
}
