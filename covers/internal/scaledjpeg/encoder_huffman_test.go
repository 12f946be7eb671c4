package scaledjpeg

import "slices"

// tables writes Huffman tables for the tokens of a scan, and returns their codes.
func (e *encoder) tables() (codes [2][256]token) {
	var counts [2][256]int
	for _, t := range e.tokens {
		if t.kind < tokenBits {
			counts[t.kind][t.symbol]++
		}
	}
	for kind := range counts {
		var bySize [17][]byte
		for symbol, size := range codeSizes(counts[kind]) {
			bySize[size] = append(bySize[size], byte(symbol))
		}
		table, values, code := []byte{byte(kind << 4)}, []byte(nil), 0
		for size := 1; size <= 16; size++ {
			table = append(table, byte(len(bySize[size])))
			values = append(values, bySize[size]...)
			for _, symbol := range bySize[size] {
				codes[kind][symbol] = token{size: uint8(size), value: uint16(code)}
				code++
			}
			code *= 2
		}
		if len(values) > 0 {
			e.segment(markerDHT, append(table, values...))
		}
	}
	return codes
}

// codeSizes returns the code lengths of a Huffman code by symbol, and 0 for symbols that do not occur. The code has one
// more symbol that never occurs, for the code of all ones, which is reserved (T.81, C.2). The counts of rare symbols
// are raised, so that no code is longer than 16 bits.
func codeSizes(counts [256]int) (sizes [256]int) {
	type node struct {
		count   int
		symbols []int
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	nodes := []node{{count: 0}}
	for symbol, n := range counts {
		if n > 0 {
			nodes = append(nodes, node{max(n, total>>10), []int{symbol}})
		}
	}
	for len(nodes) > 1 {
		slices.SortStableFunc(nodes, func(a, b node) int { return a.count - b.count })
		a, b := nodes[0], nodes[1]
		both := append(slices.Clone(a.symbols), b.symbols...)
		for _, symbol := range both {
			sizes[symbol]++
		}
		nodes = append([]node{{a.count + b.count, both}}, nodes[2:]...)
	}
	return sizes
}

// write writes the entropy-coded segments of a scan.
func (e *encoder) write(codes [2][256]token) {
	var pending uint64
	var n uint8
	restarts := byte(0)
	put := func(t token) {
		pending, n = pending<<t.size|uint64(t.value), n+t.size
		for ; n >= 8; n -= 8 {
			b := byte(pending >> (n - 8))
			e.file.WriteByte(b)
			if b == 0xff {
				e.file.WriteByte(0)
			}
		}
	}
	align := func() { put(token{size: (8 - n%8) % 8, value: 1<<((8-n%8)%8) - 1}) }
	for _, t := range e.tokens {
		switch t.kind {
		case tokenBits:
			put(t)
		case tokenRestart:
			align()
			e.file.Write([]byte{0xff, markerRST0 + restarts%8})
			restarts++
		default:
			put(codes[t.kind][t.symbol])
		}
	}
	align()
}
