package covers

import (
	"errors"
	"fmt"

	"bookplate/models"
)

// maxSide is the longest side of a picture, in pixels: all that JPEG and GIF can express. Without it a PNG of one pixel's
// width passes any cap of pixels, and imaging's tables of weights, 96 bytes per source pixel of a side, take gigabytes.
const maxSide = 65535

// checkSize refuses pictures that are too large. It divides, because the product of what a header claims may overflow.
func checkSize(width, height, maxPixels int64) error {
	switch {
	case width <= 0 || height <= 0:
		return damaged(errors.New("the header has no size"))
	case max(width, height) > maxSide:
		return refuse(fmt.Sprintf("is %d×%d pixels; a side may have at most %d", width, height, maxSide))
	case width > maxPixels/height:
		return refuse(fmt.Sprintf("has %d pixels; at most %d are accepted", width*height, maxPixels))
	}
	return nil
}

// refuse is the Error for a file that is no cover; the reason says what to do about it.
func refuse(reason string) error {
	return models.InvalidFields(models.Fields{"cover_image": reason})
}

// damaged is the Error for a picture that its decoder does not read. The decoder's words are for the log.
func damaged(cause error) error {
	err := refuse("is damaged or of an unusual kind; save it anew as a JPEG or PNG picture")
	return fmt.Errorf("%w: %w", err, cause)
}
