package models

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// ThumbnailSize is the side of the square, in pixels, that contains the picture at a book's image_url. The tutorials
// use the same size.
const ThumbnailSize = 150

// Cover names the pictures made from one upload. A book with the zero Cover has no cover.
type Cover struct {
	Name  string // never reused, so a picture with this name never changes
	Sizes []int  // the sizes of the stored pictures in ascending order; each is the side of a square, in pixels
}

// NewCover returns a cover whose name is 128 random bits followed by the mark of its library. Nobody can guess such a
// name.
func NewCover(mark string, sizes []int) Cover {
	return Cover{Name: randomHex(16) + mark, Sizes: sizes}
}

// NewCoverMark returns the mark of a new library. It has 64 random bits, so each library has its own.
func NewCoverMark() string { return randomHex(8) }

const unfinishedPrefix = "unfinished copy of "

// UnfinishedCopy returns the text that an unfinished copy of a library has instead of a mark. The argument is the
// library's mark.
func UnfinishedCopy(mark string) string { return unfinishedPrefix + mark }

// CopiedMark returns the mark in a text that UnfinishedCopy returned, or an empty string for any other text.
func CopiedMark(text string) string {
	mark, unfinished := strings.CutPrefix(text, unfinishedPrefix)
	if !unfinished {
		return ""
	}
	return mark
}

// ErrUnfinishedCopy is returned for a database that is an unfinished copy of another one.
var ErrUnfinishedCopy = errors.New("this database is an unfinished copy of another one: run the same bookplate copy or restore " +
	"again, or remove the database")

func randomHex(bytes int) string {
	random := make([]byte, bytes)
	rand.Read(random) // never returns an error: since Go 1.24 it ends the program instead
	return hex.EncodeToString(random)
}

// Key returns the key in the blob store of the picture with this size.
func (c Cover) Key(size int) string { return c.Name + "-" + strconv.Itoa(size) + ".jpg" }

// Thumbnail returns the key of the thumbnail, or an empty string if there is no cover. A cover that an older version of
// the server stored has no sizes. Then the cover's name is the key of the thumbnail.
func (c Cover) Thumbnail() string {
	if len(c.Sizes) == 0 {
		return c.Name
	}
	return c.Key(ThumbnailSize)
}

// Keys returns the keys of all pictures in the blob store.
// Keys returns the keys of all pictures in the blob store.
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

// CoverOf returns the name of the cover that a key belongs to. It returns an empty string if NewCover cannot have made
// the name, because other programs may store blobs in the same place.
func CoverOf(key string) string {
	match := keyPattern.FindStringSubmatch(key)
	if match == nil {
		return ""
	}
	return match[1]
}

// CoverMarkOf returns the library's mark in the key of a picture. It returns an empty string for a picture of an older
// version, and for any other key.
func CoverMarkOf(key string) string {
	match := keyPattern.FindStringSubmatch(key)
	if match == nil {
		return ""
	}
	return match[2]
}
