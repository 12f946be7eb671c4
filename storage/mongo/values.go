package mongo

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// The types of a stored document's fields. They read whatever they find: the tutorial and those who worked on its
// database by hand checked no types, and one odd value must not hide a book, let alone the list it is in.

// objectID is a models.ID that is stored as an ObjectID.
type objectID models.ID

// MarshalBSONValue stores an ObjectID. An id that is none is an error: whoever made it did not use models.ParseID.
func (id objectID) MarshalBSONValue() (typ byte, data []byte, err error) {
	oid, err := bson.ObjectIDFromHex(string(id))
	return byte(bson.TypeObjectID), oid[:], err
}

// UnmarshalBSONValue reads an ObjectID.
func (id *objectID) UnmarshalBSONValue(typ byte, data []byte) error {
	if oid, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).ObjectIDOK(); ok {
		*id = objectID(oid.Hex())
	}
	return nil
}

// text is a string.
type text string

// UnmarshalBSONValue reads a string, or what another value looks like as one.
func (s *text) UnmarshalBSONValue(typ byte, data []byte) error {
	switch raw := (bson.RawValue{Type: bson.Type(typ), Value: data}); raw.Type {
	case bson.TypeString:
		*s = text(raw.StringValue())
	case bson.TypeNull, bson.TypeUndefined: // as if it were missing
	case bson.TypeObjectID:
		*s = text(raw.ObjectID().Hex())
	default:
		var v any
		if err := raw.Unmarshal(&v); err != nil {
			return err
		}
		*s = text(fmt.Sprint(v))
	}
	return nil
}

// flag is a truth value.
type flag bool

// UnmarshalBSONValue reads a truth value. A number is true unless it is zero; null is read as missing, anything else as true.
func (f *flag) UnmarshalBSONValue(typ byte, data []byte) error {
	raw := bson.RawValue{Type: bson.Type(typ), Value: data}
	if raw.Type == bson.TypeNull || raw.Type == bson.TypeUndefined {
		return nil
	}
	if b, ok := raw.BooleanOK(); ok {
		*f = flag(b)
		return nil
	}
	n, ok := raw.AsFloat64OK()
	*f = flag(!ok || n != 0)
	return nil
}

// sizes are the sizes of a cover.
type sizes []int

// UnmarshalBSONValue reads an array of numbers; anything else is none.
func (s *sizes) UnmarshalBSONValue(typ byte, data []byte) error {
	var numbers []int
	if (bson.RawValue{Type: bson.Type(typ), Value: data}).Unmarshal(&numbers) == nil {
		*s = numbers
	}
	return nil
}

// number is an integer.
type number int

// UnmarshalBSONValue reads a number, without its fraction; anything else is zero.
func (n *number) UnmarshalBSONValue(typ byte, data []byte) error {
	if i, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).AsInt64OK(); ok {
		*n = number(i)
	}
	return nil
}

// object is a value that package bson stores by itself.
type object[T any] struct{ to *T }

// MarshalBSONValue stores the value.
func (o object[T]) MarshalBSONValue() (typ byte, data []byte, err error) {
	t, data, err := bson.MarshalValue(*o.to)
	return byte(t), data, err
}

// UnmarshalBSONValue reads the value; anything else is left out.
func (o object[T]) UnmarshalBSONValue(typ byte, data []byte) error {
	var value T
	if (bson.RawValue{Type: bson.Type(typ), Value: data}).Unmarshal(&value) == nil {
		*o.to = value
	}
	return nil
}

// moment is a time, in UTC with milliseconds.
type moment time.Time

// MarshalBSONValue stores a date.
func (m moment) MarshalBSONValue() (typ byte, data []byte, err error) {
	t, data, err := bson.MarshalValue(time.Time(m))
	return byte(t), data, err
}

// UnmarshalBSONValue reads a date; anything else is the zero time.
func (m *moment) UnmarshalBSONValue(typ byte, data []byte) error {
	if ms, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).DateTimeOK(); ok {
		*m = moment(time.UnixMilli(ms).UTC())
	}
	return nil
}

// texts are strings.
type texts []string

// UnmarshalBSONValue reads an array, its values as text does; anything else is none.
func (s *texts) UnmarshalBSONValue(typ byte, data []byte) error {
	var values []text
	if (bson.RawValue{Type: bson.Type(typ), Value: data}).Unmarshal(&values) != nil || len(values) == 0 {
		return nil
	}
	*s = make(texts, len(values))
	for i, value := range values {
		(*s)[i] = string(value)
	}
	return nil
}

// decimal is a number.
type decimal float64

// UnmarshalBSONValue reads a number; anything else is zero.
func (n *decimal) UnmarshalBSONValue(typ byte, data []byte) error {
	if value, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).AsFloat64OK(); ok {
		*n = decimal(value)
	}
	return nil
}
