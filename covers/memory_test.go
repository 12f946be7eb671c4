package covers

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"runtime"
	"testing"
)

// allocated returns how many bytes the function do allocates in total, which is at least what it uses at the same time.
func allocated(do func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

var unlimited = Options{Mark: ownMark, Sizes: []int{300, 600}, MaxPixels: 1 << 40, Memory: 1 << 40}

// A job allocates at most the memory that it reserves, and at least the memory that its estimate says is required.
func TestMemoryEstimates(t *testing.T) {
	size := image.Pt(2000, 1500)
	black := pngChunk("tRNS", []byte{0, 0})
	small := image.Rect(500, 500, 1500, 1000)
	wide := withICC(t, image.NewNRGBA(image.Rectangle{Max: size}), iccOf(proPhoto))
	interlacedGIF := gifOf(t, image.NewPaletted(image.Rectangle{Max: size}, color.Palette{color.White}))
	interlacedGIF[bytes.Index(interlacedGIF, []byte{0x2c, 0, 0, 0, 0})+9] |= 0x40
	scaled, whole := (*job).needScaled, (*job).needWhole
	for name, c := range map[string]struct {
		file []byte
		need func(*job) need
	}{
		"JPEG":                 {flatJPEG(image.Pt(3996, 2000), 3, false), scaled}, // at half its size
		"progressive JPEG":     {flatJPEG(image.Pt(3996, 2000), 3, true), scaled},
		"CMYK JPEG":            {flatJPEG(size, 4, false), whole},
		"progressive CMYK":     {flatJPEG(size, 4, true), whole},
		"PNG":                  {flatPNG(size, 8, pngRGBA, false), whole},
		"PNG of 16 bits":       {flatPNG(size, 16, pngRGB, false), whole},
		"grey PNG":             {flatPNG(size, 8, pngGrey, false), whole},
		"grey PNG of 16 bits":  {flatPNG(size, 16, pngGrey, false), whole},
		"grey and transparent": {flatPNG(size, 8, pngGrey, false, black), whole},
		"the same, 16 bits":    {flatPNG(size, 16, pngGrey, false, black), whole},
		"PNG of a palette":     {flatPNG(size, 8, pngPalette, false, pngChunk("PLTE", make([]byte, 3))), whole},
		"interlaced PNG":       {flatPNG(size, 8, pngRGBA, true), whole},
		"interlaced, 16 bits":  {flatPNG(size, 16, pngRGBA, true), whole},
		"GIF":                  {gifOf(t, image.NewPaletted(image.Rectangle{Max: size}, color.Palette{color.White})), whole},
		"interlaced GIF":       {interlacedGIF, whole},
		"WebP":                 {riff(flatVP8(size)), whole},
		"lossless WebP":        {riff(flatVP8L(size, false)), whole},
		"lossless, palette":    {riff(flatVP8L(size, true)), whole},
		"transparent WebP":     {alphaWebP(size), whole},
		"JPEG with profile":    {wide["JPEG"], scaled},
		"PNG with profile":     {wide["PNG"], whole},
		"animated WebP":        {animatedWebP(size, frameOf(image.Rectangle{Max: size}, flatVP8(size))), whole},
		"small frame":          {animatedWebP(size, frameOf(small, flatVP8L(small.Size(), false))), whole},
	} {
		t.Run(name, func(t *testing.T) { wantEstimate(t, c.file, c.need) })
	}
}

func wantEstimate(t *testing.T, file []byte, needOf func(*job) need) {
	t.Helper()
	c := New(nil, unlimited)
	up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
	j := jobOf(t, unlimited, file)
	need := needOf(j)
	share, err := need.share(unlimited.Memory)
	if err != nil {
		t.Fatal(err)
	}
	took := allocated(func() { _, err = c.pictures(up) })
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MB: at least %.1f, at most %.1f", float64(took)/1e6, float64(need.required)/1e6, float64(share)/1e6)
	if took < need.required {
		t.Errorf("%d bytes were allocated, but %d were required", took, need.required)
	}
	if took > share {
		t.Errorf("%d bytes were allocated, the estimate was %d", took, share)
	}
}

// The memory estimate of a lossless WebP includes its groups of prefix codes. A file may consist of hardly anything
// else.
func TestMemoryEstimatesOfPrefixCodes(t *testing.T) {
	for name, group := range map[string]func(*bitWriter){
		"shortest": (*bitWriter).shortCodes,
		"few bits for many symbols": func(w *bitWriter) {
			w.sameLength(11)
			for range 4 {
				w.shortCode()
			}
		},
		"largest": func(w *bitWriter) {
			w.cacheCode()
			for range 3 {
				w.longCode()
			}
			w.shortCode()
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := groupsWebP(group)
			share, err := jobOf(t, unlimited, file).needWhole().share(unlimited.Memory)
			if err != nil {
				t.Fatal(err)
			}
			took := allocated(func() { _, _ = open(t, unlimited).Add(t.Context(), "ada", bytes.NewReader(file)) })
			t.Logf("%.1f of %.1f MB for a file of %.1f kB", float64(took)/1e6, float64(share)/1e6, float64(len(file))/1e3)
			if took > share {
				t.Errorf("%d bytes were allocated, the estimate was %d", took, share)
			}
			if took < maxGroups*2<<10 {
				t.Errorf("%d bytes are too few for %d groups", took, maxGroups)
			}
		})
	}
}

