package covers

import (
	"errors"
	"fmt"

	"bookplate/models"
)

// maxSide is the longest allowed side of a picture, in pixels. JPEG and GIF cannot have a longer one, but PNG can. The
// limit on the number of pixels does not exclude a PNG that is one pixel wide and extremely long. To resize it, package
// imaging would need gigabytes for its filter weights: 96 bytes for each pixel of the long side.
const maxSide = 65535

// checkSize rejects pictures that are too large. It divides because multiplying the sides could overflow.
func checkSize(width, height, maxPixels int64) error {
	switch {
	case width <= 0 || height <= 0:
		return damaged(errors.New("the header has no size"))
	case max(width, height) > maxSide:
		return reject(fmt.Sprintf("is %d×%d pixels; a side may have at most %d", width, height, maxSide))
	case width > maxPixels/height:
		return reject(fmt.Sprintf("has %d pixels; at most %d are accepted", width*height, maxPixels))
	}
	return nil
}

// errTooShort is the cause of rejecting a file that is too short for its pixels.
var errTooShort = errors.New("the file is too short for its pixels")

// checkLength returns errTooShort if the file has more pixels per byte than its format allows. Otherwise a file of a
// few bytes could take as long to decode as a photograph. Each format's limit is higher than the ratio that encoders
// reach with a white picture.
func (j *job) checkLength(pixelsPerByte int64) error {
	if j.bytes*pixelsPerByte < area(j.size) {
		return errTooShort
	}
	return nil
}

// reject returns an Invalid error for the field cover_image. The reason is shown to the user.
func reject(reason string) error {
	return models.InvalidFields(models.Fields{"cover_image": reason})
}

// damaged returns an Invalid error for a picture that cannot be decoded. The cause is only logged.
func damaged(cause error) error {
	err := reject("is damaged or of an unusual kind; save it anew as a JPEG or PNG picture")
	return fmt.Errorf("%w: %w", err, cause)
}
