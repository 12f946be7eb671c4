package web

import (
	"encoding/json"
	"time"
)

// Appender is a view that appends its JSON to a buffer.
type Appender interface {
	AppendJSON(to []byte) ([]byte, error)
}

// AppendText appends a text as JSON, as package json encodes it.
func AppendText(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, _ := json.Marshal(text) // a string always marshals
			return append(to, escaped...)
		}
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"')
}

// AppendTimestamp appends a time as JSON, as Timestamp formats it.
func AppendTimestamp(to []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(to, "null"...)
	}
	return t.UTC().AppendFormat(to, `"`+timestamp+`"`)
}