// The default memory budget accepts the usual kinds of pictures up to the limit of pixels.
func TestLargestPicturesFitIntoMemory(t *testing.T) {
	const memory = 256 << 20
	size := image.Pt(8000, 8000)
	for name, file := range map[string][]byte{
		"JPEG":             flatJPEG(size, 3, false),
		"progressive JPEG": flatJPEG(size, 3, true),
		"PNG":              append(pngHeader(size.X, size.Y), pngChunk("IDAT", make([]byte, 10_000))...),
		"GIF":              append(gifHeader(size.X, size.Y), make([]byte, 30_000)...),
		"WebP":             riff(flatVP8L(size, false)),
	} {
		j := jobOf(t, Options{Mark: ownMark, Sizes: []int{300, 600}, MaxPixels: 64_000_000}, file)
		need := j.needWhole()
		if j.format.isJPEG {
			need = j.needScaled()
		}
		if _, err := need.share(memory); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A picture that needs more than the whole memory budget is rejected before it is decoded.
func TestPicturesLargerThanMemory(t *testing.T) {
	for name, c := range map[string]struct {
		file  []byte
		needs int
	}{
		"PNG of 16 bits":   {flatPNG(image.Pt(2000, 2000), 16, pngRGB, false), 31},
		"interlaced PNG":   {flatPNG(image.Pt(2000, 2000), 8, pngRGB, true), 23},
		"progressive CMYK": {flatJPEG(image.Pt(2000, 2000), 4, true), 94},
		"transparent WebP": {alphaWebP(image.Pt(2000, 2000)), 20},
	} {
		t.Run(name, func(t *testing.T) {
			covers := New(nil, Options{Mark: ownMark, MaxPixels: 4_000_000, Memory: 19 << 20})
			var err error
			took := allocated(func() { _, err = covers.Add(t.Context(), "ada", bytes.NewReader(c.file)) })
			wantReason(t, err, fmt.Sprintf("needs %d MiB to be decoded, more than the 19 MiB there are; "+
				"save it smaller, or as a JPEG in RGB", c.needs))
			if took > 1<<20 {
				t.Errorf("%d bytes were allocated", took)
			}
		})
	}
}

// If a file is too short for the number of pixels that it claims, no decoder allocates memory for that number.
func TestShortFileAllocatesLittle(t *testing.T) {
	cmyk := flatJPEG(image.Pt(2000, 2000), 4, true)
	lossy := webpChunk("VP8 ", flatVP8(image.Pt(16, 16))[8:])
	lossy[7] = 0x04 // 64 MiB more
	for name, file := range map[string][]byte{
		"progressive CMYK": cmyk[:200],
		"WebP":             riff(lossy),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			took := allocated(func() { _, err = New(nil, unlimited).Add(t.Context(), "ada", bytes.NewReader(file)) })
			wantReason(t, err, wantWhole)
			if took > 1<<20 {
				t.Errorf("%d bytes were allocated", took)
			}
		})
	}
}
