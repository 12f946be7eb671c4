package covers

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"
)

// space is an RGB colour space, as its standard defines it.
type space struct {
	primaries [3][2]float64 // x and y of red, green and blue
	white     [2]float64
	decode    func(float64) float64 // from a value to linear light
	colorants [9]float64            // XYZ of red, green and blue in its published profile, relative to D50
	curve     []byte                // in the profile
}

var (
	d65 = [2]float64{0.3127, 0.3290}
	d50 = [2]float64{0.3457, 0.3585}

	displayP3 = space{
		[3][2]float64{{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
		d65, decodeSRGB,
		[9]float64{0.515121, 0.241196, -0.001053, 0.291977, 0.692245, 0.041885, 0.157104, 0.066574, 0.784073},
		para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045),
	}
	adobeRGB = space{
		[3][2]float64{{0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}},
		d65, power(563.0 / 256),
		[9]float64{0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457},
		curv(563), // in 1/256
	}
	proPhoto = space{
		[3][2]float64{{0.734699, 0.265301}, {0.159597, 0.840403}, {0.036598, 0.000105}},
		d50, power(1.8),
		[9]float64{0.79767, 0.28804, 0, 0.13519, 0.71188, 0, 0.03134, 0.00009, 0.82491},
		para(0, 1.8),
	}
	srgb = space{
		[3][2]float64{{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}},
		d65, decodeSRGB,
		[9]float64{0.43607, 0.22249, 0.01392, 0.38515, 0.71687, 0.09708, 0.14307, 0.06061, 0.71410},
		para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045),
	}
)

func power(exponent float64) func(float64) float64 {
	return func(v float64) float64 { return math.Pow(v, exponent) }
}

func decodeSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func fixedOf(v float64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536))))
}

func para(kind byte, parameters ...float64) []byte {
	tag := append([]byte("para\x00\x00\x00\x00"), 0, kind, 0, 0)
	for _, v := range parameters {
		tag = append(tag, fixedOf(v)...)
	}
	return tag
}

func curv(samples ...uint16) []byte {
	tag := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(len(samples)))
	for _, v := range samples {
		tag = binary.BigEndian.AppendUint16(tag, v)
	}
	return tag
}

// iccOf returns an ICC profile for a colour space.
func iccOf(s space) []byte {
	header := make([]byte, 128)
	copy(header[12:], "mntrRGB XYZ ")
	copy(header[36:], "acsp")
	table := binary.BigEndian.AppendUint32(nil, 6)
	const start = 128 + 4 + 6*12
	var content []byte
	add := func(name string, tag []byte) {
		table = append(table, name...)
		table = binary.BigEndian.AppendUint32(table, uint32(start+len(content)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(tag)))
		content = append(content, tag...)
	}
	for i, name := range []string{"r", "g", "b"} {
		xyz := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range s.colorants[3*i:][:3] {
			xyz = append(xyz, fixedOf(v)...)
		}
		add(name+"XYZ", xyz)
		add(name+"TRC", s.curve)
	}
	return append(append(header, table...), content...)
}

// The functions below convert colours as the standards define it, in floating point. They compute everything from the
// primaries of a colour space, and do not use its ICC profile.

func solve(m matrix, v [3]float64) (x [3]float64) { // by Cramer's rule
	det := func(m matrix) float64 {
		return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) +
			m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
	}
	for i := range x {
		replaced := m
		for row := range v {
			replaced[row][i] = v[row]
		}
		x[i] = det(replaced) / det(m)
	}
	return x
}

