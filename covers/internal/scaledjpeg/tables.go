package scaledjpeg

import "encoding/binary"

// readQuantization reads quantization tables (T.81, B.2.4.1).
func (d *decoder) readQuantization(segment []byte) error {
	for len(segment) > 0 {
		precision, id := segment[0]>>4, segment[0]&15
		size := 64 * (1 + int(precision))
		segment = segment[1:]
		if precision > 1 || id > 3 || len(segment) < size {
			return unsupported("invalid quantization table")
		}
		table := new([64]int32)
		for k := range table {
			if precision == 0 {
				table[k] = int32(segment[k])
			} else {
				table[k] = int32(binary.BigEndian.Uint16(segment[2*k:]))
			}
		}
		d.quantization[id] = table
		segment = segment[size:]
	}
	return nil
}

// readHuffman reads Huffman tables (T.81, B.2.4.2). It does not prepare them for decoding: the scan that uses a table
// does. A file may define any number of tables, and at 1/8 the AC tables of a progressive file are never used.
func (d *decoder) readHuffman(segment []byte) error {
	for len(segment) > 0 {
		if len(segment) < 17 {
			return broken("invalid Huffman table")
		}
		class, id := segment[0]>>4, segment[0]&15
		lengths, values := segment[1:17], segment[17:]
		codes := 0
		for _, n := range lengths {
			codes += int(n)
		}
		if class > 1 || id > 3 || codes == 0 || codes > 256 || len(values) < codes {
			return broken("invalid Huffman table")
		}
		table := &huffmanTable{lengths: lengths, values: values[:codes]}
		if class == 0 {
			d.dcTables[id] = table
		} else {
			d.acTables[id] = table
		}
		segment = values[codes:]
	}
	return nil
}

// readRestartInterval reads the restart interval: the number of MCUs between restart markers (T.81, B.2.4.4).
func (d *decoder) readRestartInterval(segment []byte) error {
	if len(segment) != 2 {
		return broken("invalid restart interval")
	}
	d.restartInterval = int(binary.BigEndian.Uint16(segment))
	return nil
}

// readAdobe reads from an Adobe segment whether the colours are RGB (Adobe Technical Note 5116, section 18).
func (d *decoder) readAdobe(segment []byte) {
	if len(segment) >= 12 && string(segment[:5]) == "Adobe" {
		d.adobeRGB = segment[11] == 0
	}
}

// isRGB reports whether the components are red, green and blue. A file with a JFIF segment is always YCbCr, and an
// Adobe segment names the colours. For other files, libjpeg and image/jpeg look at the identifiers of the components.
func (d *decoder) isRGB() bool {
	if len(d.components) != 3 || d.jfif {
		return false
	}
	c := d.components
	return d.adobeRGB || c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
}
