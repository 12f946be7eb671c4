// Command apidoc generates the files that follow from the OpenAPI document, docs/openapi.yaml. It runs in the folder
// static, by go generate ./static.
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

// generate returns the contents of the generated files by their names.
func generate() (map[string][]byte, error) {
	source, err := os.ReadFile("docs/openapi.yaml")
	if err != nil {
		return nil, err
	}
	document, err := yaml.YAMLToJSON(source)
	if err != nil {
		return nil, fmt.Errorf("docs/openapi.yaml: %w", err)
	}
	documentJSON, err := indent(document)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"docs/openapi.json": documentJSON}, nil
}

// indent formats JSON for reading, with the keys in the order they have.
func indent(compact []byte) ([]byte, error) {
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimSpace(compact), "", "  "); err != nil {
		return nil, err
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}
