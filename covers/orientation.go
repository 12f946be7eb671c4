package covers

import (
	"encoding/binary"

	"bookplate/covers/internal/planes"
)

// orientation is the orientation of a camera as EXIF numbers it (Exif 2.32, tag 274).
type orientation uint16

const upright orientation = 1

// turns maps an orientation to the turn that makes the picture upright. Orientation 1 and undefined values are not in
// the map, because they need no turn.
var turns = map[orientation]planes.Turn{
	2: {MirrorX: true},
	3: {MirrorX: true, MirrorY: true},
	4: {MirrorY: true},
	5: {Transpose: true},
	6: {Transpose: true, MirrorX: true},
	7: {Transpose: true, MirrorX: true, MirrorY: true},
	8: {Transpose: true, MirrorY: true},
}

// tiffOrientation returns the orientation in the first directory of an EXIF segment, which is a TIFF structure (TIFF
// 6.0, section 2). It returns the orientation upright if there is none.
func tiffOrientation(tiff []byte) orientation {
	const headerSize, countSize, entrySize, tag, short = 8, 2, 12, 0x0112, 3
	if len(tiff) < headerSize {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+countSize > int64(len(tiff)) {
		return upright
	}
	entries := tiff[start+countSize:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < entrySize {
			return upright
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			return orientation(order.Uint16(entries[8:]))
		}
		entries = entries[entrySize:]
	}
	return upright
}
