package covers

import (
	"fmt"
	"image"
)

// gcFactor is the ratio of the memory that a job reserves to the memory that it uses. The rest is for garbage. With
// GOGC=400, the garbage collector hardly runs until the heap is near the memory limit, which is COVER_MEMORY or
// slightly more (limitMemory in cmd_serve.go). If there were no room for garbage, the collector would then run all the
// time.
const gcFactor = 2

// baseMemory is the memory, in bytes, that a job uses in addition to the decoded upload: for the reduced pictures, the
// encoded pictures and tables.
const baseMemory = 1 << 20

// need is an estimate of the memory, in bytes, that a decoder uses.
type need struct {
	required int64 // always in use while the picture is decoded
	extra    int64 // only needed by some pictures
}

// share returns how much of the memory budget a job reserves: its estimated need, or the whole budget if the estimate
// is larger. The error is Invalid if the decoder requires more than the whole budget.
func (n need) share(memory int64) (int64, error) {
	if n.required > memory {
		return 0, reject(fmt.Sprintf("needs %d MiB to be decoded, more than the %d MiB there are; "+
			"save it smaller, or as a JPEG in RGB", ceilMiB(n.required), memory>>20))
	}
	return min(memory, gcFactor*(baseMemory+n.required+n.extra)), nil
}

func ceilMiB(n int64) int64 { return (n + 1<<20 - 1) >> 20 }

// needScaled estimates the memory of decodeScaled: the file, and one byte per sample of up to three scaled planes. If
// the file may be progressive, the coefficients take two more bytes per sample and 8 bytes per block of 64.
func (j *job) needScaled() need {
	perSample, blocks := int64(3), int64(0)
	if !j.jpeg.sequential {
		perSample, blocks = 9, 3*area(j.size)/64
	}
	return need{required: j.bytes + perSample*area(j.scale().Size(j.size)) + 8*blocks, extra: j.convertedMemory()}
}

// bytesPerReducedPixel is the memory per pixel of a picture that decodeWhole has reduced. A pixel has 4 bytes, and
// package imaging needs up to 4 more to reduce the picture further.
const bytesPerReducedPixel = 8

// needWhole estimates the memory of decodeWhole.
func (j *job) needWhole() need {
	factor := int64(j.factor())
	return need{required: j.decoded, extra: j.tables + bytesPerReducedPixel*area(j.size)/(factor*factor) + j.convertedMemory()}
}

// convertedMemory is the memory, in bytes, for converting the largest picture to sRGB. It is 0 if the colours are not
// converted.
func (j *job) convertedMemory() int64 {
	if j.profile == nil {
		return 0
	}
	return bytesPerReducedPixel * area(fit(j.upright(), j.largest()))
}

// area returns the number of pixels of a size.
func area(size image.Point) int64 { return int64(size.X) * int64(size.Y) }
