package mongo

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// decode encodes a value as BSON and decodes it as a T.
func decode[T any](t *testing.T, value any) T {
	t.Helper()
	raw, err := bson.Marshal(bson.M{"v": value})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ V T }
	if err := bson.Unmarshal(raw, &doc); err != nil {
		t.Fatalf("%v: %v", value, err)
	}
	return doc.V
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		value any
		want  text
	}{
		{"Emma", "Emma"},
		{"a\x00b", "a\x00b"},
		{nil, ""},
		{int32(1984), "1984"},
		{int64(1984), "1984"},
		{1.5, "1.5"},
		{true, "true"},
		{id(1), text(id(1).Hex())},
		{bson.A{"a", int32(1)}, "[a 1]"},
	} {
		if got := decode[text](t, test.value); got != test.want {
			t.Errorf("%v: got %q, want %q", test.value, got, test.want)
		}
	}
}

func TestFlag(t *testing.T) {
	for _, test := range []struct {
		value any
		want  flag
	}{{true, true}, {false, false}, {int32(0), false}, {int64(2), true}, {0.0, false}, {"no", true}} {
		if got := decode[flag](t, test.value); got != test.want {
			t.Errorf("%v: got %v, want %v", test.value, got, test.want)
		}
	}
	if got := decode[*flag](t, nil); got != nil {
		t.Errorf("null: got %v, want nil", *got)
	}
}

func TestMoment(t *testing.T) {
	now := time.Date(2024, time.May, 6, 7, 8, 9, 123_000_000, time.UTC)
	for _, test := range []struct {
		value any
		want  time.Time
	}{
		{moment(now), now},
		{moment(now.Add(999 * time.Microsecond).In(time.FixedZone("", 3600))), now},
		{moment(time.Time{}), time.Time{}},
		{nil, time.Time{}},
		{"yesterday", time.Time{}},
	} {
		if got := time.Time(decode[moment](t, test.value)); got != test.want {
			t.Errorf("%v: got %v, want %v", test.value, got, test.want)
		}
	}
}

func TestObjectID(t *testing.T) {
	for _, test := range []struct {
		value any
		want  objectID
	}{{id(1), objectID(modelID(1))}, {objectID(modelID(1)), objectID(modelID(1))}, {"made elsewhere", ""}, {int32(7), ""}} {
		if got := decode[objectID](t, test.value); got != test.want {
			t.Errorf("%v: got %q, want %q", test.value, got, test.want)
		}
	}
	if _, err := bson.Marshal(bson.M{"_id": objectID("no id")}); err == nil {
		t.Error("an invalid id was stored")
	}
}
