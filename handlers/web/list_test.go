package web

import (
	"testing"

	"bookplate/models"
)

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("e30")
	f.Add(formatCursor(models.Cursor{ID: "0123456789abcdef01234567", Title: "Émile \x00"}))
	f.Fuzz(func(t *testing.T, s string) {
		place, err := parseCursor(s)
		if err != nil {
			return
		}
		again, err := parseCursor(formatCursor(place))
		if err != nil || again != place {
			t.Errorf("%q is %+v, and written again %+v (%v)", s, place, again, err)
		}
	})
}
