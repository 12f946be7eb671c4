package covers

import (
	"fmt"
	"image"
)

// collectorShare is by how much a job's share of the memory is larger than what the job has in use at one time. The
// other half is for garbage, which the collector lets lie (GOGC=400) until all comes near the memory limit,
// COVER_MEMORY or little more (limitMemory in cmd_serve.go). With all of that in use, it would do nothing but run.
const collectorShare = 2

// ownMemory is what a job takes beside the decoded upload: pictures of all sizes, encoded ones and tables, in bytes.
const ownMemory = 1 << 20

// need is what one way of decoding takes, in bytes.
type need struct {
	held  int64 // what the decoder cannot do without, at one time
	extra int64 // what may come on top
}

// share is what a job is given of the memory, one that needs more than there is all of it. A picture of which the
// decoder alone would need more is refused.
func (n need) share(memory int64) (int64, error) {
	if n.held > memory {
		return 0, refuse(fmt.Sprintf("needs %d MiB to be decoded, more than the %d MiB there are; "+
			"save it smaller, or as a JPEG in RGB", ceilMiB(n.held), memory>>20))
	}
	return min(memory, collectorShare*(ownMemory+n.held+n.extra)), nil
}

func ceilMiB(n int64) int64 { return (n + 1<<20 - 1) >> 20 }

// needScaled is what decodeScaled takes: the file, a byte for each sample of up to three planes at the scale, and of a
// file that may be progressive two more for its coefficient, and 8 for each of its blocks of 64.
func (j *job) needScaled() need {
	perSample, blocks := int64(3), int64(0)
	if !j.jpeg.sequential {
		perSample, blocks = 9, 3*area(j.size)/64
	}
	return need{held: j.bytes + perSample*area(j.scale().Size(j.size)) + 8*blocks}
}

// reducedMemory is what a pixel takes that is left after the first reduction: 4 bytes itself, and up to 4 while imaging
// makes a smaller picture of it.
const reducedMemory = 8

// needWhole is what decodeWhole takes.
func (j *job) needWhole() need {
	factor := int64(j.factor())
	return need{held: j.decoded, extra: j.tables + reducedMemory*area(j.size)/(factor*factor)}
}

// area is how many pixels a picture of a size has.
func area(size image.Point) int64 { return int64(size.X) * int64(size.Y) }
