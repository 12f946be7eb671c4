package web

import (
	"testing"

	"bookplate/models"
)

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("e30")
	f.Add(formatCursor(models.Cursor{ID: "0123456789abcdef01234567", Key: "Émile \x00", Part: 2}))
	f.Fuzz(func(t *testing.T, s string) {
		cursor, err := parseCursor(s)
		if err != nil {
			return
		}
		again, err := parseCursor(formatCursor(cursor))
		if err != nil || again != cursor {
			t.Errorf("%q parses to %+v, formatted and parsed again to %+v (%v)", s, cursor, again, err)
		}
	})
}
