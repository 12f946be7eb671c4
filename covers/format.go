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

// format is a kind of picture that is accepted, with its own decoder. image.Decode is never called: it also knows the
// formats that imported packages register, and imaging registers TIFF and BMP (CVE-2023-36308 was a TIFF named .jpg).
type format struct {
	magic  string // how a file begins; '?' stands for any byte
	config func(io.Reader) (image.Config, error)
	look   func(*job, *bufio.Reader) error      // finds out what else there is to know before the file is decoded
	decode func(io.Reader) (image.Image, error) // of a GIF, the first frame
	isJPEG bool
}

var formats = []format{
	{"\xff\xd8\xff", jpeg.DecodeConfig, (*job).lookAtJPEG, jpeg.Decode, true},
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, (*job).lookAtPNG, png.Decode, false},
	{"GIF87a", gif.DecodeConfig, (*job).lookAtGIF, gif.Decode, false},
	{"GIF89a", gif.DecodeConfig, (*job).lookAtGIF, gif.Decode, false},
	{"RIFF????WEBPVP8", webp.DecodeConfig, (*job).lookAtWebP, decodeWebP, false},
}

// maxMagic is the length of the longest magic.
const maxMagic = 15

// sniff finds the format by the first bytes of a file; its name and its media type are the client's word and count for
// nothing.
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

// lookAtGIF knows what a GIF takes: a byte for each pixel, and as much again where the rows are not in order.
func (j *job) lookAtGIF(*bufio.Reader) error {
	j.decoded, j.tables = area(j.size), area(j.size)
	return nil
}
