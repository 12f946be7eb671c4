package main

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// overlay is the content of docs/postman.yaml. It has the parts of the Postman collection that are not in the OpenAPI
// document. The comments in that file describe the fields.
type overlay struct {
	Description string
	Variables   yaml.MapSlice
	Start       overlayFolder
	Tests       overlayFolder
}

type overlayFolder struct {
	Name        string
	Description string
	Auth        string
	Tests       string
	Folders     []overlayFolder
	Requests    []overlayRequest

	examples int // how many example answers a request has at most
}

type overlayRequest struct {
	Name        string
	Operation   string
	Method      string
	URL         string
	Description string
	Auth        string
	Headers     yaml.MapSlice
	ContentType string `yaml:"contentType"`
	Body        any    // a yaml.MapSlice, a string, or nil
	Before      string
	Expect      *expectation
	Tests       string
}

// expectation has the values that most test scripts check first: the status, the message, the error and the fields of
// the answer.
type expectation struct {
	Status  int
	Message string
	Error   string
	Fields  []string
}

// readOverlay decodes an overlay from YAML. Unknown fields are errors.
func readOverlay(source []byte) (overlay, error) {
	var o overlay
	return o, yaml.UnmarshalWithOptions(source, &o, yaml.Strict(), yaml.UseOrderedMap())
}

// script returns the JavaScript with which Postman tests the answer to the request.
func (r overlayRequest) script() string {
	if r.Expect == nil {
		return r.Tests
	}
	return r.Expect.script() + r.Tests
}

func (e expectation) script() string {
	var js strings.Builder
	if e.Message == "" {
		fmt.Fprintf(&js, "pm.test('%d, empty', () => {\n    pm.response.to.have.status(%[1]d);\n", e.Status)
		js.WriteString("    pm.expect(pm.response.text()).to.eql('');\n});\n")
		return js.String()
	}
	js.WriteString("const answer = pm.response.json();\n")
	fmt.Fprintf(&js, "pm.test(%q, () => {\n", fmt.Sprintf("%d: %s", e.Status, e.Message))
	fmt.Fprintf(&js, "    pm.response.to.have.status(%d);\n", e.Status)
	fmt.Fprintf(&js, "    pm.expect(answer.message).to.eql(%q);\n", e.Message)
	if e.Error != "" {
		fmt.Fprintf(&js, "    pm.expect(answer.data).to.be.null;\n    pm.expect(answer.error).to.eql(%q);\n", e.Error)
	}
	if e.Fields != nil {
		js.WriteString("    pm.expect(answer.data).to.be.null;\n")
		fmt.Fprintf(&js, "    pm.expect(answer.error).to.have.all.keys('%s');\n", strings.Join(e.Fields, "', '"))
	}
	js.WriteString("});\n")
	return js.String()
}
