// Package static has the files that are embedded in the binary: the web app, the documentation page and the OpenAPI
// document.
package static

import (
	"bytes"
	"embed"
	"io/fs"
)

//go:embed docs/index.html docs/docs.css docs/docs.js docs/swagger-ui* docs/LICENSE docs/NOTICE
var docsFiles embed.FS

//go:generate go run ./internal/apidoc

var (
	//go:embed docs/openapi.yaml
	openAPIYAML []byte
	//go:embed docs/openapi.json
	openAPIJSON []byte // generated from openAPIYAML

	// Placeholder is the picture that a book without a cover has, a JPEG of 113×150 pixels.
	//go:embed placeholder.jpg
	Placeholder []byte
)

// unversioned is the version in the embedded OpenAPI document. The server replaces it by its own version.
const unversioned = "0.0.0-unversioned"

// Docs has the documentation page, index.html, and the files that it uses. Swagger UI 5.35.0 (npm's swagger-ui-dist) is
// unchanged and has its licences beside it. docs.css and docs.js make the page accessible and add a dark theme.
var Docs = sub(docsFiles, "docs")

// OpenAPIYAML returns the OpenAPI document as YAML, with the version of the server.
func OpenAPIYAML(version string) []byte {
	return bytes.Replace(openAPIYAML, []byte(unversioned), []byte(version), 1)
}

// OpenAPIJSON returns the OpenAPI document as JSON, with the version of the server.
func OpenAPIJSON(version string) []byte {
	return bytes.Replace(openAPIJSON, []byte(unversioned), []byte(version), 1)
}

func sub(files embed.FS, dir string) fs.FS {
	inside, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // only an invalid path fails, and all paths are literals
	}
	return inside
}
