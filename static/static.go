// Package static has the files that are embedded in the binary: the web page, the documentation page and the OpenAPI
// document.
package static

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
)

//go:embed page/page.css page/page.js page/api.js
var pageFiles embed.FS

//go:embed docs/index.html docs/docs.css docs/docs.js docs/swagger-ui* docs/LICENSE docs/NOTICE
var docsFiles embed.FS

//go:embed page/index.html
var pageSource string

//go:embed page/link.html
var linkSource string

var (
	pageTemplate = template.Must(template.New("page").Parse(pageSource))
	linkTemplate = template.Must(template.New("link").Parse(linkSource))
)

//go:generate go run ./internal/apidoc

var (
	//go:embed docs/openapi.yaml
	openAPIYAML []byte
	//go:embed docs/openapi.json
	openAPIJSON []byte // generated from openAPIYAML

	// NotFound is the page that browsers get at an address that does not exist.
	//go:embed page/notfound.html
	NotFound []byte
	// Placeholder is the picture that a book without a cover has, a JPEG of 113×150 pixels.
	//go:embed placeholder.jpg
	Placeholder []byte
)

// unversioned is the version in the embedded OpenAPI document. The server replaces it by its own version.
const unversioned = "0.0.0-unversioned"

var (
	// PageAssets are the web page's style sheet and scripts: page.css, page.js, api.js.
	PageAssets = sub(pageFiles, "page")
	// Docs has the documentation page, index.html, and the files that it uses. Swagger UI 5.35.0 (npm's
	// swagger-ui-dist) is unchanged and has its licences beside it. docs.css and docs.js make the page accessible and
	// add a dark theme.
	Docs = sub(docsFiles, "docs")
)

// OpenAPIYAML returns the OpenAPI document as YAML, with the version of the server.
func OpenAPIYAML(version string) []byte {
	return bytes.Replace(openAPIYAML, []byte(unversioned), []byte(version), 1)
}

// OpenAPIJSON returns the OpenAPI document as JSON, with the version of the server.
func OpenAPIJSON(version string) []byte {
	return bytes.Replace(openAPIJSON, []byte(unversioned), []byte(version), 1)
}

// Page renders the web page. The page shows the server's version, the display name of its database engine, how many
// words a person's name may have, and the categories of books. Page returns an error if the template does not fit this
// data.
func Page(version, database, nameWords string, categories []string) ([]byte, error) {
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, struct {
		Version, Database, NameWords string
		Categories                   []string
	}{version, database, nameWords, categories})
	if err != nil {
		return nil, fmt.Errorf("render the page: %w", err)
	}
	return page.Bytes(), nil
}

// LinkPage renders the page that a link in a mail opens, with a title and a text. If token is not empty, the page also
// has the form for a new password, and the text says why the password sent before was rejected. LinkPage returns an
// error if the template does not fit this data.
func LinkPage(title, text, token string) ([]byte, error) {
	var page bytes.Buffer
	if err := linkTemplate.Execute(&page, struct{ Title, Text, Token string }{title, text, token}); err != nil {
		return nil, fmt.Errorf("render the page of a link: %w", err)
	}
	return page.Bytes(), nil
}

func sub(files embed.FS, dir string) fs.FS {
	inside, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // only an invalid path fails, and both paths are literals
	}
	return inside
}
