package models

import (
	"fmt"
	"strconv"
	"strings"
)

// ThumbnailSize is the size of the picture that a book's image_url opens, the tutorials' own: it fits a square of so
// many pixels.
const ThumbnailSize = 150

// Cover names the pictures of one upload. The zero Cover is that of a book without one.
type Cover struct {
	Name  string // random, and never used again: what is under it never changes
	Sizes []int  // a picture of each is in the blob store; pixels of the square that it fits, ascending
}

// Key is the key of a size's picture in the blob store.
func (c Cover) Key(size int) string { return fmt.Sprintf("%s-%d.jpg", c.Name, size) }

// Keys are the keys of all pictures.
func (c Cover) Keys() []string {
	keys := make([]string, len(c.Sizes))
	for i, size := range c.Sizes {
		keys[i] = c.Key(size)
	}
	return keys
}

// CoverOf is the name in a picture's key, whatever its size. It is empty for a key that is not of Cover's making.
func CoverOf(key string) string {
	i := strings.LastIndexByte(key, '-')
	if i < 0 {
		return ""
	}
	size, err := strconv.Atoi(strings.TrimSuffix(key[i+1:], ".jpg"))
	if err != nil || (Cover{Name: key[:i]}).Key(size) != key {
		return ""
	}
	return key[:i]
}
