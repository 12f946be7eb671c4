package covers

import (
	"image/color"
	"slices"
)

// What decoding takes is estimated in bytes, and the estimate doubled: the garbage collector lets a heap grow to twice
// what is in use before it runs (GOGC=100).
const collectorShare = 2

// ownMemory is what a job takes beside the decoded upload: pictures of all sizes, encoded ones and tables, in bytes.
const ownMemory = 1 << 20

// memoryScaled is what decodeScaled takes: the file, a byte for each sample of up to three planes at the scale, and of a
// file that may be progressive two more for its coefficient, and 8 for each of its blocks of 64.
func (j *job) memoryScaled() int64 {
	scaled := j.scale().Size(j.size)
	perSample, blocks := int64(3), int64(0)
	if !j.jpeg.sequential {
		perSample, blocks = 9, 3*j.pixels()/64
	}
	return collectorShare * (ownMemory + j.bytes + perSample*int64(scaled.X*scaled.Y) + 8*blocks)
}

// wideModels are the colour models of PNG and WebP whose pixels take 8 bytes while they are decoded; others take 4.
var wideModels = []color.Model{color.Gray16Model, color.RGBA64Model, color.NRGBA64Model, color.NYCbCrAModel}

// memoryWhole is what decodeWhole takes.
func (j *job) memoryWhole() int64 {
	perPixel := int64(4)
	switch {
	case j.format.isJPEG:
		perPixel = j.jpegMemory()
	case slices.Contains(wideModels, j.model):
		perPixel = 8
	}
	factor := int64(j.factor())
	return collectorShare * (ownMemory + perPixel*j.pixels() + reducedMemory*j.pixels()/(factor*factor))
}

// reducedMemory is what a pixel takes that is left after the first reduction: 4 bytes itself, and up to 4 while imaging
// makes a smaller picture of it.
const reducedMemory = 8

// jpegMemory is what image/jpeg takes for a pixel: a byte for each component, 4 more for each of a progressive file, and
// 4 where it converts to RGB or CMYK in the end.
func (j *job) jpegMemory() int64 {
	components, converted := int64(3), int64(0)
	switch j.model {
	case color.GrayModel:
		components = 1
	case color.CMYKModel:
		components, converted = 4, 4
	case color.RGBAModel:
		converted = 4
	}
	if j.jpeg.sequential {
		return components + converted
	}
	return 5*components + converted
}
