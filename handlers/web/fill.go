package web

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Secret is text in which leading and trailing spaces count, such as a password.
type Secret string

// fill sets the fields of a request, a pointer to a struct, from the body's values. The json tag names the value. The
// types are:
//
//	string   text, trimmed; empty if the value is missing
//	*string  text, trimmed; nil if the value is missing
//	Secret   text as it was sent; empty if the value is missing
//	*bool    true or false, in a form as text; nil if the value is missing
//	*T       of a T with UnmarshalJSON, which decodes null too and whose errors clients see; nil if the value is missing
//
// Fields of an embedded struct are set too; fields without a tag are left alone. A JSON null counts as missing, except for
// a *T. A value of another type is recorded as invalid.
func (b *Body) fill(request any) {
	v := reflect.ValueOf(request).Elem()
	for _, field := range reflect.VisibleFields(v.Type()) {
		name := field.Tag.Get("json")
		value, found := b.values[name]
		if name == "" || !found {
			continue
		}
		target := v.FieldByIndex(field.Index)
		if field.Type.Implements(unmarshaler) {
			decoded := reflect.New(field.Type.Elem())
			b.Check(name, decoded.Interface().(json.Unmarshaler).UnmarshalJSON(value))
			target.Set(decoded)
			continue
		}
		if string(value) == "null" {
			continue
		}
		if reason := setField(target.Addr().Interface(), value); reason != "" {
			b.reject(name, reason)
		}
	}
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// setField sets one field and returns what is wrong with its value, if anything is.
func setField(field any, value json.RawMessage) (reason string) {
	switch f := field.(type) {
	case *string:
		*f, reason = text(value)
		*f = strings.TrimSpace(*f)
	case **string:
		var s string
		if s, reason = text(value); reason == "" {
			*f = new(strings.TrimSpace(s))
		}
	case *Secret:
		var s string
		s, reason = text(value)
		*f = Secret(s)
	case **bool:
		*f, reason = flag(value)
	default:
		panic(fmt.Sprintf("a request cannot have a field of type %T", field))
	}
	return reason
}

// text decodes a JSON string.
func text(value json.RawMessage) (s, reason string) {
	switch err := json.Unmarshal(value, &s); {
	case err != nil:
		return "", "must be text"
	case strings.ContainsRune(s, 0):
		return "", "must have no NUL character"
	}
	return s, ""
}

// flag decodes a JSON boolean, or the text of one.
func flag(value json.RawMessage) (yes *bool, reason string) {
	if json.Unmarshal(value, &yes) == nil {
		return yes, ""
	}
	var s string
	if json.Unmarshal(value, &s) == nil {
		if b, err := strconv.ParseBool(strings.TrimSpace(s)); err == nil {
			return &b, ""
		}
	}
	return nil, "must be true or false"
}
