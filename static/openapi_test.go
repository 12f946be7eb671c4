package static_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"bookplate/static"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew from docs/openapi.yaml")

// asJSON is the YAML document as JSON, its keys in the same order.
func asJSON(t *testing.T, source []byte) []byte {
	t.Helper()
	compact, err := yaml.YAMLToJSON(source)
	if err != nil {
		t.Fatalf("docs/openapi.yaml: %v", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "  "); err != nil {
		t.Fatalf("docs/openapi.yaml as JSON: %v", err)
	}
	return append(bytes.TrimSpace(indented.Bytes()), '\n')
}

func TestTheJSONDocumentIsTheYAMLOne(t *testing.T) {
	want := asJSON(t, static.OpenAPIYAML)
	if *update {
		if err := os.WriteFile("docs/openapi.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(static.OpenAPIJSON, want) {
		t.Error("docs/openapi.json is not docs/openapi.yaml: run go test ./static -update")
	}
}

func TestTheDocumentIsValidOpenAPI31(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON)
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.OpenAPIMajorMinor(); got != "3.1" {
		t.Errorf("the version is %q, want 3.1", got)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
}
