package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Date is a day as a number: 20040229 is 2004-02-29. Zero means no day or an unknown day.
type Date int

// DateOf returns the day of t in UTC.
func DateOf(t time.Time) Date {
	year, month, day := t.UTC().Date()
	return Date(year*10000 + int(month)*100 + day)
}

// ParseDate parses a date of the form YYYY-MM-DD. The text of its error is for the client.
func ParseDate(s string) (Date, error) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, errors.New("a date must exist and be written as YYYY-MM-DD")
	}
	return DateOf(day), nil
}

// String returns the day as YYYY-MM-DD.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", int(d)/10000, int(d)/100%100, int(d)%100)
}

// MarshalJSON returns the day as YYYY-MM-DD, or null for zero.
func (d Date) MarshalJSON() ([]byte, error) {
	if d == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON decodes the form that MarshalJSON returns.
func (d *Date) UnmarshalJSON(value []byte) error {
	if string(value) == "null" {
		*d = 0
		return nil
	}
	text, _ := unmarshalText[string](value) // another JSON type gives an empty text, which ParseDate rejects
	day, err := ParseDate(text)
	*d = day
	return err
}

// Time returns the beginning of the day in UTC.
func (d Date) Time() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}
