package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"bookplate/static"
)

func render(t *testing.T, version, database string) string {
	t.Helper()
	page, err := static.Page(version, database, "2 to 30 words", []string{"poetry", "picture book"})
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestPageShowsItsData(t *testing.T) {
	page := render(t, "v1.2.3", "MongoDB")
	for _, want := range []string{"v1.2.3", "MongoDB", "2 to 30 words", "<option>poetry</option>", "<option>picture book</option>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPageEscapesItsData(t *testing.T) {
	if page := render(t, "<script>", "a&b"); strings.Contains(page, "<script>") || !strings.Contains(page, "a&amp;b") {
		t.Error("the page shows its data as HTML")
	}
}

var (
	assetReference = regexp.MustCompile(`(?:src|href)="(/static/page/|/docs/)([^"]+)"`)
	inlineCode     = regexp.MustCompile(`<style|\sstyle=|\son\w+=|<script(?:\s+type="module")?>`)
	otherServer    = regexp.MustCompile(`(?:src|href)="(?:https?:)?//`)
)

// The pages obey their Content-Security-Policy, which forbids inline code and files of other servers.
func TestPagesFitThePolicy(t *testing.T) {
	docs, err := fs.ReadFile(static.Docs, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{
		"page": render(t, "v1", "SQLite"), "not found": string(static.NotFound), "docs": string(docs),
	} {
		if found := inlineCode.FindString(page); found != "" {
			t.Errorf("%s: %q is inline", name, found)
		}
		if found := otherServer.FindString(page); found != "" {
			t.Errorf("%s: %q refers to another server", name, found)
		}
	}
}

func TestReferencedFilesExist(t *testing.T) {
	docs, err := fs.ReadFile(static.Docs, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]fs.FS{"/static/page/": static.PageAssets, "/docs/": static.Docs}
	references := assetReference.FindAllStringSubmatch(render(t, "v1", "SQLite")+string(docs), -1)
	if len(references) < 5 {
		t.Errorf("only %d references found", len(references))
	}
	for _, ref := range references {
		if _, err := fs.Stat(files[ref[1]], ref[2]); err != nil {
			t.Error(err)
		}
	}
}

// The embedded files have the checksums of the files in npm's swagger-ui-dist 5.35.0.
func TestSwaggerUIIsUnchanged(t *testing.T) {
	for name, want := range map[string]string{
		"swagger-ui.css":       "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
		"swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
	} {
		content, err := fs.ReadFile(static.Docs, name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s differs from the release", name)
		}
	}
}

func TestLicencesAreEmbedded(t *testing.T) {
	if err := fstest.TestFS(static.Docs, "LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"); err != nil {
		t.Error(err)
	}
}
