// Package pages serves the embedded pages and documents, and the health checks.
package pages

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
	"bookplate/static"
)

// Pages serves the web page, the documentation and the OpenAPI document.
type Pages struct {
	home, openAPIYAML, openAPIJSON []byte
}

// New returns the pages of a server. It renders the web page, and returns an error if that fails.
func New(version, database string, names models.NamePolicy, categories models.Categories) (*Pages, error) {
	home, err := static.Page(version, database, names.Words(), categories)
	return &Pages{home, static.OpenAPIYAML(version), static.OpenAPIJSON(version)}, err
}

// Home answers with the web page if the client prefers HTML. Otherwise it gives the tutorial's answer.
func (h *Pages) Home(c *gin.Context) error {
	c.Writer.Header().Add("Vary", "Accept") // Add, not Set, because the CORS middleware sets Vary too
	if !web.PrefersHTML(c) {
		c.String(http.StatusOK, "Hello World!")
		return nil
	}
	middleware.Page(c)
	web.ServeFile(c, "index.html", h.home)
	return nil
}

// Asset serves one of the web page's own files, such as its style sheet.
func (h *Pages) Asset(c *gin.Context) error {
	return serveFile(c, static.PageAssets, c.Param("file"))
}

// Docs serves the files of the documentation page.
func (h *Pages) Docs(c *gin.Context) error {
	name := c.Param("file")
	if name == "" {
		name = "index.html"
	}
	return serveFile(c, static.Docs, name)
}

// OpenAPI serves the OpenAPI document as YAML or JSON.
func (h *Pages) OpenAPI(c *gin.Context) error {
	c.Header("Cache-Control", "no-cache")
	if strings.Contains(c.FullPath(), ".yaml") {
		web.ServeFile(c, "openapi.yaml", h.openAPIYAML)
	} else {
		web.ServeFile(c, "openapi.json", h.openAPIJSON)
	}
	return nil
}

func serveFile(c *gin.Context, files fs.FS, name string) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return web.NotFound(c)
	}
	middleware.Page(c)
	web.ServeFile(c, name, content)
	return nil
}
