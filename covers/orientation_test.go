package covers

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"reflect"
	"testing"
)

// exif returns a TIFF structure whose first directory has an image width and this orientation.
func exif(order binary.AppendByteOrder, o uint16) []byte {
	magic := "MM\x00*"
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		magic = "II*\x00"
	}
	b := order.AppendUint32([]byte(magic), 8)
	b = order.AppendUint16(b, 2)
	for _, entry := range [][2]uint16{{0x0100, 300}, {0x0112, o}} {
		b = order.AppendUint16(b, entry[0])
		b = order.AppendUint16(b, 3) // short
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, entry[1])
		b = order.AppendUint16(b, 0)
	}
	return order.AppendUint32(b, 0)
}

func app1(content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(body))), body...)
}

// afterSOI inserts segments at the start of a JPEG.
func afterSOI(jpeg []byte, segments ...[]byte) []byte {
	return bytes.Join([][]byte{jpeg[:2], bytes.Join(segments, nil), jpeg[2:]}, nil)
}

var exifHeader = []byte("Exif\x00\x00")

// Each orientation is tested with a picture that has a colour in each corner. Exif 2.32 says where each corner is
// stored. For example, orientation 6 stores the visual right side as the first row and the visual top as the first
// column.
func TestOrientations(t *testing.T) {
	tl, tr, bl, br := red, green, blue, ochre
	stored := map[uint16][4]color.NRGBA{
		0: {tl, tr, bl, br}, // undefined: not turned
		1: {tl, tr, bl, br},
		2: {tr, tl, br, bl},
		3: {br, bl, tr, tl},
		4: {bl, br, tl, tr},
		5: {tl, bl, tr, br},
		6: {tr, br, tl, bl},
		7: {br, tr, bl, tl},
		8: {bl, tl, br, tr},
		9: {tl, tr, bl, br},
	}
	for o, colours := range stored {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			t.Run(fmt.Sprintf("%d %v", o, order), func(t *testing.T) {
				width, height := 400, 200
				if o >= 5 && o <= 8 {
					width, height = height, width
				}
				file := jpegOf(t, quarters(width, height, colours))
				img := addAndDecode(t, afterSOI(file, app1(exifHeader, exif(order, o))))
				wantSize(t, img, 150, 75)
				wantQuarters(t, img, [4]color.NRGBA{tl, tr, bl, br})

				plain := rgbPicture{flatten(quarters(width, height, colours), image.Pt(width, height), 1), turns[orientation(o)]}
				img = plain.Lanczos(image.Pt(150, 75))
				wantSize(t, img, 150, 75)
				wantQuarters(t, img, [4]color.NRGBA{tl, tr, bl, br})
			})
		}
	}
}

func TestReadJPEG(t *testing.T) {
	file := jpegOf(t, picture(8, 8))
	good := app1(exifHeader, exif(binary.BigEndian, 6))
	other := app1(exifHeader, exif(binary.BigEndian, 3))
	progressive := testdata(t, "progressive.jpg")
	xmp := app1([]byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>"))
	farDirectory := exif(binary.BigEndian, 6)
	copy(farDirectory[4:], "\xff\xff\xff\xff")
	manyEntries := exif(binary.BigEndian, 6)
	copy(manyEntries[8:], "\xff\xff")
	manyEntries[0x17] = 0x13 // no orientation among them

	for name, c := range map[string]struct {
		file       []byte
		want       orientation
		sequential bool
	}{
		"after XMP":                     {afterSOI(file, xmp, good), 6, true},
		"after fill bytes":              {afterSOI(file, []byte{0xff, 0xff}, good), 6, true},
		"the first of two":              {afterSOI(file, good, other), 6, true},
		"none":                          {file, upright, true},
		"only XMP":                      {afterSOI(file, xmp), upright, true},
		"after the pixels":              {append(bytes.Clone(file), good...), upright, true},
		"cut short":                     {afterSOI(file, good)[:20], upright, false},
		"empty directory":               {afterSOI(file, app1(exifHeader, []byte("MM\x00*\x00\x00\x00\x08"))), upright, true},
		"directory beyond the end":      {afterSOI(file, app1(exifHeader, farDirectory)), upright, true},
		"more entries than there are":   {afterSOI(file, app1(exifHeader, manyEntries)), upright, true},
		"unknown byte order":            {afterSOI(file, app1(exifHeader, []byte("XX\x00*\x00\x00\x00\x08\x00\x01"))), upright, true},
		"a segment shorter than itself": {afterSOI(file, []byte{0xff, 0xe1, 0, 1}, good), upright, false},
		"bytes between segments":        {afterSOI(file, []byte{0}, good), upright, false},
		"a marker without a segment":    {afterSOI(file, []byte{0xff, 0xd0}, good), upright, false},
		"stuffing":                      {afterSOI(file, []byte{0xff, 0x00}, good), upright, false},
		"progressive":                   {progressive, upright, false},
		"nothing":                       {nil, upright, false},
	} {
		want := jpegInfo{turn: turns[c.want], sequential: c.sequential}
		if got := readJPEG(bufio.NewReader(bytes.NewReader(c.file))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
