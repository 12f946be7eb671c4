// Package scaledjpeg decodes a JPEG file at 1/8, 1/4, 1/2 or all of its size, straight from its DCT coefficients, and in
// a fraction of the time and memory that decoding the file and reducing the picture takes. Names and section numbers are
// those of ITU-T Recommendation T.81.
//
// A block of 8×8 samples is stored as 64 coefficients, the low frequencies first. A block of N×N samples needs only the
// N×N lowest of them, put through an inverse DCT of N points:
//
//   - At 1/8 that is the first one, DC: the mean of the block. The other 63 (AC) are passed over, several at a time.
//   - At 1/4 and 1/2 it is a corner of 2×2 or 4×4. What comes after the corner's last coefficient is passed over.
//   - A progressive file keeps the low bits and the high frequencies in scans of their own. At 1/8 the AC scans are not
//     read at all.
//
// Decoded are baseline, extended sequential and progressive files with Huffman coding, 8 bits, in grey or YCbCr. For
// anything else there is ErrUnsupported, and image/jpeg.
package scaledjpeg

import (
	"errors"
	"fmt"
)

// ErrUnsupported is in the chain of every error that says: ask image/jpeg. It stands for what this package does not
// decode (CMYK, RGB, 12 bits, arithmetic coding, lossless and hierarchical files, fractional sampling, a height that
// comes after the pixels), and for deviations from T.81 of which image/jpeg tolerates some. The other errors mean a
// broken file; image/jpeg has no more to say of those.
var ErrUnsupported = errors.New("scaledjpeg: unsupported")

// errTruncated is a file that ends, or an entropy-coded segment that ends, before all is there.
var errTruncated = errors.New("scaledjpeg: the file ends too early")

func unsupported(what string) error { return fmt.Errorf("%w: %s", ErrUnsupported, what) }

func broken(what string) error { return errors.New("scaledjpeg: broken file: " + what) }
