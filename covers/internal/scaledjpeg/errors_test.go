package scaledjpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// wantError checks that Decode rejects a file at all scales. isUnsupported says whether the error must be
// ErrUnsupported or must not be.
func wantError(t *testing.T, file []byte, isUnsupported bool) {
	t.Helper()
	for _, scale := range scales {
		img, err := Decode(t.Context(), file, scale)
		if err == nil || img != nil {
			t.Errorf("at %d/8: got no error", scale)
		} else if errors.Is(err, ErrUnsupported) != isUnsupported {
			t.Errorf("at %d/8: %v", scale, err)
		}
	}
}

// withReplaced returns a grey JPEG of one block, in which the bytes from are replaced by the bytes to, once.
func withReplaced(t *testing.T, from, to string) []byte {
	t.Helper()
	file := oneBlock().encode(script{components: []int{0}, se: 63})
	if !bytes.Contains(file, []byte(from)) {
		t.Fatalf("no %q in the file", from)
	}
	return bytes.Replace(file, []byte(from), []byte(to), 1)
}

func oneBlock() *encoder {
	e := newEncoder(image.Pt(8, 8), image.Pt(1, 1))
	e.components[0].coefficients[0] = [64]int{0: 5, 63: 1}
	return e
}

// frameHeader is the frame header of the file that oneBlock encodes.
const frameHeader = "\xff\xc1\x00\x0b\x08\x00\x08\x00\x08\x01\x00\x11\x00"

func TestUnsupportedLibjpegFiles(t *testing.T) {
	count := 0
	for name, file := range testFiles(t) {
		if strings.HasPrefix(name, "unsupported") {
			count++
			t.Run(name, func(t *testing.T) { wantError(t, file, true) })
		}
	}
	if count == 0 {
		t.Error("no unsupported test files")
	}
}

func TestUnsupportedFiles(t *testing.T) {
	for name, file := range map[string][]byte{
		"lossless":           withReplaced(t, "\xff\xc1", "\xff\xc3"),
		"hierarchical":       withReplaced(t, "\xff\xc1", "\xff\xc5"),
		"progression of one": withReplaced(t, "\xff\xc1", "\xff\xde\x00\x03\x00\xff\xc1"),
		"arithmetic":         withReplaced(t, "\xff\xc1", "\xff\xc9"),
		"arithmetic tables":  withReplaced(t, "\xff\xc1", "\xff\xcc\x00\x04\x00\x00\xff\xc1"),
		"12 bits":            withReplaced(t, frameHeader, "\xff\xc1\x00\x0b\x0c\x00\x08\x00\x08\x01\x00\x11\x00"),
		"height in DNL":      withReplaced(t, frameHeader, "\xff\xc1\x00\x0b\x08\x00\x00\x00\x08\x01\x00\x11\x00"),
		"DNL":                withReplaced(t, "\xff\xd9", "\xff\xdc\x00\x04\x00\x08\xff\xd9"),
		"half a table":       withReplaced(t, "\xff\xda", "\xff\xdb\x00\x03\x00\xff\xda"), // image/jpeg ignores it
		"two components":     withReplaced(t, frameHeader, "\xff\xc1\x00\x0e\x08\x00\x08\x00\x08\x02\x00\x11\x00\x01\x11\x00"),
		"CMYK": withReplaced(t, frameHeader,
			"\xff\xc1\x00\x14\x08\x00\x08\x00\x08\x04\x00\x11\x00\x01\x11\x00\x02\x11\x00\x03\x11\x00"),
	} {
		t.Run(name, func(t *testing.T) { wantError(t, file, true) })
	}
}

func TestAdobeRGB(t *testing.T) {
	const adobe = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
	colours := newEncoder(image.Pt(8, 8), samplings["4:4:4"]...).encode(script{components: []int{0, 1, 2}, se: 63})
	marked := func(transform string) []byte {
		return bytes.Replace(colours, []byte("\xff\xdb"), []byte(adobe+transform+"\xff\xdb"), 1)
	}
	wantError(t, marked("\x00"), true)
	checkDecode(t, marked("\x01"))
	jfif := "\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	checkDecode(t, bytes.Replace(marked("\x00"), []byte("\xff\xdb"), []byte(jfif+"\xff\xdb"), 1))
}

