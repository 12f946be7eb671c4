package mongo

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"bookplate/models"
)

// The types of the fields of stored documents. They can decode a value of any type, because the tutorial did not check
// types and its database may have been edited by hand. A value of the wrong type must not make a book or a list
// unreadable.

// objectID is a models.ID that is stored as an ObjectID.
type objectID models.ID

// MarshalBSONValue stores an ObjectID. It returns an error if the id is invalid. Ids from models.ParseID are always
// valid.
func (id objectID) MarshalBSONValue() (typ byte, data []byte, err error) {
	oid, err := bson.ObjectIDFromHex(string(id))
	return byte(bson.TypeObjectID), oid[:], err
}

// UnmarshalBSONValue reads an ObjectID. It ignores a value of another type.
func (id *objectID) UnmarshalBSONValue(typ byte, data []byte) error {
	if oid, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).ObjectIDOK(); ok {
		*id = objectID(oid.Hex())
	}
	return nil
}

// text is a string.
type text string

// UnmarshalBSONValue reads a string. It formats a value of another type as text.
func (s *text) UnmarshalBSONValue(typ byte, data []byte) error {
	switch raw := (bson.RawValue{Type: bson.Type(typ), Value: data}); raw.Type {
	case bson.TypeString:
		*s = text(raw.StringValue())
	case bson.TypeNull, bson.TypeUndefined: // the same as a missing field
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

// flag is a boolean.
type flag bool

// UnmarshalBSONValue reads a boolean. A number is true unless it is zero. Null is the same as a missing field.
// Any other value is true.
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

// UnmarshalBSONValue reads an array of numbers. It ignores any other value.
func (s *sizes) UnmarshalBSONValue(typ byte, data []byte) error {
	if bson.Type(typ) != bson.TypeArray {
		return nil
	}
	var list sizes
	err := eachElement(data, func(_ []byte, value bsoncore.Value) error {
		size, ok := value.AsInt64OK()
		if !ok {
			return errNoNumber
		}
		list = append(list, int(size))
		return nil
	})
	if err == nil {
		*s = list
	}
	return nil
}

var errNoNumber = errors.New("not a number")

// number is an integer.
type number int

// UnmarshalBSONValue reads a number and drops its fraction. It ignores any other value.
func (n *number) UnmarshalBSONValue(typ byte, data []byte) error {
	if i, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).AsInt64OK(); ok {
		*n = number(i)
	}
	return nil
}

// object is a value that package bson can encode and decode.
type object[T any] struct{ to *T }

// MarshalBSONValue stores the value.
func (o object[T]) MarshalBSONValue() (typ byte, data []byte, err error) {
	t, data, err := bson.MarshalValue(*o.to)
	return byte(t), data, err
}

// UnmarshalBSONValue reads the value. It ignores a value that cannot be decoded.
func (o object[T]) UnmarshalBSONValue(typ byte, data []byte) error {
	var value T
	if (bson.RawValue{Type: bson.Type(typ), Value: data}).Unmarshal(&value) == nil {
		*o.to = value
	}
	return nil
}

// moment is a time in UTC, to the millisecond.
type moment time.Time

// MarshalBSONValue stores a date.
func (m moment) MarshalBSONValue() (typ byte, data []byte, err error) {
	t, data, err := bson.MarshalValue(time.Time(m))
	return byte(t), data, err
}

// UnmarshalBSONValue reads a date. It ignores any other value.
func (m *moment) UnmarshalBSONValue(typ byte, data []byte) error {
	if ms, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).DateTimeOK(); ok {
		*m = moment(time.UnixMilli(ms).UTC())
	}
	return nil
}

// texts is a list of strings.
type texts []string

// UnmarshalBSONValue reads an array, and each element as a text. It ignores any other value.
func (s *texts) UnmarshalBSONValue(typ byte, data []byte) error {
	if bson.Type(typ) != bson.TypeArray {
		return nil
	}
	var list texts
	err := eachElement(data, func(_ []byte, value bsoncore.Value) error {
		var element text
		err := element.UnmarshalBSONValue(byte(value.Type), value.Data)
		list = append(list, string(element))
		return err
	})
	if err == nil {
		*s = list
	}
	return nil
}

// decimal is a number with a fraction.
type decimal float64

// UnmarshalBSONValue reads a number. It ignores any other value.
func (n *decimal) UnmarshalBSONValue(typ byte, data []byte) error {
	if value, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).AsFloat64OK(); ok {
		*n = decimal(value)
	}
	return nil
}

// content is a sequence of bytes.
type content []byte

// UnmarshalBSONValue reads binary data. It ignores any other value.
func (b *content) UnmarshalBSONValue(typ byte, data []byte) error {
	if _, data, ok := (bson.RawValue{Type: bson.Type(typ), Value: data}).BinaryOK(); ok {
		*b = bytes.Clone(data)
	}
	return nil
}
