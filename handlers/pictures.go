package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/covers"
	"bookplate/static"
)

const (
	// picturePath is where covers are, the path that the tutorial's image_url has.
	picturePath = "/static/books/"

	// placeholder is the picture of a book without a cover.
	placeholder = "placeholder.jpg"
)

type pictures struct {
	covers *covers.Covers
}

// get serves a cover. Its name is never used again for another picture, so whoever has it need not ask again.
func (h *pictures) get(c *gin.Context) error {
	name := c.Param("name")
	if name == placeholder {
		c.Header("Cache-Control", "no-cache")
		c.Header("Cross-Origin-Resource-Policy", "cross-origin")
		serve(c, name, static.Placeholder)
		return nil
	}
	picture, err := h.covers.Open(c.Request.Context(), name)
	if err != nil {
		return err
	}
	defer picture.Close() //nolint:errcheck // only read
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	c.Header("ETag", `"`+name+`"`)
	http.ServeContent(c.Writer, c.Request, name, picture.ModTime, picture)
	return nil
}
