// Package scaledjpeg decodes a JPEG file at 1/8, 1/4, 1/2 or all of its size, directly from its DCT coefficients. That
// takes a fraction of the time and memory of decoding the whole file and reducing the picture. Names and section numbers
// are those of ITU-T Recommendation T.81.
//
// A block of 8×8 samples is stored as 64 coefficients, the low frequencies first. To make N×N samples from it, an inverse
// DCT of N points needs only the lowest N×N coefficients:
//
//   - At 1/8 it needs the first one, DC, which is the mean of the block. The other 63 (AC) are skipped, several at a time.
//   - At 1/4 and 1/2 it needs a corner of 2×2 or 4×4. The coefficients after the last one of the corner are skipped.
//   - A progressive file has separate scans for low bits and high frequencies. At 1/8 the AC scans are not read at all.
//
// The package decodes baseline, extended sequential and progressive files with Huffman coding and 8 bits, in grey or
// YCbCr. For other files it returns ErrUnsupported, and the caller uses image/jpeg.
package scaledjpeg

import (
	"errors"
	"fmt"
)

// ErrUnsupported is wrapped by the errors for files that image/jpeg may be able to decode. Some of these files have
// features that this package does not support: CMYK, RGB, 12 bits, arithmetic coding, lossless or hierarchical coding,
// fractional sampling, or the height in a DNL segment. Others deviate from T.81 in ways that image/jpeg may tolerate.
// Any other error means a broken file.
var ErrUnsupported = errors.New("scaledjpeg: unsupported")

// errTruncated is returned if the file or an entropy-coded segment ends too early.
var errTruncated = errors.New("scaledjpeg: unexpected end of file")

func unsupported(what string) error { return fmt.Errorf("%w: %s", ErrUnsupported, what) }

func broken(what string) error { return errors.New("scaledjpeg: broken file: " + what) }
