package models

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strconv"
)

// ThumbnailSize is the size of the picture that a book's image_url opens, the tutorials' own: it fits a square of so
// many pixels.
const ThumbnailSize = 150

// Cover names the pictures of one upload. The zero Cover is that of a book without one.
type Cover struct {
	Name  string // never used again: what is under it never changes
	Sizes []int  // a picture of each is in the blob store; pixels of the square that it fits, ascending
}

// NewCover returns a cover with a name of 128 random bits, which nobody guesses, and the mark of its library.
func NewCover(mark string, sizes []int) Cover {
	return Cover{Name: randomHex(16) + mark, Sizes: sizes}
}

// NewCoverMark returns the mark of a new library: 64 random bits, so that no two libraries have the same.
func NewCoverMark() string { return randomHex(8) }

func randomHex(bytes int) string {
	random := make([]byte, bytes)
	rand.Read(random) // never fails since Go 1.24: it ends the program instead
	return hex.EncodeToString(random)
}

// Key is the key of a size's picture in the blob store.
func (c Cover) Key(size int) string { return c.Name + "-" + strconv.Itoa(size) + ".jpg" }

// Thumbnail is the key of the thumbnail; empty if there is no cover. Builds that knew of no sizes kept nothing but the
// thumbnail, and its key for the name.
func (c Cover) Thumbnail() string {
	if len(c.Sizes) == 0 {
		return c.Name
	}
	return c.Key(ThumbnailSize)
}

// Keys are the keys of all pictures.
func (c Cover) Keys() []string {
	if len(c.Sizes) == 0 && c.Name != "" {
		return []string{c.Thumbnail()}
	}
	keys := make([]string, len(c.Sizes))
	for i, size := range c.Sizes {
		keys[i] = c.Key(size)
	}
	return keys
}

var keyPattern = regexp.MustCompile(`^([0-9a-f]{32}([0-9a-f]{16})?)-[1-9][0-9]*\.jpg$`)

// CoverOf is the name in the key of a picture of a NewCover, whatever its size. It is empty for any other key: there may
// be blobs of other programs beside ours.
func CoverOf(key string) string {
	match := keyPattern.FindStringSubmatch(key)
	if match == nil {
		return ""
	}
	return match[1]
}

// CoverMarkOf is the mark in the key of a picture of a NewCover. It is empty for a picture of an earlier build, and for
// any other key.
func CoverMarkOf(key string) string {
	match := keyPattern.FindStringSubmatch(key)
	if match == nil {
		return ""
	}
	return match[2]
}
