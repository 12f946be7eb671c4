package catalogue

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/static"
)

const (
	// PicturePath is the path under which the pictures of covers are served, as in the tutorial's image_url.
	PicturePath = "/static/books/"

	// placeholder is the name of the picture that a book without a cover has.
	placeholder = "placeholder.jpg"
)

// Picture serves a picture of a cover. The name of a picture never stands for another picture later, so clients may
// cache it for ever.
func (h *Handlers) Picture(c *gin.Context) error {
	name := c.Param("name")
	if name == placeholder {
		c.Header("Cache-Control", "no-cache")
		c.Header("Cross-Origin-Resource-Policy", "cross-origin")
		web.ServeFile(c, name, static.Placeholder)
		return nil
	}
	picture, err := h.Covers.Open(c.Request.Context(), name)
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
