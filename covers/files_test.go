package covers

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var (
	red   = color.NRGBA{0xd0, 0x20, 0x20, 0xff}
	green = color.NRGBA{0x20, 0xa0, 0x40, 0xff}
	blue  = color.NRGBA{0x20, 0x40, 0xc0, 0xff}
	ochre = color.NRGBA{0xe0, 0xb0, 0x30, 0xff}
	white = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// quarters returns a picture whose quarters have these colours: top left, top right, bottom left and bottom right.
func quarters(width, height int, colours [4]color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, c := range colours {
		x, y := i%2, i/2
		r := image.Rect(width*x/2, height*y/2, width*(x+1)/2, height*(y+1)/2)
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return img
}

func picture(width, height int) *image.NRGBA {
	return quarters(width, height, [4]color.NRGBA{red, green, blue, ochre})
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testdata returns the content of a file in the folder testdata. Pillow made these files, because Go has no encoder for
// their formats.
func testdata(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// losslessWebP returns a WebP file. The left half of its picture has one colour and the right half another. They differ
// only in green, and left.G must be less than right.G. The file has no transforms, no colour cache and one group of
// five prefix codes (WebP lossless bitstream specification, sections 3 to 6).
func losslessWebP(width, height int, left, right color.NRGBA) []byte {
	var b bitWriter
	b.header(image.Pt(width, height))
	b.put(0, 3)     // no transform, no colour cache, no meta prefix codes
	b.put(0b111, 3) // a simple code of two symbols, the first of 8 bits
	b.put(int(left.G), 8)
	b.put(int(right.G), 8)
	for _, symbol := range []uint8{left.R, left.B, left.A} {
		b.put(0b101, 3) // a simple code of one symbol of 8 bits
		b.put(int(symbol), 8)
	}
	b.put(0b0001, 4) // the code of distances: one symbol of 1 bit, 0
	for range height {
		for x := range width {
			b.put(min(1, x/((width+1)/2)), 1)
		}
	}
	return riff(webpChunk("VP8L", b.bytes))
}

// riff returns a WebP file that consists of these chunks.
func riff(chunks ...[]byte) []byte {
	content := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(content))), content...)
}

// animatedWebP returns an animated WebP. The frames are ANMF chunks, as frameOf returns them.
func animatedWebP(canvas image.Point, frames ...[]byte) []byte {
	const animation = 1 << 1
	x := append([]byte{animation, 0, 0, 0}, uint24(canvas.X-1)...)
	x = append(x, uint24(canvas.Y-1)...)
	chunks := [][]byte{webpChunk("VP8X", x), webpChunk("ANIM", []byte{0, 0, 0, 0, 0, 0})}
	return riff(append(chunks, frames...)...)
}

// frameOf returns the ANMF chunk of a frame of an animated WebP (RFC 9649, section 2.7.1.1). chunks has the chunks with
// the pixels of the frame.
func frameOf(bounds image.Rectangle, chunks ...[]byte) []byte {
	var content []byte
	for _, n := range []int{bounds.Min.X / 2, bounds.Min.Y / 2, bounds.Dx() - 1, bounds.Dy() - 1, 100} {
		content = append(content, uint24(n)...)
	}
	content = append(content, 0) // blended with the canvas, and not disposed of
	return webpChunk("ANMF", append(content, bytes.Join(chunks, nil)...))
}

// extendedHeader is the length of a VP8X chunk with its header, in bytes.
const extendedHeader = 18

// chunksOf returns the chunks of a WebP file, without the file's header.
func chunksOf(file []byte) []byte { return file[len("RIFF????WEBP"):] }

func uint24(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }

func webpChunk(fourCC string, content []byte) []byte {
	if len(content)%2 == 1 {
		content = append(content, 0)
	}
	return append(binary.LittleEndian.AppendUint32([]byte(fourCC), uint32(len(content))), content...)
}

// bitWriter writes bits, starting with the lowest bit of each byte.
type bitWriter struct {
	bytes []byte
	n     int
}

func (w *bitWriter) put(value, bits int) {
	for i := range bits {
		if w.n%8 == 0 {
			w.bytes = append(w.bytes, 0)
		}
		w.bytes[w.n/8] |= byte(value>>i&1) << (w.n % 8)
		w.n++
	}
}

// The functions below return files that consist only of a header with this size, and have no pixels.

func jpegHeader(width, height int) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), 3}
	b = append(b, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
	return append(b, 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0) // the pixels would follow
}

func pngHeader(width, height int) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), uint32(width))
	ihdr = binary.BigEndian.AppendUint32(ihdr, uint32(height))
	ihdr = append(ihdr, 8, 6, 0, 0, 0) // 8 bits, RGBA
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func gifHeader(width, height int) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("GIF89a"), uint16(width))
	return append(binary.LittleEndian.AppendUint16(b, uint16(height)), 0, 0, 0)
}

func webpHeader(width, height int) []byte {
	w, h := width-1, height-1
	x := []byte{0, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)}
	return riff(webpChunk("VP8X", x))
}
