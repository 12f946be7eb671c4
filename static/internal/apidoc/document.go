package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// document has those parts of the OpenAPI document that the collection needs. References are already replaced (see
// inline).
type document struct {
	Info     struct{ Title string }
	Tags     []struct{ Name, Description string }
	Security security
	Paths    object[object[json.RawMessage]]
}

// operation is one method of one path in the OpenAPI document.
type operation struct {
	Method, Path string
	Tags         []string
	OperationID  string
	Summary      string
	Description  string
	Security     security
	Parameters   []parameter
	RequestBody  struct{ Content object[media] }
	Responses    object[struct {
		Description string
		Content     object[media]
	}]
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
	Example               any
}

type media struct {
	Schema   schema
	Example  json.RawMessage
	Examples object[struct{ Value json.RawMessage }]
}

type schema struct {
	Properties object[schema]
	Examples   []any
	Default    any
	Format     string
}

// security lists the alternative ways to authenticate, each as a map whose keys are the names of security schemes. If
// the list or its first map is empty, no authentication is needed.
type security []map[string][]string

// object is a JSON object that keeps the order of its fields.
type object[V any] []field[V]

type field[V any] struct {
	Name  string
	Value V
}

func (o *object[V]) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value V
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		*o = append(*o, field[V]{fmt.Sprint(name), value})
	}
	return nil
}

// readDocument reads an OpenAPI document in YAML.
func readDocument(source []byte) (document, error) {
	var d document
	var root yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(source, &root, yaml.UseOrderedMap()); err != nil {
		return d, err
	}
	inlined, err := yaml.MarshalWithOptions(inline(root, root), yaml.JSON())
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(inlined, &d)
}

// inline returns node with each reference replaced by the object that the reference names. Fields beside a reference
// take precedence over the fields of that object.
func inline(root yaml.MapSlice, node any) any {
	switch node := node.(type) {
	case yaml.MapSlice:
		var result yaml.MapSlice
		for _, field := range node {
			if field.Key == "$ref" {
				result = append(result, inline(root, lookUp(root, field.Value.(string))).(yaml.MapSlice)...)
				continue
			}
			field.Value = inline(root, field.Value)
			result = slices.DeleteFunc(result, func(old yaml.MapItem) bool { return old.Key == field.Key })
			result = append(result, field)
		}
		return result
	case []any:
		result := make([]any, len(node))
		for i, element := range node {
			result[i] = inline(root, element)
		}
		return result
	default:
		return node
	}
}

// lookUp returns the object that a reference such as #/components/schemas/Book names, or an empty object if it does not
// exist.
func lookUp(root yaml.MapSlice, reference string) yaml.MapSlice {
	node := root
	for name := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		i := slices.IndexFunc(node, func(field yaml.MapItem) bool { return field.Key == name })
		if i < 0 {
			return nil
		}
		node, _ = node[i].Value.(yaml.MapSlice)
	}
	return node
}

// operations returns all operations in the order of the OpenAPI document. It returns an error unless each operation has
// an operationId and exactly one of the document's tags.
func (d document) operations() ([]operation, error) {
	var operations []operation
	var errs []error
	for _, path := range d.Paths {
		var shared []parameter
		for _, field := range path.Value {
			if field.Name == "parameters" {
				errs = append(errs, json.Unmarshal(field.Value, &shared))
				continue
			}
			o := operation{Method: strings.ToUpper(field.Name), Path: path.Name}
			if err := json.Unmarshal(field.Value, &o); err != nil {
				errs = append(errs, fmt.Errorf("%s %s: %w", o.Method, o.Path, err))
			}
			if o.Security == nil {
				o.Security = d.Security
			}
			if o.OperationID == "" || len(o.Tags) != 1 || !d.hasTag(o.Tags[0]) {
				errs = append(errs, fmt.Errorf("%s %s needs an operationId and one of the document's tags", o.Method, o.Path))
			}
			o.Parameters = append(slices.Clone(shared), o.Parameters...)
			operations = append(operations, o)
		}
	}
	return operations, errors.Join(errs...)
}

func (d document) hasTag(name string) bool {
	for _, tag := range d.Tags {
		if tag.Name == name {
			return true
		}
	}
	return false
}

// example returns the value that an example request sends for the parameter, as text.
func (p parameter) example() string {
	for _, value := range append([]any{p.Example}, append(p.Schema.Examples, p.Schema.Default)...) {
		if value != nil {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// example returns an object that has the first example of each property, and a file for each binary property.
// Properties without an example are left out.
func (s schema) example() yaml.MapSlice {
	var object yaml.MapSlice
	for _, property := range s.Properties {
		if property.Value.Format == "binary" {
			object = append(object, yaml.MapItem{Key: property.Name, Value: yaml.MapSlice{{Key: "file", Value: exampleFile}}})
		} else if len(property.Value.Examples) > 0 {
			object = append(object, yaml.MapItem{Key: property.Name, Value: property.Value.Examples[0]})
		}
	}
	return object
}
