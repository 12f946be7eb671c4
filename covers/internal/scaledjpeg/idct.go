package scaledjpeg

// block has the dequantized coefficients of the corner of a block, row by row. Coefficients outside the corner are
// written to the last element, at the index discard.
type block [64 + 1]int32

// mean returns the mean of the samples of a block. If all coefficients except DC are 0, every sample has this value
// (T.81, A.3.3). The function sample adds 128 (A.3.1).
func mean(dc int32) byte { return sample(int64(dc), 3) }

// sample converts a number that is scaled by 1<<shift to a sample: it rounds, adds 128, and clamps.
func sample(v int64, shift uint) byte {
	v = (v+1<<(shift-1))>>shift + 128
	return byte(min(max(v, 0), 255))
}

// flat sets the N×N samples of a block to v.
func flat(samples []byte, stride, n int, v byte) {
	for y := range n {
		row := samples[y*stride:][:n]
		for x := range row {
			row[x] = v
		}
	}
}

// inverseDCT transforms N×N coefficients to N×N samples, where N is 1, 2, 4 or 8. With the factors C of T.81, A.3.3,
// moved out, a sample is an eighth of the sum of coefficient × √2 cos((2x+1)uπ/2N) × √2 cos((2y+1)vπ/2N), where the
// factor √2 cos(…) is 1 for u or v = 0. Columns are transformed before rows.
func inverseDCT(b *block, n int, samples []byte, stride int) {
	switch n {
	case 1:
		samples[0] = mean(b[0])
	case 2:
		inverseDCT2(b, samples, stride)
	case 4:
		inverseDCT4(b, samples, stride)
	case 8:
		inverseDCT8(b, samples, stride)
	}
}

// inverseDCT2 is the inverse DCT of 2×2 points. Its factor √2 cos(π/4) is 1.
func inverseDCT2(b *block, samples []byte, stride int) {
	left, right := int64(b[0]), int64(b[1])
	top, bottom := samples[:2], samples[stride:][:2]
	top[0] = sample(left+int64(b[2])+right+int64(b[3]), 3)
	top[1] = sample(left+int64(b[2])-right-int64(b[3]), 3)
	bottom[0] = sample(left-int64(b[2])+right-int64(b[3]), 3)
	bottom[1] = sample(left-int64(b[2])-right+int64(b[3]), 3)
}

// The factors √2 cos(kπ/16), in fixed point.
const (
	fraction = 12

	cos1 = 5681 // 1.387040 × 2¹²
	cos2 = 5352 // 1.306563
	cos3 = 4816 // 1.175876
	cos5 = 3218 // 0.785695
	cos6 = 2217 // 0.541196
	cos7 = 1130 // 0.275899
)

// idct4 is the inverse DCT of four points, scaled by 2¹².
func idct4(f0, f1, f2, f3 int64) (x0, x1, x2, x3 int64) {
	sum, difference := (f0+f2)<<fraction, (f0-f2)<<fraction
	outer, inner := f1*cos2+f3*cos6, f1*cos6-f3*cos2
	return sum + outer, difference + inner, difference - inner, sum - outer
}

func inverseDCT4(b *block, samples []byte, stride int) {
	var t [16]int64
	for x := range 4 {
		t[x], t[x+4], t[x+8], t[x+12] = idct4(int64(b[x]), int64(b[x+4]), int64(b[x+8]), int64(b[x+12]))
	}
	for y := range 4 {
		row, t := samples[y*stride:][:4], t[4*y:][:4]
		x0, x1, x2, x3 := idct4(t[0], t[1], t[2], t[3])
		row[0], row[1] = sample(x0, 2*fraction+3), sample(x1, 2*fraction+3)
		row[2], row[3] = sample(x2, 2*fraction+3), sample(x3, 2*fraction+3)
	}
}

// idct8 is the inverse DCT of eight points, scaled by 2¹². The even coefficients form an inverse DCT of four points.
func idct8(f *[8]int64) (x [8]int64) {
	e0, e1, e2, e3 := idct4(f[0], f[2], f[4], f[6])
	o0 := f[1]*cos1 + f[3]*cos3 + f[5]*cos5 + f[7]*cos7
	o1 := f[1]*cos3 - f[3]*cos7 - f[5]*cos1 - f[7]*cos5
	o2 := f[1]*cos5 - f[3]*cos1 + f[5]*cos7 + f[7]*cos3
	o3 := f[1]*cos7 - f[3]*cos5 + f[5]*cos3 - f[7]*cos1
	return [8]int64{e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0}
}

func inverseDCT8(b *block, samples []byte, stride int) {
	var t [8][8]int64 // the transformed columns
	for x := range 8 {
		var column [8]int64
		for y := range 8 {
			column[y] = int64(b[8*y+x])
		}
		for y, v := range idct8(&column) {
			t[y][x] = v
		}
	}
	for y := range 8 {
		row := samples[y*stride:][:8]
		for x, v := range idct8(&t[y]) {
			row[x] = sample(v, 2*fraction+3)
		}
	}
}
