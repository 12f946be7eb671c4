package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

const (
	collectionSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

	// exampleFile is the file that example requests upload. The path is relative to the repository's root.
	exampleFile = "static/example-cover.jpg"
)

// The types below are those of Postman's collection format, version 2.1.
type (
	collection struct {
		Info     info           `json:"info"`
		Auth     *auth          `json:"auth"`
		Behavior map[string]any `json:"protocolProfileBehavior"`
		Variable []pair         `json:"variable"`
		Item     []item         `json:"item"`
	}
	info struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Schema      string `json:"schema"`
	}
	// item is either a request or a folder of more items.
	item struct {
		Name        string     `json:"name"`
		Description string     `json:"description,omitempty"`
		Auth        *auth      `json:"auth,omitempty"`
		Event       []event    `json:"event,omitempty"`
		Item        []item     `json:"item,omitempty"`
		Request     *request   `json:"request,omitempty"`
		Response    []response `json:"response,omitempty"`
	}
	auth struct {
		Type   string `json:"type"`
		Bearer []pair `json:"bearer,omitempty"`
	}
	event struct {
		Listen string `json:"listen"`
		Script script `json:"script"`
	}
	script struct {
		Type string   `json:"type"`
		Exec []string `json:"exec"`
	}
	request struct {
		Method      string `json:"method"`
		URL         any    `json:"url"` // a string or an address
		Description string `json:"description,omitempty"`
		Auth        *auth  `json:"auth,omitempty"`
		Header      []pair `json:"header,omitempty"`
		Body        *body  `json:"body,omitempty"`
	}
	address struct {
		Raw      string   `json:"raw"`
		Host     []string `json:"host"`
		Path     []string `json:"path"`
		Query    []pair   `json:"query,omitempty"`
		Variable []pair   `json:"variable,omitempty"`
	}
	body struct {
		Mode       string         `json:"mode"`
		Raw        string         `json:"raw,omitempty"`
		Options    map[string]any `json:"options,omitempty"`
		Urlencoded []pair         `json:"urlencoded,omitempty"`
		Formdata   []pair         `json:"formdata,omitempty"`
	}
	response struct {
		Name            string   `json:"name"`
		OriginalRequest *request `json:"originalRequest"`
		Status          string   `json:"status"`
		Code            int      `json:"code"`
		PreviewLanguage string   `json:"_postman_previewlanguage,omitempty"`
		Header          []pair   `json:"header"`
		Body            string   `json:"body"`
	}
	// pair is a variable, a parameter, a header or a field of a form.
	pair struct {
		Key         string `json:"key"`
		Value       string `json:"value"`
		Type        string `json:"type,omitempty"`
		Src         string `json:"src,omitempty"`
		Description string `json:"description,omitempty"`
		Disabled    bool   `json:"disabled,omitempty"`
	}
)

// builder makes the items of the collection. It maps an operationId to its operation.
type builder map[string]operation

// newCollection makes the collection from the OpenAPI document and the overlay. It returns an error if the overlay has
// an operation that the document does not have.
func newCollection(d document, o overlay) (collection, error) {
	c := collection{
		Info:     info{d.Info.Title, o.Description, collectionSchema},
		Auth:     bearer("{{token}}"),
		Behavior: map[string]any{"followRedirects": false},
		Variable: pairs(o.Variables),
	}
	operations, err := d.operations()
	if err != nil {
		return c, err
	}
	b := builder{}
	for _, operation := range operations {
		b[operation.OperationID] = operation
	}
	o.Start.examples = 1
	folders := []overlayFolder{o.Start}
	for _, tag := range d.Tags {
		folders = append(folders, tagFolder(tag.Name, tag.Description, operations))
	}
	for _, f := range append(folders, o.Tests) {
		folder, err := b.folder(f)
		if err != nil {
			return c, err
		}
		c.Item = append(c.Item, folder)
	}
	return c, nil
}

// tagFolder returns a folder of the operations with a tag. The parameter name is that tag.
func tagFolder(name, description string, operations []operation) overlayFolder {
	folder := overlayFolder{Name: name, Description: description, examples: math.MaxInt}
	for _, o := range operations {
		if slices.Contains(o.Tags, name) {
			folder.Requests = append(folder.Requests, overlayRequest{Name: o.Summary, Operation: o.OperationID})
		}
	}
	return folder
}

func (b builder) folder(f overlayFolder) (item, error) {
	folder := item{Name: f.Name, Description: f.Description, Auth: bearer(f.Auth), Event: events("", f.Tests)}
	for _, inner := range f.Folders {
		i, err := b.folder(inner)
		if err != nil {
			return folder, err
		}
		folder.Item = append(folder.Item, i)
	}
	for _, r := range f.Requests {
		o, found := b[r.Operation]
		if !found && r.Operation != "" {
			return folder, fmt.Errorf("%s: the OpenAPI document has no operation %s", r.Name, r.Operation)
		}
		request, err := o.request(r)
		if err != nil {
			return folder, fmt.Errorf("%s: %w", r.Name, err)
		}
		examples := o.responses(request)
		folder.Item = append(folder.Item, item{
			Name:     r.Name,
			Event:    events(r.Before, r.script()),
			Request:  request,
			Response: examples[:min(len(examples), f.examples)],
		})
	}
	return folder, nil
}

