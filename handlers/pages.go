package handlers

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
	"bookplate/static"
)

// pages are the embedded documents: the web page, the documentation and the OpenAPI document.
type pages struct {
	page []byte
}

func newPages(version, database string, categories models.Categories) (*pages, error) {
	page, err := static.Page(version, database, categories)
	return &pages{page}, err
}

// home greets as the tutorial does, and shows the web page to whoever prefers HTML.
func (h *pages) home(c *gin.Context) error {
	c.Writer.Header().Add("Vary", "Accept") // beside what CORS varies by
	if !web.PrefersHTML(c) {
		c.String(http.StatusOK, "Hello World!")
		return nil
	}
	middleware.Page(c)
	serve(c, "index.html", h.page)
	return nil
}

func (h *pages) asset(c *gin.Context) error {
	return serveFile(c, static.PageAssets, c.Param("file"))
}

func (h *pages) docs(c *gin.Context) error {
	name := c.Param("file")
	if name == "" {
		name = "index.html"
	}
	return serveFile(c, static.Docs, name)
}

func (h *pages) openAPI(c *gin.Context) error {
	c.Header("Cache-Control", "no-cache")
	if strings.Contains(c.FullPath(), ".yaml") {
		serve(c, "openapi.yaml", static.OpenAPIYAML)
	} else {
		serve(c, "openapi.json", static.OpenAPIJSON)
	}
	return nil
}

func serveFile(c *gin.Context, files fs.FS, name string) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return &models.Error{Code: models.NotFound, Message: "Endpoint Not Found", Err: err}
	}
	middleware.Page(c)
	serve(c, name, content)
	return nil
}

// serve answers with a document that is part of the binary. A checksum is validator enough: nobody but a new version
// changes it.
func serve(c *gin.Context, name string, content []byte) {
	c.Header("ETag", fmt.Sprintf(`"%08x"`, crc32.ChecksumIEEE(content)))
	c.Header("Content-Type", web.ContentType(name))
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, bytes.NewReader(content))
}
