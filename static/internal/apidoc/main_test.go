package main

import (
	"bytes"
	"os"
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
