package handlers

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

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
	if !prefersHTML(c.GetHeader("Accept")) {
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
	c.Header("Content-Type", contentType(name))
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, bytes.NewReader(content))
}

// contentType is asked of the name alone; what the operating system believes about endings does not count.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json; charset=utf-8"
	case ".jpg":
		return "image/jpeg"
	case ".yaml":
		return "application/yaml; charset=utf-8" // RFC 9512
	default:
		return "text/plain; charset=utf-8"
	}
}

// prefersHTML says whether an Accept header names HTML, and no less than plain text.
func prefersHTML(accept string) bool {
	var html, plain float64
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			q = 1
		}
		switch mediaType {
		case "text/html", "application/xhtml+xml":
			html = max(html, q)
		case "text/plain":
			plain = max(plain, q)
		}
	}
	return html > 0 && html >= plain
}
