package main

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestTheGeneratedFilesAreCurrent(t *testing.T) {
	t.Chdir("../..")
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("static/%s is stale: run go generate ./static", name)
		}
	}
}

func TestTestsHaveVariablesOfTheirOwn(t *testing.T) {
	source, err := os.ReadFile("../../../docs/postman.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, tests, found := bytes.Cut(source, []byte("\ntests:\n"))
	if !found {
		t.Fatal("docs/postman.yaml has no tests")
	}
	variable := regexp.MustCompile(`ariables\.[gs]et\('(\w+)'|\{\{(\w+)\}\}`)
	for _, match := range variable.FindAllSubmatch(tests, -1) {
		if name := string(match[1]) + string(match[2]); !strings.HasPrefix(name, "test_") {
			t.Errorf("the tests use the variable %s, which a person may have set", name)
		}
	}
}

func TestRequestsAuthenticateAsTheDocumentSays(t *testing.T) {
	d, err := readDocument([]byte(`
tags: [{name: All}]
security: [{bearer: []}, {cookie: []}]
paths:
  /default: {get: {operationId: default, tags: [All]}}
  /open: {get: {operationId: open, tags: [All], security: []}}
  /optional: {get: {operationId: optional, tags: [All], security: [{}, {refresh: []}]}}
  /refresh: {get: {operationId: refresh, tags: [All], security: [{refresh: []}]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	operations, err := d.operations()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []*auth{nil, bearer("none"), bearer("none"), bearer("{{refreshToken}}")} {
		if got := operations[i].auth(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", operations[i].Path, got, want)
		}
	}
}

func TestOperationsNeedAnIDAndATag(t *testing.T) {
	for _, fields := range []string{"tags: [All]", "operationId: get", "operationId: get, tags: [Others]"} {
		d, err := readDocument([]byte("tags: [{name: All}]\npaths: {/: {get: {" + fields + "}}}"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.operations(); err == nil {
			t.Errorf("%s is accepted", fields)
		}
	}
}