func apply(m matrix, v [3]float64) (result [3]float64) {
	for i, row := range m {
		result[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return result
}

func xyzOf(xy [2]float64) [3]float64 {
	return [3]float64{xy[0] / xy[1], 1, (1 - xy[0] - xy[1]) / xy[1]}
}

// toXYZ returns the matrix that converts linear light of a colour space to XYZ (SMPTE RP 177).
func toXYZ(s space) (m matrix) {
	for i, xy := range s.primaries {
		for row, v := range xyzOf(xy) {
			m[row][i] = v
		}
	}
	scale := solve(m, xyzOf(s.white))
	for row := range m {
		for i := range scale {
			m[row][i] *= scale[i]
		}
	}
	return m
}

// adapt adapts an XYZ colour from one white point to another by the Bradford method.
func adapt(xyz [3]float64, from, to [2]float64) [3]float64 {
	bradford := matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
	cone, source, target := apply(bradford, xyz), apply(bradford, xyzOf(from)), apply(bradford, xyzOf(to))
	for i := range cone {
		cone[i] *= target[i] / source[i]
	}
	return solve(bradford, cone)
}

// inSRGB converts a colour of a colour space to sRGB, clipped.
func inSRGB(s space, colour [3]byte) (converted [3]byte) {
	var light [3]float64
	for i, v := range colour {
		light[i] = s.decode(float64(v) / 255)
	}
	xyz := adapt(apply(toXYZ(s), light), s.white, d65)
	for i, v := range solve(toXYZ(srgb), xyz) {
		value := 12.92 * v
		if v > 0.0031308 {
			value = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		converted[i] = byte(min(max(math.Round(value*255), 0), 255))
	}
	return converted
}

func TestColoursAreConvertedToSRGB(t *testing.T) {
	if got := parseProfile(iccOf(displayP3)).convert([3]byte{255, 0, 0}); got != [3]byte{255, 0, 0} {
		t.Errorf("the red of Display P3 became %v", got)
	}
	for name, s := range map[string]space{"Display P3": displayP3, "Adobe RGB": adobeRGB, "ProPhoto RGB": proPhoto} {
		p := parseProfile(iccOf(s))
		if p == nil {
			t.Fatalf("%s: no profile", name)
		}
		for _, colour := range [][3]byte{
			{0, 0, 0},
			{255, 255, 255},
			{255, 0, 0},
			{0, 255, 0},
			{0, 0, 255},
			{128, 128, 128},
			{200, 100, 50},
			{90, 160, 80},
			{40, 60, 120},
			{3, 2, 1},
			{250, 240, 230},
		} {
			got, want := p.convert(colour), inSRGB(s, colour)
			for i := range got {
				if d := int(got[i]) - int(want[i]); d < -1 || d > 1 {
					t.Errorf("%s: %v became %v, want %v", name, colour, got, want)
					break
				}
			}
		}
	}
}

// Different kinds of curve tags can describe the same curve.
func TestCurves(t *testing.T) {
	square := make([]uint16, 1024)
	for i := range square {
		square[i] = uint16(math.Round(math.Pow(float64(i)/1023, 2) * 65535))
	}
	for name, curve := range map[string][]byte{
		"exponent":     curv(512),
		"samples":      curv(square...),
		"parametric 0": para(0, 2),
		"parametric 1": para(1, 2, 1, 0),
		"parametric 2": para(2, 2, 1, 0, 0),
		"parametric 3": para(3, 2, 1, 0, 1, -1),
		"parametric 4": para(4, 2, 1, 0, 1, -1, 0, 0),
	} {
		f := parseCurve(curve)
		for _, x := range []float64{0, 0.001, 0.25, 0.5, 0.9, 1} {
			if y := f(x); math.Abs(y-x*x) > 1e-5 {
				t.Errorf("%s: %v became %v", name, x, y)
			}
		}
	}
	if y := parseCurve(curv())(0.3); y != 0.3 {
		t.Errorf("the identity: 0.3 became %v", y)
	}
	below := parseCurve(para(2, 2, 2, -1, 0.25)) // constant where 2x-1 is negative
	if y := below(0.25); y != 0.25 {
		t.Errorf("below the curve: %v", y)
	}
	below = parseCurve(para(4, 2, 1, 0, 0.5, 0.5, 0, 0.125))
	if y := below(0.25); y != 0.25 {
		t.Errorf("the linear part: %v", y)
	}
}

// Malformed profiles, unsupported profiles and the sRGB profile are ignored without an error.
func TestIgnoredProfiles(t *testing.T) {
	icc := iccOf(displayP3)
	replaced := func(from, to string) []byte {
		if !bytes.Contains(icc, []byte(from)) {
			t.Fatalf("no %q in the profile", from)
		}
		return bytes.ReplaceAll(icc, []byte(from), []byte(to))
	}
	with := func(change func(*space)) []byte {
		s := displayP3
		change(&s)
		return iccOf(s)
	}
	for name, icc := range map[string][]byte{
		"none":              nil,
		"sRGB":              iccOf(srgb),
		"CMYK":              replaced("RGB XYZ ", "CMYKLab "),
		"grey":              replaced("RGB XYZ ", "GRAYXYZ "),
		"a table":           replaced("bTRC", "A2B0"),
		"no curve":          replaced("gTRC", "none"),
		"no colorant":       replaced("gXYZ", "none"),
		"unknown curve":     replaced("para", "none"),
		"unknown kind":      with(func(s *space) { s.curve = para(5, 1, 1, 1, 1, 1, 1, 1) }),
		"few parameters":    with(func(s *space) { s.curve = para(3, 1, 1) }),
		"few samples":       with(func(s *space) { s.curve = append(curv(1, 2)[:11], 9, 0, 0) }),
		"no number":         with(func(s *space) { s.curve = para(3, 0.5, 1, -1, 0, 0) }),
		"white is not kept": with(func(s *space) { s.colorants[0] = 0 }),
	} {
		if parseProfile(icc) != nil {
			t.Errorf("%s: the profile is used", name)
		}
	}
	for n := range icc {
		if parseProfile(icc[:n]) != nil {
			t.Errorf("the first %d of %d bytes are used", n, len(icc))
		}
	}
}

// withICC returns a picture as a JPEG and as a PNG file, both with an ICC profile.
func withICC(t testing.TB, img image.Image, icc []byte) map[string][]byte {
	t.Helper()
	app2 := append([]byte("ICC_PROFILE\x00\x01\x01"), icc...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, markerAPP2}, uint16(2+len(app2))), app2...)
	var compressed bytes.Buffer
	w := zlib.NewWriter(&compressed)
	_, _ = w.Write(icc) // to memory
	_ = w.Close()
	const header = 8 + 25 // signature and IHDR
	png := pngOf(t, img)
	iccp := pngChunk("iCCP", append([]byte("name\x00\x00"), compressed.Bytes()...))
	return map[string][]byte{
		"JPEG": afterSOI(jpegOf(t, img), segment),
		"PNG":  bytes.Join([][]byte{png[:header], iccp, png[header:]}, nil),
	}
}

func TestProfilesOfFiles(t *testing.T) {
	icc := iccOf(proPhoto)
	var want [4]color.NRGBA
	for i, c := range []color.NRGBA{red, green, blue, ochre} {
		converted := inSRGB(proPhoto, [3]byte{c.R, c.G, c.B})
		want[i] = color.NRGBA{converted[0], converted[1], converted[2], 0xff}
	}
	for name, file := range withICC(t, picture(300, 300), icc) {
		t.Run(name, func(t *testing.T) {
			c := open(t, Options{Mark: ownMark, Sizes: []int{200}, MaxPixels: 1_000_000, Memory: 8 << 20})
			cover, err := c.Add(t.Context(), "ada", bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range cover.Keys() {
				img, err := jpeg.Decode(bytes.NewReader(served(t, c, key)))
				if err != nil {
					t.Fatal(err)
				}
				wantQuarters(t, img, want)
			}
		})
	}
	left, right := color.NRGBA{0x60, 0x10, 0x90, 0xff}, color.NRGBA{0x60, 0xc0, 0x90, 0xff}
	var halves [4]color.NRGBA
	for i, c := range []color.NRGBA{left, right, left, right} {
		converted := inSRGB(proPhoto, [3]byte{c.R, c.G, c.B})
		halves[i] = color.NRGBA{converted[0], converted[1], converted[2], 0xff}
	}
	pixels := chunksOf(losslessWebP(200, 100, left, right))
	extended := webpHeader(200, 100)[len("RIFF????WEBP"):]
	for name, chunk := range map[string][]byte{"even": icc, "odd": append(icc, 0)} {
		t.Run("WebP, "+name, func(t *testing.T) {
			iccp := webpChunk("ICCP", chunk)
			binary.LittleEndian.PutUint32(iccp[4:], uint32(len(chunk)))
			wantQuarters(t, addAndDecode(t, riff(extended, iccp, pixels)), halves)
		})
	}
}

// A damaged ICC profile is ignored: the picture is accepted and keeps its colours.
func TestDamagedProfilesOfFiles(t *testing.T) {
	for name, file := range withICC(t, picture(300, 300), []byte("not a profile")) {
		t.Run(name, func(t *testing.T) { wantQuarters(t, addAndDecode(t, file), [4]color.NRGBA{red, green, blue, ochre}) })
	}
	const header = 8 + 25
	png := pngOf(t, picture(300, 300))
	for _, content := range []string{"", "name", "name\x00", "name\x00\x00", "name\x00\x00damaged"} {
		file := bytes.Join([][]byte{png[:header], pngChunk("iCCP", []byte(content)), png[header:]}, nil)
		wantQuarters(t, addAndDecode(t, file), [4]color.NRGBA{red, green, blue, ochre})
	}
}

func FuzzProfile(f *testing.F) {
	for _, s := range []space{displayP3, adobeRGB, proPhoto, srgb} {
		f.Add(iccOf(s), byte(200), byte(100), byte(50))
	}
	f.Fuzz(func(t *testing.T, icc []byte, r, g, b byte) {
		if p := parseProfile(icc); p != nil {
			p.convert([3]byte{r, g, b}) // must not panic
		}
	})
}