func TestBrokenFiles(t *testing.T) {
	for name, file := range map[string][]byte{
		"empty":                     {},
		"GIF":                       []byte("GIF89a"),
		"no segments":               []byte("\xff\xd8\xff\xd9"),
		"no frame":                  withReplaced(t, frameHeader, ""),
		"no scan":                   append([]byte("\xff\xd8"+frameHeader), "\xff\xd9"...),
		"two frames":                withReplaced(t, frameHeader, frameHeader+frameHeader),
		"a segment without length":  withReplaced(t, frameHeader, "\xff\xfe\x00\x01"+frameHeader),
		"a frame of wrong length":   withReplaced(t, frameHeader, "\xff\xc1\x00\x0c\x08\x00\x08\x00\x08\x01\x00\x11\x00\x00"),
		"sampling by 0":             withReplaced(t, frameHeader, "\xff\xc1\x00\x0b\x08\x00\x08\x00\x08\x01\x00\x01\x00"),
		"a fifth table":             withReplaced(t, frameHeader, "\xff\xc1\x00\x0b\x08\x00\x08\x00\x08\x01\x00\x11\x04"),
		"no Huffman table":          withReplaced(t, "\xff\xda\x00\x08\x01\x00\x00", "\xff\xda\x00\x08\x01\x00\x10"),
		"another component's scan":  withReplaced(t, "\xff\xda\x00\x08\x01\x00\x00", "\xff\xda\x00\x08\x01\x01\x00"),
		"a scan of wrong length":    withReplaced(t, "\xff\xda\x00\x08\x01\x00\x00", "\xff\xda\x00\x08\x02\x00\x00"),
		"a short Huffman table":     withReplaced(t, "\xff\xda", "\xff\xc4\x00\x03\x00\xff\xda"),
		"a short restart interval":  withReplaced(t, "\xff\xda", "\xff\xdd\x00\x03\x00\xff\xda"),
		"no end":                    withReplaced(t, "\xff\xd9", ""),
		"only the end's first byte": withReplaced(t, "\xff\xd9", "\xff"),
	} {
		t.Run(name, func(t *testing.T) { wantError(t, file, false) })
	}
}

func TestMissingComponent(t *testing.T) {
	e := newEncoder(image.Pt(8, 8), samplings["4:4:4"]...)
	wantError(t, e.encode(script{components: []int{0, 1}, se: 63}), false)
	e = newEncoder(image.Pt(8, 8), samplings["4:4:4"]...)
	e.progressive = true
	wantError(t, e.encode(script{components: []int{0, 1}}, script{components: []int{2}, ss: 1, se: 63}), false)
}

func TestBrokenProgressions(t *testing.T) {
	for name, s := range map[string]script{
		"DC and AC":            {components: []int{0}, se: 63},
		"last before first":    {components: []int{0}, ss: 5, se: 4},
		"last above 63":        {components: []int{0}, ss: 1, se: 64},
		"two bits":             {components: []int{0}, ah: 2},
		"AC of two components": {components: []int{0, 1}, ss: 1, se: 63},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEncoder(image.Pt(8, 8), samplings["4:4:4"]...)
			e.progressive = true
			valid := e.encode(script{components: []int{0, 1, 2}})
			e = newEncoder(image.Pt(8, 8), samplings["4:4:4"]...)
			header := []byte{byte(len(s.components))}
			for _, i := range s.components {
				header = append(header, byte(i), 0)
			}
			e.segment(markerSOS, append(header, byte(s.ss), byte(s.se), byte(s.ah<<4|s.al)))
			file := append(bytes.Clone(valid[:len(valid)-2]), e.file.Bytes()...)
			wantError(t, append(file, 0xff, markerEOI), false)
		})
	}
}

func TestMissingOrWrongRestartMarker(t *testing.T) {
	e := newEncoder(image.Pt(8*12, 8), image.Pt(1, 1))
	e.restart = 1
	file := e.encode(script{components: []int{0}, se: 63})
	checkDecode(t, file)
	for _, marker := range []string{"\xff\xd0", "\xff\xd4", "\xff\xd7"} {
		wantError(t, bytes.Replace(file, []byte(marker), nil, 1), false)
		wantError(t, bytes.Replace(file, []byte(marker), []byte("\xff\xd6\xff\xd6"), 1), false)
	}
}

