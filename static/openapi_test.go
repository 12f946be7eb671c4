package static_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"bookplate/static"
)

var update = flag.Bool("update", false, "generate docs/openapi.json from docs/openapi.yaml")

// asJSON converts YAML to JSON and keeps the order of the keys.
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

func TestJSONDocumentMatchesYAML(t *testing.T) {
	want := asJSON(t, static.OpenAPIYAML)
	if *update {
		if err := os.WriteFile("docs/openapi.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(static.OpenAPIJSON, want) {
		t.Error("docs/openapi.json is out of date: run go test ./static -update")
	}
}

func TestDocumentIsValidOpenAPI31(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON)
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.OpenAPIMajorMinor(); got != "3.1" {
		t.Errorf("the version is %q, want 3.1", got)
	}
	err = doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaPatternValidation())
	if err != nil {
		t.Error(err)
	}
}

// The tests of package handlers check every answer against the document, so its schemas must reject wrong answers.
func TestDocumentRejectsWrongAnswers(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON)
	if err != nil {
		t.Fatal(err)
	}
	answer := doc.Paths.Value("/users/").Get.Responses.Status(http.StatusOK).Value.Content.Get("application/json")
	promised, err := json.Marshal(answer.Example)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(envelope, user map[string]any){
		"another message":           func(envelope, _ map[string]any) { envelope["message"] = "Successfully retrieved" },
		"no data":                   func(envelope, _ map[string]any) { delete(envelope, "data") },
		"a field dropped":           func(_, user map[string]any) { delete(user, "role") },
		"a field of another type":   func(_, user map[string]any) { user["active"] = "yes" },
		"a malformed id":            func(_, user map[string]any) { user["_id"] = "1" },
		"a time without its millis": func(_, user map[string]any) { user["created_at"] = "2026-01-02T15:04:05Z" },
		"a password":                func(_, user map[string]any) { user["password"] = "$argon2id$" },
	} {
		var envelope map[string]any
		if err := json.Unmarshal(promised, &envelope); err != nil {
			t.Fatal(err)
		}
		user := envelope["data"].(map[string]any)
		if err := answer.Schema.Value.VisitJSON(envelope, openapi3.EnableJSONSchema2020()); err != nil {
			t.Fatalf("the example: %v", err)
		}
		change(envelope, user)
		if answer.Schema.Value.VisitJSON(envelope, openapi3.EnableJSONSchema2020()) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
