package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"bookplate/models"
	"bookplate/static"
)

// document returns the OpenAPI document and a router that finds its operations. It loads them once.
var document = sync.OnceValues(func() (*openapi3.T, routers.Router) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON("1.2.3"))
	if err != nil {
		panic(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return doc, router
})

// checkDocumented checks an answer against the OpenAPI document. The document does not describe HEAD, OPTIONS,
// unsupported methods and unknown paths, so of the answers to these only the errors are checked.
func checkDocumented(t testing.TB, request *http.Request, a answer) {
	t.Helper()
	if a.status == http.StatusNotFound && (bytes.Contains(a.body, []byte(`"Endpoint Not Found"`)) || bytes.Contains(a.body, static.NotFound)) ||
		a.status == http.StatusMethodNotAllowed || request.Method == http.MethodOptions || request.Method == http.MethodHead {
		checkError(t, request, a)
		return
	}
	route, params := findRoute(t, request)
	if a.status == http.StatusOK && request.URL.Query().Has("fields") {
		return // OpenAPI cannot say that a parameter leaves out required fields
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: request, PathParams: params, Route: route,
		},
		Status: a.status,
		Header: a.header,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			ExcludeResponseBody:   true,
		},
	})
	if err != nil {
		t.Errorf("%s %s: the answer %d violates the OpenAPI document: %v", request.Method, request.URL.Path, a.status, err)
		return
	}
	checkBody(t, route, a)
}

// checkBody checks that the OpenAPI document has the status of an answer and the media type of its body, and that a JSON body
// matches its schema. Package openapi3filter is not enough: it accepts any 304, checks the media type only of bodies that it
// decodes, and would compile the schema again for every answer.
func checkBody(t testing.TB, route *routers.Route, a answer) {
	t.Helper()
	documented := route.Operation.Responses.Status(a.status)
	if documented == nil {
		t.Errorf("%s %s: the document has no answer %d", route.Method, route.Path, a.status)
		return
	}
	if len(a.body) == 0 && len(documented.Value.Content) == 0 {
		return
	}
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	media := documented.Value.Content[mediaType]
	if err != nil || media == nil {
		t.Errorf("%s %s: the document's answer %d has no %q (%v)", route.Method, route.Path, a.status, mediaType, err)
		return
	}
	if !strings.Contains(mediaType, "json") || media.Schema == nil {
		return
	}
	if err := validateJSON(media.Schema, a.body); err != nil {
		t.Errorf("%s %s: the answer %d violates the OpenAPI document: %v: %s", route.Method, route.Path, a.status, err, a.body)
	}
}

// compiledSchemas caches the compiled schemas of bodies, by *openapi3.SchemaRef.
var compiledSchemas sync.Map

