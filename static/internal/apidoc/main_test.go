package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheGeneratedFilesAreCurrent(t *testing.T) {
	t.Chdir("../..")
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("static/%s is stale: run go generate ./static", name)
		}
	}
}
