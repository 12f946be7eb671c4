package covers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"testing"
)

func TestEveryFormat(t *testing.T) {
	img := picture(400, 300)
	palette := color.Palette{red, green, blue, ochre}
	paletted := image.NewPaletted(img.Rect, palette)
	for i := range paletted.Pix {
		paletted.Pix[i] = uint8(palette.Index(img.NRGBAAt(i%400, i/400)))
	}
	for name, file := range map[string][]byte{
		"JPEG":        jpegOf(t, img),
		"PNG":         pngOf(t, img),
		"PNG palette": pngOf(t, paletted),
		"GIF":         gifOf(t, paletted),
		"progressive": testdata(t, "progressive.jpg"),
	} {
		t.Run(name, func(t *testing.T) {
			thumbnail := addAndDecode(t, file)
			wantSize(t, thumbnail, 150, 113)
			wantQuarters(t, thumbnail, [4]color.NRGBA{red, green, blue, ochre})
		})
	}
}

func TestWebP(t *testing.T) {
	left, right := color.NRGBA{0x60, 0x10, 0x90, 0xff}, color.NRGBA{0x60, 0xc0, 0x90, 0xff}
	thumbnail := addAndDecode(t, losslessWebP(200, 400, left, right))
	wantSize(t, thumbnail, 75, 150)
	wantQuarters(t, thumbnail, [4]color.NRGBA{left, right, left, right})
}

// A lossy WebP stores luma from 16 to 235, as video does. Black and white must stay black and white.
func TestLossyWebP(t *testing.T) {
	black := color.NRGBA{0, 0, 0, 0xff}
	thumbnail := addAndDecode(t, testdata(t, "lossy.webp"))
	wantSize(t, thumbnail, 150, 113)
	wantQuarters(t, thumbnail, [4]color.NRGBA{black, white, red, blue})

	pale := color.NRGBA{0x8f, 0x9f, 0xdf, 0xff} // half blue
	wantQuarters(t, addAndDecode(t, testdata(t, "lossy-alpha.webp")), [4]color.NRGBA{black, white, white, pale})
}

func TestGreyAndCMYKJPEG(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range grey.Pix {
		grey.Pix[i] = 0x70
	}
	c := color.NRGBA{0x70, 0x70, 0x70, 0xff}
	wantQuarters(t, addAndDecode(t, jpegOf(t, grey)), [4]color.NRGBA{c, c, c, c})

	c = color.NRGBA{0xff, 0x80, 0x00, 0xff} // no cyan, half the magenta, all the yellow, no black
	wantQuarters(t, addAndDecode(t, cmykJPEG([4]int{0, 0x7f, 0xff, 0})), [4]color.NRGBA{c, c, c, c})
}

func TestTransparencyIsFlattenedOnWhite(t *testing.T) {
	clear, half := color.NRGBA{}, color.NRGBA{0, 0, 0xff, 0x80}
	pale := color.NRGBA{0x7f, 0x7f, 0xff, 0xff}
	img := quarters(300, 300, [4]color.NRGBA{clear, half, red, clear})
	wantQuarters(t, addAndDecode(t, pngOf(t, img)), [4]color.NRGBA{white, pale, red, white})

	left, right := color.NRGBA{0, 0, 0, 0}, color.NRGBA{0, 0xff, 0, 0}
	webp := losslessWebP(40, 40, left, right)
	wantQuarters(t, addAndDecode(t, webp), [4]color.NRGBA{white, white, white, white})
}

func TestAnimatedGIFUsesFirstFrame(t *testing.T) {
	animation := &gif.GIF{}
	for _, c := range []color.Color{red, blue} {
		animation.Image = append(animation.Image, image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{c}))
		animation.Delay = append(animation.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, animation); err != nil {
		t.Fatal(err)
	}
	wantQuarters(t, addAndDecode(t, b.Bytes()), [4]color.NRGBA{red, red, red, red})
}

func TestAnimatedWebPUsesFirstFrame(t *testing.T) {
	size := image.Pt(200, 150)
	whole := image.Rectangle{Max: size}
	left, right := color.NRGBA{0x60, 0x10, 0x90, 0xff}, color.NRGBA{0x60, 0xc0, 0x90, 0xff}
	other := frameOf(whole, chunksOf(losslessWebP(200, 150, blue, color.NRGBA{blue.R, 0xff, blue.B, 0xff})))
	thumbnail := addAndDecode(t, animatedWebP(size, frameOf(whole, chunksOf(losslessWebP(200, 150, left, right))), other))
	wantSize(t, thumbnail, 150, 113)
	wantQuarters(t, thumbnail, [4]color.NRGBA{left, right, left, right})

	black := color.NRGBA{0, 0, 0, 0xff}
	still := testdata(t, "lossy.webp")
	size = jobOf(t, small, still).size
	whole = image.Rectangle{Max: size}
	thumbnail = addAndDecode(t, animatedWebP(size, frameOf(whole, chunksOf(still)), other))
	wantQuarters(t, thumbnail, [4]color.NRGBA{black, white, red, blue})

	still = testdata(t, "lossy-alpha.webp")
	pale := color.NRGBA{0x8f, 0x9f, 0xdf, 0xff} // half blue
	size = jobOf(t, small, still).size
	whole = image.Rectangle{Max: size}
	thumbnail = addAndDecode(t, animatedWebP(size, frameOf(whole, chunksOf(still)[extendedHeader:]), other))
	wantQuarters(t, thumbnail, [4]color.NRGBA{black, white, white, pale})
}

