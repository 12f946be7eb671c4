package handlers

import (
	"bytes"
	"context"
	"io"
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

	"bookplate/static"
)

// document is the OpenAPI document and its router, loaded once.
var document = sync.OnceValues(func() (*openapi3.T, routers.Router) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON)
	if err != nil {
		panic(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return doc, router
})

// checkDocumented checks an answer against the OpenAPI document, which has all routes but no answers for HEAD, OPTIONS,
// other methods and unknown paths.
func checkDocumented(t testing.TB, request *http.Request, a answer) {
	t.Helper()
	if a.status == http.StatusNotFound && bytes.Contains(a.body, []byte(`"Endpoint Not Found"`)) ||
		a.status == http.StatusMethodNotAllowed || request.Method == http.MethodOptions || request.Method == http.MethodHead {
		return
	}
	route, params := findRoute(t, request)
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: request, PathParams: params, Route: route,
		},
		Status: a.status,
		Header: a.header,
		Body:   io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			ExcludeResponseBody:   !strings.Contains(a.header.Get("Content-Type"), "json"),
		},
	})
	if err != nil {
		t.Errorf("%s %s: the answer %d violates the OpenAPI document: %v", request.Method, request.URL.Path, a.status, err)
		return
	}
	checkMediaType(t, route, a)
}

// checkMediaType checks that the document has an answer's status and the media type of its body. Package openapi3filter
// accepts any 304, and checks the media type only of bodies that it decodes.
func checkMediaType(t testing.TB, route *routers.Route, a answer) {
	t.Helper()
	documented := route.Operation.Responses.Status(a.status)
	if documented == nil {
		t.Errorf("%s %s: the document has no answer %d", route.Method, route.Path, a.status)
		return
	}
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if len(a.body) > 0 && (err != nil || documented.Value.Content[mediaType] == nil) {
		t.Errorf("%s %s: the document's answer %d has no %q (%v)", route.Method, route.Path, a.status, mediaType, err)
	}
}

// findRoute finds the operation of a request. The document has each path either with or without its trailing slash.
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
	engine, err := New(s.services)
	if err != nil {
		t.Fatal(err)
	}
	param := regexp.MustCompile(`:(\w+)`)
	registered := map[string]int{} // the number of forms of each route
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