// request returns an example request of the operation. Fields that r sets replace those of the operation.
func (o operation) request(r overlayRequest) (*request, error) {
	body, err := o.body(r)
	result := &request{
		Method:      cmp.Or(r.Method, o.Method),
		URL:         o.address(),
		Description: cmp.Or(r.Description, o.Description),
		Auth:        o.auth(),
		Header:      o.parameters("header"),
		Body:        body,
	}
	if strings.HasPrefix(r.URL, "/") {
		result.URL = "{{baseUrl}}" + r.URL
	} else if r.URL != "" {
		result.URL = r.URL
	}
	if r.Auth != "" {
		result.Auth = bearer(r.Auth)
	}
	if r.Headers != nil {
		result.Header = pairs(r.Headers)
	}
	return result, err
}

// auth returns how the operation's requests authenticate. It is nil for an operation that takes an access token,
// because such a request inherits the authentication of the folder or the collection.
func (o operation) auth() *auth {
	if len(o.Security) == 0 || len(o.Security[0]) == 0 {
		return bearer("none")
	}
	if _, found := o.Security[0]["refresh"]; found {
		return bearer("{{refreshToken}}")
	}
	return nil
}

// bearer returns the authentication with this token. For the token "none" it is no authentication, and for an empty
// token it is nil.
func bearer(token string) *auth {
	switch token {
	case "":
		return nil
	case "none":
		return &auth{Type: "noauth"}
	default:
		return &auth{"bearer", []pair{{Key: "token", Value: token, Type: "string"}}}
	}
}

// address returns the operation's URL with all of its parameters. Parameters that are not required are disabled.
func (o operation) address() address {
	path := strings.NewReplacer("{", ":", "}", "").Replace(o.Path)
	return address{
		Raw:      "{{baseUrl}}" + path,
		Host:     []string{"{{baseUrl}}"},
		Path:     strings.Split(path, "/")[1:],
		Query:    o.parameters("query"),
		Variable: o.parameters("path"),
	}
}

func (o operation) parameters(in string) []pair {
	var result []pair
	for _, p := range o.Parameters {
		if p.In == in {
			result = append(result, pair{Key: p.Name, Value: p.example(), Description: p.Description, Disabled: !p.Required})
		}
	}
	return result
}

// body returns the body of r, or the example in the OpenAPI document if r has no body.
func (o operation) body(r overlayRequest) (*body, error) {
	contentType, content := r.ContentType, r.Body
	if content == nil && len(o.RequestBody.Content) > 0 {
		content = o.RequestBody.Content[0].Value.Schema.example()
	}
	if contentType == "" && len(o.RequestBody.Content) > 0 {
		contentType = o.RequestBody.Content[0].Name
	}
	fields, structured := content.(yaml.MapSlice)
	switch {
	case content == nil || content == "":
		return nil, nil
	case structured && contentType == "application/x-www-form-urlencoded":
		return &body{Mode: "urlencoded", Urlencoded: formFields(fields)}, nil
	case structured && contentType == "multipart/form-data":
		return &body{Mode: "formdata", Formdata: formFields(fields)}, nil
	}
	raw := fmt.Sprint(content)
	if structured {
		compact, err := yaml.MarshalWithOptions(fields, yaml.JSON())
		if err != nil {
			return nil, err
		}
		raw = indent(compact)
	}
	return &body{Mode: "raw", Raw: raw, Options: map[string]any{"raw": map[string]string{"language": "json"}}}, nil
}

func formFields(fields yaml.MapSlice) []pair {
	var result []pair
	for _, f := range fields {
		if file, ok := f.Value.(yaml.MapSlice); ok {
			result = append(result, pair{Key: fmt.Sprint(f.Key), Type: "file", Src: fmt.Sprint(file.ToMap()["file"])})
		} else {
			result = append(result, pair{Key: fmt.Sprint(f.Key), Value: fmt.Sprint(f.Value), Type: "text"})
		}
	}
	return result
}

// responses returns the operation's answers for which the OpenAPI document has examples, and its answers without a
// body.
func (o operation) responses(original *request) []response {
	var result []response
	for _, r := range o.Responses {
		code, _ := strconv.Atoi(r.Name)
		answer := response{
			Name:            r.Name + " " + http.StatusText(code),
			OriginalRequest: original,
			Status:          http.StatusText(code),
			Code:            code,
			Header:          []pair{},
		}
		if len(r.Value.Content) == 0 {
			result = append(result, answer)
		}
		for _, content := range r.Value.Content {
			answer.Header = []pair{{Key: "Content-Type", Value: content.Name}}
			if content.Value.Example != nil {
				answer.setBody(content.Value.Example)
				result = append(result, answer)
			}
			for _, example := range content.Value.Examples {
				named := answer
				named.Name += ": " + example.Name
				named.setBody(example.Value.Value)
				result = append(result, named)
			}
		}
	}
	return result
}

// setBody sets the body to an example from the OpenAPI document, which is a text or another JSON value.
func (r *response) setBody(example json.RawMessage) {
	if json.Unmarshal(example, &r.Body) == nil {
		r.PreviewLanguage = "text"
		return
	}
	r.Body, r.PreviewLanguage = indent(example), "json"
}

// pairs returns the fields of a YAML mapping, with their values as text.
func pairs(fields yaml.MapSlice) []pair {
	var result []pair
	for _, f := range fields {
		result = append(result, pair{Key: fmt.Sprint(f.Key), Value: fmt.Sprint(f.Value)})
	}
	return result
}

// events returns the scripts that run before and after a request, without those that are empty.
func events(before, after string) []event {
	var result []event
	for _, e := range []struct{ listen, js string }{{"prerequest", before}, {"test", after}} {
		if e.js != "" {
			lines := strings.Split(strings.TrimSpace(e.js), "\n")
			result = append(result, event{e.listen, script{"text/javascript", lines}})
		}
	}
	return result
}