// If the first frame of an animation is smaller than the canvas, the rest of the picture is white.
func TestSmallFrameOfAnimatedWebP(t *testing.T) {
	size := image.Pt(40, 30)
	for name, pixels := range map[string][]byte{
		"lossy":             flatVP8(size),
		"lossy transparent": chunksOf(alphaWebP(size))[extendedHeader:],
		"lossless":          chunksOf(losslessWebP(40, 30, red, color.NRGBA{red.R, red.G + 1, red.B, red.A})),
	} {
		t.Run(name, func(t *testing.T) {
			whole := addAndDecode(t, animatedWebP(size, frameOf(image.Rectangle{Max: size}, pixels)))
			colour := color.NRGBAModel.Convert(whole.At(20, 15)).(color.NRGBA)
			thumbnail := addAndDecode(t, animatedWebP(size.Mul(2), frameOf(image.Rectangle{Min: size, Max: size.Mul(2)}, pixels)))
			wantSize(t, thumbnail, 80, 60)
			wantQuarters(t, thumbnail, [4]color.NRGBA{white, white, white, colour})
		})
	}
}

func TestDamagedAnimatedWebP(t *testing.T) {
	size := image.Pt(40, 30)
	whole := image.Rectangle{Max: size}
	pixels := chunksOf(losslessWebP(40, 30, red, color.NRGBA{red.R, 0xff, red.B, 0xff}))
	addAndDecode(t, animatedWebP(size, frameOf(whole, pixels)))
	long := frameOf(whole, pixels)
	long[7] = 0x01 // 16 MiB more
	short := frameOf(whole, pixels)
	binary.LittleEndian.PutUint32(short[4:], uint32(len(short)-8-2))
	for name, file := range map[string][]byte{
		"no frame":             animatedWebP(size),
		"frame beyond canvas":  animatedWebP(size, frameOf(whole.Add(image.Pt(2, 0)), pixels)),
		"larger pixels":        animatedWebP(size, frameOf(image.Rect(0, 0, 20, 20), pixels)),
		"smaller pixels":       animatedWebP(size.Mul(2), frameOf(image.Rectangle{Max: size.Mul(2)}, pixels)),
		"no pixels":            animatedWebP(size, frameOf(whole), frameOf(whole, pixels)),
		"frame without header": animatedWebP(size, webpChunk("ANMF", make([]byte, 14)), pixels),
		"frame beyond file":    animatedWebP(size, long),
		"pixels beyond frame":  animatedWebP(size, short),
		"cut":                  animatedWebP(size, frameOf(whole, pixels))[:60],
	} {
		t.Run(name, func(t *testing.T) { wantRejected(t, file, wantWhole) })
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{
		{4032, 3024, 150, 113}, // 112.5: rounded, not truncated
		{3024, 4032, 113, 150},
		{2000, 1000, 150, 75},
		{151, 151, 150, 150},
		{151, 10, 150, 10},
		{150, 150, 150, 150},
		{40, 30, 40, 30}, // never enlarged
		{1, 1, 1, 1},
		{65535, 1, 150, 1}, // at least 1
		{1, 65535, 1, 150},
		{149, 300, 75, 150}, // 74.5
	} {
		if got := fit(image.Pt(c.width, c.height), 150); got != image.Pt(c.wantWidth, c.wantHeight) {
			t.Errorf("%d×%d became %v, want %d×%d", c.width, c.height, got, c.wantWidth, c.wantHeight)
		}
	}
}

func TestOnePixelWide(t *testing.T) {
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{
		{1, 1, 1, 1}, {1, 5000, 1, 150}, {5000, 1, 150, 1}, {1, maxSide, 1, 150}, {2, 2, 2, 2},
	} {
		t.Run(fmt.Sprintf("%d×%d", c.width, c.height), func(t *testing.T) {
			grey := image.NewGray(image.Rect(0, 0, c.width, c.height))
			wantSize(t, addAndDecode(t, pngOf(t, grey)), c.wantWidth, c.wantHeight)
			wantSize(t, addAndDecode(t, jpegOf(t, grey)), c.wantWidth, c.wantHeight)
		})
	}
}

// A file can be a picture and a web page at the same time. Only the pixels of an upload are served, and everything else
// is removed.
func TestOnlyPixelsAreServed(t *testing.T) {
	const page = "<script>alert(1)</script>"
	comment := append([]byte{0xff, 0xfe, 0, byte(2 + len(page))}, page...)
	gps := append([]byte{0xff, 0xe1, 0, 2 + 6 + 7}, "Exif\x00\x00GPS52N1"...)
	file := jpegOf(t, picture(100, 100))
	file = bytes.Join([][]byte{file[:2], comment, gps, file[2:], []byte(page)}, nil)

	served := add(t, open(t, small), file)
	for _, trace := range []string{"script", "Exif", "GPS", "Adobe", "JFIF"} {
		if bytes.Contains(served, []byte(trace)) {
			t.Errorf("the served picture contains %q", trace)
		}
	}
	if !bytes.HasPrefix(served, []byte{0xff, 0xd8}) || !bytes.HasSuffix(served, []byte{0xff, 0xd9}) {
		t.Error("the served picture is not a complete JPEG")
	}
}
