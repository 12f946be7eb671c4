package planarjpeg

// block has the 64 samples or coefficients of a block, row by row.
type block [64]int32

// The constants of the transform, in fixed point with constBits bits. They are those of Loeffler, Ligtenberg and Moschytz,
// "Practical fast 1-D DCT algorithms with 11 multiplications", ICASSP 1989.
const (
	constBits = 13
	passBits  = 2 // more precision between the two passes

	c0298 = 2446  // 0.298631336
	c0390 = 3196  // 0.390180644
	c0541 = 4433  // 0.541196100
	c0765 = 6270  // 0.765366865
	c0899 = 7373  // 0.899976223
	c1175 = 9633  // 1.175875602
	c1501 = 12299 // 1.501321110
	c1847 = 15137 // 1.847759065
	c1961 = 16069 // 1.961570560
	c2053 = 16819 // 2.053119869
	c2562 = 20995 // 2.562915447
	c3072 = 25172 // 3.072711026
)

// transform replaces samples by the coefficients of their discrete cosine transform, times 8.
func (b *block) transform() {
	for row := range 8 {
		v := (*[8]int32)(b[row*8:])
		f0, f1, f2, f3, f4, f5, f6, f7 := transform8(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7])
		const shift = constBits - passBits
		v[0], v[4] = f0<<passBits, f4<<passBits
		v[1], v[2], v[3] = round(f1, shift), round(f2, shift), round(f3, shift)
		v[5], v[6], v[7] = round(f5, shift), round(f6, shift), round(f7, shift)
	}
	for x := range 8 {
		v := b[x:][:57]
		f0, f1, f2, f3, f4, f5, f6, f7 := transform8(v[0], v[8], v[16], v[24], v[32], v[40], v[48], v[56])
		const shift = constBits + passBits
		v[0], v[32] = round(f0, passBits), round(f4, passBits)
		v[8], v[16], v[24] = round(f1, shift), round(f2, shift), round(f3, shift)
		v[40], v[48], v[56] = round(f5, shift), round(f6, shift), round(f7, shift)
	}
}

// round divides by a power of two and rounds to the nearest integer.
func round(v int32, shift uint) int32 { return (v + 1<<(shift-1)) >> shift }

// transform8 transforms eight values, times the square root of 8. All results but the first and the fifth have constBits
// more bits.
func transform8(v0, v1, v2, v3, v4, v5, v6, v7 int32) (f0, f1, f2, f3, f4, f5, f6, f7 int32) {
	s07, d07, s16, d16 := v0+v7, v0-v7, v1+v6, v1-v6
	s25, d25, s34, d34 := v2+v5, v2-v5, v3+v4, v3-v4

	even0, even3, even1, even2 := s07+s34, s07-s34, s16+s25, s16-s25
	f0, f4 = even0+even1, even0-even1
	z := (even2 + even3) * c0541
	f2, f6 = z+even3*c0765, z-even2*c1847

	z1, z2, z3, z4 := (d34+d07)*-c0899, (d25+d16)*-c2562, d34+d16, d25+d07
	z5 := (z3 + z4) * c1175
	z3, z4 = z5-z3*c1961, z5-z4*c0390
	f7, f5 = d34*c0298+z1+z3, d25*c2053+z2+z4
	f3, f1 = d16*c3072+z2+z3, d07*c1501+z1+z4
	return f0, f1, f2, f3, f4, f5, f6, f7
}
