package web

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Secret is text that is not trimmed, such as a password.
type Secret string

// fill sets the fields of request, a pointer to a struct, from the body's values. The json tag of a field names its
// value. These are the types of fields:
//
//	string   text, trimmed; empty if the value is missing
//	*string  text, trimmed; nil if the value is missing
//	Secret   text as it was sent; empty if the value is missing
//	*bool    true or false, in a form as text; nil if the value is missing
//	*int, *float64
//	         a number, in a form as text; nil if the value is missing
//	*[]string
//	         texts, in a form one field each; nil if the value is missing
//	*T       decoded by UnmarshalJSON of T, also from null; clients see its errors; nil if the value is missing
//
// Fields of an embedded struct are set too. Fields without a tag are left alone. A JSON null counts as a missing value,
// except for a *T. If nullClears is true, a null sets a pointer to an empty value instead. A value of the wrong type is
// recorded as invalid. A name without a field is recorded as ignored.
func (b *Body) fill(request any, nullClears bool) {
	v := reflect.ValueOf(request).Elem()
	known := map[string]bool{}
	for _, field := range reflect.VisibleFields(v.Type()) {
		name := field.Tag.Get("json")
		known[name] = true
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
			if nullClears && target.Kind() == reflect.Pointer {
				target.Set(reflect.New(target.Type().Elem()))
			}
			continue
		}
		if list, ok := target.Addr().Interface().(**[]string); ok && b.lists[name] != nil {
			*list = new(b.lists[name])
			continue
		}
		if reason := setField(target.Addr().Interface(), value); reason != "" {
			b.reject(name, reason)
		}
	}
	for name := range b.values {
		if !known[name] {
			b.ignore(name)
		}
	}
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// setField sets the field to the value. If the value is invalid, it returns the reason.
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
	case **int:
		*f, reason = number[int](value, "must be a whole number")
	case **float64:
		*f, reason = number[float64](value, "must be a number")
	case **[]string:
		var texts []string
		if json.Unmarshal(value, &texts) != nil {
			return "must be a list of texts"
		}
		*f = &texts
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

// number decodes a JSON number, or a text that is one, as in a form. An empty text counts as zero, because a form has
// no other way to clear a field.
func number[N int | float64](value json.RawMessage, reason string) (*N, string) {
	var n N
	if json.Unmarshal(value, &n) == nil {
		return &n, ""
	}
	var s string
	if json.Unmarshal(value, &s) != nil || strings.TrimSpace(s) != "" && json.Unmarshal([]byte(strings.TrimSpace(s)), &n) != nil {
		return nil, reason
	}
	return &n, ""
}

// flag decodes a JSON boolean, or a text that is one, as in a form.
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