// Decode accepts maxScans scans, but not one more. The limit is needed because a scan takes few bytes, but visits all
// blocks.
func TestTooManyScans(t *testing.T) {
	e := oneBlock()
	e.progressive = true
	e.components[0].coefficients[0] = [64]int{5}
	scans := []script{{components: []int{0}}}
	for len(scans) < maxScans {
		scans = append(scans, script{components: []int{0}, ss: 1, se: 63})
	}
	checkDecode(t, e.encode(scans...))
	e.file.Reset()
	many := e.encode(append(scans, scans[1])...)
	wantError(t, many, false)
	// A file with too many scans must not be passed on to image/jpeg, which does not limit their number. So the error
	// must not be ErrUnsupported.
	bit14 := bytes.Replace(many, []byte("\x01\x3f\x00"), []byte("\x01\x3f\x0e"), 1)
	wantError(t, bit14, false)
	samplesOf12Bits := bytes.Replace(many, []byte("\xff\xc2\x00\x0b\x08"), []byte("\xff\xc2\x00\x0b\x0c"), 1)
	wantError(t, samplesOf12Bits, false)
}

// Decoding a truncated file fails. Decoding it with an end-of-image marker at its end succeeds only if no pixels are
// missing or if the file ends after a complete scan.
func TestTruncatedFiles(t *testing.T) {
	for name, file := range testFiles(t) {
		if strings.HasPrefix(name, "unsupported") || len(file) > 1100 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			whole, err := Decode(t.Context(), file, Full)
			if err != nil {
				t.Fatal(err)
			}
			for n := range file {
				if _, err := Decode(t.Context(), file[:n], Eighth); err == nil {
					t.Fatalf("the first %d of %d bytes were decoded", n, len(file))
				}
				ended := append(bytes.Clone(file[:n]), 0xff, markerEOI)
				img, err := Decode(t.Context(), ended, Full)
				if err == nil && !reflect.DeepEqual(img, whole) && !endsWithAScan(file, n) {
					t.Fatalf("the first %d of %d bytes with an end of image are another picture", n, len(file))
				}
			}
		})
	}
}

// endsWithAScan reports whether a progressive file, cut off after n bytes, ends between two scans, give or take a byte.
// Such a file still has a whole picture, with less detail.
func endsWithAScan(file []byte, n int) bool {
	next := bytes.IndexByte(file[max(0, n-1):], 0xff)
	return bytes.Contains(file, []byte{0xff, markerSOF2}) && next >= 0 && next <= 1
}

func TestBytesBetweenSegments(t *testing.T) {
	file := testFiles(t)["baseline-420"]
	file = bytes.ReplaceAll(file, []byte("\xff\xdb"), []byte("\xff\xff\xff\xdb"))                   // fill bytes
	file = bytes.Replace(file, []byte("\xff\xda"), []byte("stray\xff\x00bytes\xff\xd3\xff\xda"), 1) // libjpeg accepts these
	file = bytes.Replace(file, []byte("\xff\xd9"), []byte("\xff\xd0stray\xff\xff\xd9, and what follows"), 1)
	checkDecode(t, file)
}

// A header may claim any size. Decode must not allocate memory for that size if the file has too few bytes for it.
func TestHeaderClaimsTooMuch(t *testing.T) {
	for _, progressive := range []bool{false, true} {
		e := newEncoder(image.Pt(8, 8), samplings["4:4:4"]...)
		e.progressive = progressive
		scan := script{components: []int{0, 1, 2}}
		if !progressive {
			scan.se = 63
		}
		file := e.encode(scan)
		frame := bytes.Index(file, []byte("\x00\x11\x08\x00\x08\x00\x08\x03"))
		binary.BigEndian.PutUint32(file[frame+3:], 0xffff_ffff)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		wantError(t, file, false)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%d bytes were allocated for a file of %d", n, len(file))
		}
	}
}

func TestInvalidScale(t *testing.T) {
	if _, err := Decode(t.Context(), testFiles(t)["baseline-420"], 3); err == nil || errors.Is(err, ErrUnsupported) {
		t.Errorf("3/8: %v", err)
	}
}

// A file with random changes gives an error or a picture, and never a panic.
func TestNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for name, file := range testFiles(t) {
		for range 60 {
			noisy := bytes.Clone(file)
			for range 1 + rng.IntN(8) {
				noisy[rng.IntN(len(noisy))] ^= 1 << rng.IntN(8)
			}
			for _, scale := range scales {
				if img, err := Decode(t.Context(), noisy, scale); err == nil && img.Bounds().Empty() {
					t.Errorf("%s: an empty picture", name)
				}
			}
		}
	}
}
