package static_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"bookplate/static"
)

func TestDocumentIsValidOpenAPI31(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON("1.2.3"))
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

func TestDocumentHasTheServersVersion(t *testing.T) {
	for name, source := range map[string][]byte{"JSON": static.OpenAPIJSON("1.2.3"), "YAML": static.OpenAPIYAML("1.2.3")} {
		doc, err := openapi3.NewLoader().LoadFromData(source)
		if err != nil {
			t.Fatal(err)
		}
		if doc.Info.Version != "1.2.3" {
			t.Errorf("the version in %s is %q", name, doc.Info.Version)
		}
	}
}

// The schemas in the OpenAPI document must reject wrong answers, because the tests of package handlers check every
// answer against them.
func TestDocumentRejectsWrongAnswers(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(static.OpenAPIJSON("1.2.3"))
	if err != nil {
		t.Fatal(err)
	}
	answer := doc.Paths.Value("/users").Get.Responses.Status(http.StatusOK).Value.Content.Get("application/json")
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