// validateJSON checks a JSON body against a schema of the OpenAPI document.
func validateJSON(schema *openapi3.SchemaRef, body []byte) error {
	compiled, found := compiledSchemas.Load(schema)
	if !found {
		var err error
		if compiled, err = compileSchema(schema); err != nil {
			return err
		}
		compiledSchemas.Store(schema, compiled)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return compiled.(*jsonschema.Schema).Validate(value)
}

// compileSchema compiles a schema together with the components of the OpenAPI document, because the schema may refer to them.
func compileSchema(schema *openapi3.SchemaRef) (*jsonschema.Schema, error) {
	doc, _ := document()
	text, err := json.Marshal(map[string]any{"components": doc.Components, "schema": schema})
	if err != nil {
		return nil, err
	}
	resource, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const url = "https://bookplate.example/openapi.json"
	if err := compiler.AddResource(url, resource); err != nil {
		return nil, err
	}
	return compiler.Compile(url + "#/schema")
}

// checkError checks that an error in JSON matches the schema of errors in the OpenAPI document, which lists the codes.
func checkError(t testing.TB, request *http.Request, a answer) {
	t.Helper()
	if a.status < http.StatusBadRequest || len(a.body) == 0 || !strings.Contains(a.header.Get("Content-Type"), "json") {
		return
	}
	doc, _ := document()
	if err := validateJSON(doc.Components.Schemas["Error"], a.body); err != nil {
		t.Errorf("%s %s: the error %d violates the OpenAPI document: %v", request.Method, request.URL.Path, a.status, err)
	}
}

// findRoute finds the operation of a request in the OpenAPI document. The document lists each path either with or
// without a trailing slash, so findRoute tries both.
func findRoute(t testing.TB, request *http.Request) (*routers.Route, map[string]string) {
	t.Helper()
	_, router := document()
	path := request.URL.Path
	twin := path + "/"
	if trimmed, found := strings.CutSuffix(path, "/"); found {
		twin = trimmed
	}
	var lastErr error
	for _, p := range []string{path, twin} {
		r := request.Clone(request.Context())
		r.URL = &url.URL{Scheme: "http", Host: request.URL.Host, Path: p, RawQuery: request.URL.RawQuery}
		route, params, err := router.FindRoute(r)
		if err == nil {
			return route, params
		}
		lastErr = err
	}
	t.Fatalf("%s %s is not in the OpenAPI document: %v", request.Method, path, lastErr)
	return nil, nil
}

func TestRoutesMatchTheDocument(t *testing.T) {
	s := newServer(t, nil)
	engine, err := newEngine(s.services)
	if err != nil {
		t.Fatal(err)
	}
	param := regexp.MustCompile(`:(\w+)`)
	registered := map[string]int{} // how often each route is registered
	for _, r := range engine.Routes() {
		if r.Method == http.MethodHead {
			continue // every GET route answers HEAD
		}
		registered[r.Method+" "+normalPath(param.ReplaceAllString(r.Path, "{$1}"))]++
	}
	var got, want []string
	for route, forms := range registered {
		if wantForms := 2; forms != wantForms && route != "GET /" {
			t.Errorf("%s is registered in %d forms, want it with and without its trailing slash", route, forms)
		}
		got = append(got, route)
	}
	doc, _ := document()
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			want = append(want, method+" "+normalPath(path))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the router has\n%s\n\nand the document\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// normalPath returns a path without its trailing slash.
func normalPath(path string) string {
	if path == "/" {
		return path
	}
	return strings.TrimSuffix(path, "/")
}

// Each route accepts exactly the query parameters that the OpenAPI document lists for it. The error for an unknown
// parameter lists the known ones in the same order. Routes of pages and files ignore unknown parameters.
func TestQueriesMatchTheDocument(t *testing.T) {
	s := newServer(t, nil)
	root := s.signedInAs("root@example.com", models.RoleAdmin)
	ignoring := regexp.MustCompile(`^/$|^/app|^/plain|^/sw|^/docs|^/openapi|^/static/|\{token\}`)
	fill := strings.NewReplacer("{id}", root.ID, "{book_id}", root.ID)
	doc, _ := document()
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			c := call{method: method, path: fill.Replace(path), token: root.Token}
			if method == http.MethodGet && ignoring.MatchString(path) {
				c.path += "?utm_source=mail"
				if a := s.do(c); a.status == http.StatusBadRequest {
					t.Errorf("%s %s: %s", method, path, a.body)
				}
				continue
			}
			reason := "is unknown; this route has no parameters"
			if known := queryOf(operation); known != nil {
				reason = "is unknown; this route has " + strings.Join(known, ", ")
			}
			c.path += "?_=1764111331&page=2"
			s.do(c).want(http.StatusBadRequest,
				`{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"page":"`+reason+`"}}`)
		}
	}
	s.get("/users/?_=1764111331", root.Token).wantStatus(http.StatusOK)
	s.get("/users/?"+root.Token, root.Token).wantStatus(http.StatusBadRequest)
	s.wantAbsent(s.log.String(), root.Token)
}

// queryOf returns the names of an operation's query parameters.
func queryOf(operation *openapi3.Operation) []string {
	var names []string
	for _, parameter := range operation.Parameters {
		if parameter.Value.In == openapi3.ParameterInQuery {
			names = append(names, parameter.Value.Name)
		}
	}
	return names
}
