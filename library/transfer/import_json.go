package transfer

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
)

// jsonLists are the fields of a JSON object that may have the list of books.
var jsonLists = []string{"data", "books", "items"}

// limitedReader reads at most left bytes. The caller may set left again.
type limitedReader struct {
	in   io.Reader
	left int
}

func (r *limitedReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, unreadable("a book has more than %d bytes", maxRecord)
	}
	n, err := r.in.Read(p)
	r.left -= n
	return n, err
}

// jsonColumns returns the names of all fields in the objects of a JSON file, sorted.
func jsonColumns(in io.Reader) ([]string, error) {
	names := map[string]bool{}
	for object, err := range jsonObjects(in) {
		if err != nil {
			return nil, err
		}
		for name := range object {
			names[name] = true
		}
		if len(names) > maxColumns {
			return nil, unreadable("the books have more than %d different fields", maxColumns)
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// jsonRecords returns the objects of a JSON file as records with these columns. The line of a record is the number of
// its object.
func jsonRecords(in io.Reader, columns []string) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		number := 0
		for object, err := range jsonObjects(in) {
			number++
			cells := make([]string, len(columns))
			for i, name := range columns {
				cells[i] = object[name]
			}
			if !yield(record{number, cells}, err) || err != nil {
				return
			}
		}
	}
}

// jsonObjects returns the objects of a list, or of an object of objects. The list may be a field of an object. The name
// of a nested field includes the outer one, as in reading.status. A list becomes a text with line breaks.
func jsonObjects(in io.Reader) iter.Seq2[map[string]string, error] {
	return func(yield func(map[string]string, error) bool) {
		limited := &limitedReader{in, 2 * maxRecord}
		decoder := json.NewDecoder(limited)
		inList, err := enterJSON(decoder)
		for err == nil && decoder.More() {
			if !inList {
				if inList, err = enterField(decoder); err != nil || inList {
					continue
				}
			}
			var value json.RawMessage
			if err = decoder.Decode(&value); err != nil {
				break
			}
			limited.left = 2 * maxRecord
			var object map[string]json.RawMessage
			if json.Unmarshal(value, &object) != nil || object == nil {
				if inList {
					err = unreadable("the JSON has a list of values that are not objects")
				}
				continue
			}
			flat := map[string]string{}
			flatten("", object, flat)
			if !yield(flat, nil) {
				return
			}
		}
		if err == nil {
			_, err = decoder.Token() // reads the end of the list or the object
		}
		if err != nil {
			yield(nil, notJSON(err))
		}
	}
}

func enterJSON(decoder *json.Decoder) (inList bool, err error) {
	token, err := decoder.Token()
	if err == nil && token != json.Delim('[') && token != json.Delim('{') {
		err = unreadable("the JSON has no list of books")
	}
	return token == json.Delim('['), err
}

// enterField reads the name of a field. If the field has the list of books, it also reads the beginning of the list.
func enterField(decoder *json.Decoder) (inList bool, err error) {
	name, err := decoder.Token()
	if err != nil || !slices.Contains(jsonLists, name.(string)) {
		return false, err
	}
	token, err := decoder.Token()
	if err == nil && token != json.Delim('[') {
		err = unreadable("the field %s of the JSON must be a list", name)
	}
	return true, err
}

func notJSON(err error) error {
	_, isSyntax := errors.AsType[*json.SyntaxError](err)
	if isSyntax || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return unreadable("the JSON is malformed or was cut short")
	}
	return err
}

// flatten adds the values of an object, with a prefix before their names.
func flatten(prefix string, object map[string]json.RawMessage, values map[string]string) {
	for name, value := range object {
		var nested map[string]json.RawMessage
		if json.Unmarshal(value, &nested) == nil && nested != nil {
			flatten(prefix+name+".", nested, values)
			continue
		}
		if text := jsonText(value); text != "" {
			values[prefix+name] = text
		}
	}
}

// jsonText returns a value as the text of a cell. A list has an item on each line. Bars separate the values of an
// object, as in the reads of Openreads.
func jsonText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return repairText(text) // null becomes an empty text
	}
	var list []json.RawMessage
	if json.Unmarshal(value, &list) == nil {
		lines := make([]string, len(list))
		for i, item := range list {
			lines[i] = jsonText(item)
		}
		return strings.Join(lines, "\n")
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return string(value)
	}
	var parts []string
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(object))) { // puts started before finished
		parts = append(parts, jsonText(object[name]))
	}
	return strings.Join(parts, "|")
}
