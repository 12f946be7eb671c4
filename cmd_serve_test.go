package main

import (
	"errors"
	"strings"
	"testing"

	"bookplate/config"
)

// Long values are cut off in the log, because clients can send them. Stacks are logged whole.
func TestLongValuesAreShortened(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out strings.Builder
		log := newLogger(config.Config{LogJSON: asJSON}, &out)
		path := strings.Repeat("é", 1<<20)
		log.Warn(path, "error", errors.New(path), "route", path, "status", 404)
		line := out.String()
		if len(line) > 4*maxLogged || !strings.Contains(line, "é…") || !strings.Contains(line, "404") {
			t.Errorf("a line of %d bytes: %.100s", len(line), line)
		}
		out.Reset()
		log.Error("panic", "stack", strings.Repeat("main.go:1 ", maxLogged))
		if n := strings.Count(out.String(), "main.go:1 "); n != maxLogged {
			t.Errorf("%d lines of the stack are logged, want %d", n, maxLogged)
		}
	}
}
