package jacket

import "image/color"

// shade is an opaque colour, 0xRRGGBB.
type shade uint32

// rgba returns the colour for package image.
func (s shade) rgba() color.RGBA {
	return color.RGBA{uint8(s >> 16), uint8(s >> 8), uint8(s), 0xff} //nolint:gosec // one byte each
}

// palette is the colours of a jacket. Text is light on the colours ground or deep, or deep on light. The colours accent and
// second are for decoration only.
type palette struct{ ground, deep, light, accent, second shade }

var palettes = []palette{
	{0x1d3557, 0x0f1d33, 0xf6eedf, 0xe0a458, 0x8ba6b8}, // navy and gold
	{0x24503f, 0x12291f, 0xf4efdc, 0xd9a441, 0x7fa08a}, // forest
	{0x7a2331, 0x3a0f17, 0xf7ebdd, 0xe3a857, 0xc77d6e}, // oxblood
	{0x0f5c63, 0x06292d, 0xf3efe2, 0xf2a65a, 0x7db8b0}, // teal and orange
	{0x4b2a55, 0x23122a, 0xf5ecdf, 0xd99a6c, 0xa583ae}, // plum
	{0x2f3640, 0x15191f, 0xf2ede3, 0xe2b04a, 0x8d99a6}, // slate
	{0xa1452c, 0x3d1a10, 0xfaf0e0, 0xf0b866, 0x2e6f73}, // terracotta
	{0x2b3f73, 0x141f3b, 0xf7f0e4, 0xee7c5f, 0x9fb0d6}, // blue and coral
	{0x59602b, 0x2a2e12, 0xf6f0da, 0xd98f3e, 0xa9ad72}, // olive
	{0x171c33, 0x0a0d1c, 0xf3ecd9, 0xc9a24b, 0x5f6b94}, // night
	{0x9c3556, 0x3f1424, 0xfbeee4, 0xf3b58b, 0xd8879e}, // rose
	{0x37595f, 0x172a2e, 0xeff0e6, 0xc8553d, 0x93b1a7}, // sea and brick
}
