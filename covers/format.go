package covers

import (
	"bufio"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// format is an accepted file format with its decoder. The program never calls image.Decode, because that function
// decodes every format that an imported package registers. Package imaging registers TIFF and BMP (CVE-2023-36308 was a
// TIFF named .jpg).
type format struct {
	magic   string // the first bytes of a file; '?' matches any byte
	config  func(io.Reader) (image.Config, error)
	inspect func(*job, *bufio.Reader) error      // reads what else is needed before decoding
	decode  func(io.Reader) (image.Image, error) // decodes the picture, or the first frame of a GIF
	isJPEG  bool
}

var formats = []format{
	{"\xff\xd8\xff", jpeg.DecodeConfig, (*job).inspectJPEG, jpeg.Decode, true},
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, (*job).inspectPNG, png.Decode, false},
	{"GIF87a", gif.DecodeConfig, (*job).inspectGIF, gif.Decode, false},
	{"GIF89a", gif.DecodeConfig, (*job).inspectGIF, gif.Decode, false},
	{"RIFF????WEBPVP8", webp.DecodeConfig, (*job).inspectWebP, decodeWebP, false},
}

// maxMagic is the length of the longest magic.
const maxMagic = 15

// sniff returns the format that the first bytes of a file belong to. The client's file name and media type are ignored.
func sniff(head []byte) (format, bool) {
	for _, f := range formats {
		if f.matches(head) {
			return f, true
		}
	}
	return format{}, false
}

func (f format) matches(head []byte) bool {
	if len(head) < len(f.magic) {
		return false
	}
	for i := range len(f.magic) {
		if f.magic[i] != '?' && f.magic[i] != head[i] {
			return false
		}
	}
	return true
}

// gifPixelsPerByte is the maximum number of pixels per byte of a GIF. An LZW code of 12 bits stands for at most 2^12
// pixels. Encoders reach 1300 pixels per byte.
const gifPixelsPerByte = 1 << 12 * 8 / 12

// inspectGIF sets the memory that decoding a GIF needs: one byte per pixel, and one more while the rows of an
// interlaced GIF are sorted.
func (j *job) inspectGIF(*bufio.Reader) error {
	if err := j.checkLength(gifPixelsPerByte); err != nil {
		return err
	}
	j.decoded, j.tables = area(j.size), area(j.size)
	return nil
}
