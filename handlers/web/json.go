package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// decodeObject returns the values of a JSON object. The error is shown to the client: it says where the text is
// malformed, or which other kind of JSON value it is.
func decodeObject(text []byte) (map[string]json.RawMessage, error) {
	if valid := validPrefix(text); valid < len(text) {
		return nil, fmt.Errorf("the body is not UTF-8, see %s", position(text, valid))
	}
	var values map[string]json.RawMessage
	err := json.Unmarshal(text, &values)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, fmt.Errorf("the body is not JSON, see %s: %w", position(text, int(e.Offset)-1), e)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil, fmt.Errorf("send a JSON object instead of the JSON %s", e.Value)
	}
	if values == nil {
		return nil, errors.New("send a JSON object instead of null")
	}
	return values, nil
}

// validPrefix returns the number of bytes before the first invalid UTF-8 in a text, or the length of the text if all of
// it is valid.
func validPrefix(text []byte) int {
	for i := 0; ; {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size < 2 { // the end, or an invalid byte
			return i
		}
		i += size
	}
}

// position describes where a byte is in a text as editors do: by the line, and by the column in characters.
func position(text []byte, offset int) string {
	before := text[:max(offset, 0)]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return fmt.Sprintf("line %d, column %d", bytes.Count(before, []byte("\n"))+1, utf8.RuneCount(line)+1)
}
