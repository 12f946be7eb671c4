// Package pages serves the embedded pages and documents, and the health checks.
package pages

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/static"
)

// Pages serves the web app, the documentation and the OpenAPI document.
type Pages struct {
	openAPIYAML, openAPIJSON []byte
}

// New returns the pages of a server of this version.
func New(version string) *Pages {
	return &Pages{static.OpenAPIYAML(version), static.OpenAPIJSON(version)}
}

// Home answers with the web app if the client prefers HTML. Otherwise it gives the tutorial's answer.
func (h *Pages) Home(c *gin.Context) error {
	c.Writer.Header().Add("Vary", "Accept") // Add, not Set, because the CORS middleware sets Vary too
	if !web.PrefersHTML(c) {
		c.String(http.StatusOK, "Hello World!")
		return nil
	}
	return h.App(c)
}

// App answers with the page that runs the web app, in the language of the client. The page is the same at all addresses of the
// app.
func (h *Pages) App(c *gin.Context) error {
	middleware.Page(c)
	web.ServeFile(c, "app.html", static.AppPages()[languageOf(c)])
	return nil
}

// languageCookie has the language that a person has chosen in the app.
const languageCookie = "bookplate_language"

var matcher = language.NewMatcher(static.Languages)

// languageOf returns the index in static.Languages of the language to use: the one in the cookie, or else the best match of
// Accept-Language.
func languageOf(c *gin.Context) int {
	c.Writer.Header().Add("Vary", "Accept-Language, Cookie")
	chosen, _ := c.Cookie(languageCookie) // empty if there is none
	_, index := language.MatchStrings(matcher, chosen, c.GetHeader("Accept-Language"))
	return index
}

// AppFile serves a file of the web app. A file at one address never changes, so clients may cache it for ever.
func (h *Pages) AppFile(c *gin.Context) error {
	name := c.Param("file")
	content, err := fs.ReadFile(static.App, name)
	if err != nil || c.Param("version") != static.AppVersion {
		return web.NotFound(c)
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	if web.AcceptsGzip(c) {
		c.Header("Content-Encoding", "gzip")
		content = static.CompressedApp()[name]
	}
	web.ServeFile(c, name, content)
	return nil
}

// Worker serves the service worker of the web app. Browsers ask for it again each time, so that they find a new version.
func (h *Pages) Worker(c *gin.Context) error {
	middleware.Page(c)
	web.ServeFile(c, "sw.js", static.Worker)
	return nil
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
