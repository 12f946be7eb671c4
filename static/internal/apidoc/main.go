// Command apidoc generates files from the OpenAPI document, docs/openapi.yaml. The command "go generate ./static" runs
// it in the folder static.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/goccy/go-yaml"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("apidoc: ")
	files, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			log.Fatal(err)
		}
	}
}

// generate returns the contents of the generated files by name.
func generate() (map[string][]byte, error) {
	source, err := os.ReadFile("docs/openapi.yaml")
	if err != nil {
		return nil, err
	}
	documentJSON, err := yaml.YAMLToJSON(source)
	if err != nil {
		return nil, fmt.Errorf("docs/openapi.yaml: %w", err)
	}
	d, err := readDocument(source)
	if err != nil {
		return nil, fmt.Errorf("docs/openapi.yaml: %w", err)
	}
	source, err = os.ReadFile("../docs/postman.yaml")
	if err != nil {
		return nil, err
	}
	o, err := readOverlay(source)
	if err != nil {
		return nil, fmt.Errorf("docs/postman.yaml: %w", err)
	}
	c, err := newCollection(d, o)
	if err != nil {
		return nil, err
	}
	collectionJSON, err := marshal(c)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"docs/openapi.json":                         []byte(indent(documentJSON) + "\n"),
		"../docs/bookplate.postman_collection.json": []byte(indent(collectionJSON) + "\n"),
	}, nil
}

// marshal returns v as JSON, in which <, > and & are not escaped.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

// indent formats compact JSON with line breaks and indentation.
func indent(compact []byte) string {
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimSpace(compact), "", "  "); err != nil {
		panic(err) // cannot happen, because the caller made the JSON
	}
	return indented.String()
}
