package models

import (
	"iter"
	"reflect"
)

// An update, such as BookUpdate, is a struct of pointers. A field with a json tag changes the field with the same Go
// name in the stored struct; nil leaves it unchanged. Clients and stores use the name in the tag.

// changes returns the names and the new values of the fields that an update changes.
func changes(update any) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for field, value := range changedFields(update) {
			if !yield(field.Tag.Get("json"), value.Interface()) {
				return
			}
		}
	}
}

// apply applies an update to the struct that stored points to.
func apply(stored, update any) {
	target := reflect.ValueOf(stored).Elem()
	for field, value := range changedFields(update) {
		target.FieldByName(field.Name).Set(value)
	}
}

// changedFields returns the fields that an update changes, and their new values.
func changedFields(update any) iter.Seq2[reflect.StructField, reflect.Value] {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		v := reflect.ValueOf(update)
		for field, value := range v.Fields() {
			if field.Tag.Get("json") == "" || value.IsNil() {
				continue
			}
			if !yield(field, value.Elem()) {
				return
			}
		}
	}
}

// fill adds the changes of other, an update of the same type, to the update that the first argument points to. It skips
// fields that the update already changes, and returns the names of the added fields.
func fill(update, other any) (names []string) {
	target := reflect.ValueOf(update).Elem()
	for field, value := range changedFields(other) {
		if current := target.FieldByName(field.Name); current.IsNil() {
			current.Set(value.Addr())
			names = append(names, field.Tag.Get("json"))
		}
	}
	return names
}

// fillFrom sets the fields of an update to the values of a stored struct, except zero values. The first argument is a
// pointer to the update.
func fillFrom(update, stored any) {
	target, source := reflect.ValueOf(update).Elem(), reflect.ValueOf(stored)
	for field, pointer := range target.Fields() {
		if field.Tag.Get("json") == "" {
			continue
		}
		if value := source.FieldByName(field.Name); !value.IsZero() {
			pointer.Set(reflect.New(value.Type()))
			pointer.Elem().Set(value)
		}
	}
}

// omit removes the change of the named field from an update. The first argument is a pointer to the update.
func omit(update any, name string) {
	target := reflect.ValueOf(update).Elem()
	for field := range changedFields(target.Interface()) {
		if field.Tag.Get("json") == name {
			target.FieldByName(field.Name).SetZero()
		}
	}
}
