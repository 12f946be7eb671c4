package web

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// Fields are the names of the fields of a view that a client wants. Nil stands for all.
type Fields []string

// ReadFields reads the query parameter fields: names of fields separated by commas. view is a struct. If it does not have one
// of the fields, the error lists those that it has.
func ReadFields(c *gin.Context, view any) (Fields, error) {
	value, found := c.GetQuery("fields")
	if !found {
		return nil, nil
	}
	var known []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(view)) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			known = append(known, name)
		}
	}
	fields := Fields(strings.Split(value, ","))
	for _, name := range fields {
		if !slices.Contains(known, name) {
			return nil, models.InvalidField("fields", errors.New("must be some of: "+strings.Join(known, ",")))
		}
	}
	return fields, nil
}

// Of returns the view with only these fields.
func (f Fields) Of(view any) any {
	if f == nil {
		return view
	}
	text, err := json.Marshal(view)
	if err != nil {
		return view // the encoder of the answer finds the error, too
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return view
	}
	some := make(map[string]json.RawMessage, len(f))
	for _, name := range f {
		if value, found := all[name]; found {
			some[name] = value
		}
	}
	return some
}
