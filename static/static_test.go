package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/language"

	"bookplate/static"
)

var (
	assetReference = regexp.MustCompile(`(?:src|href)="(` + static.AppPath + `|/docs/)([^"]+)"`)
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
		"app": string(static.AppPages()[0]), "not found": string(static.NotFound), "docs": string(docs),
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
	files := map[string]fs.FS{static.AppPath: static.App, "/docs/": static.Docs}
	references := assetReference.FindAllStringSubmatch(string(static.AppPages()[0])+string(docs), -1)
	if len(references) < 20 {
		t.Errorf("only %d references found", len(references))
	}
	for _, ref := range references {
		if _, err := fs.Stat(files[ref[1]], ref[2]); err != nil {
			t.Error(err)
		}
	}
}

// budget is how many bytes of HTML, CSS and JavaScript a browser loads to show the library, compressed.
const budget = 60_000

func TestAppIsSmall(t *testing.T) {
	files := static.CompressedApp()
	size := len(static.AppPages()[0])
	for _, ref := range assetReference.FindAllStringSubmatch(string(static.AppPages()[0]), -1) {
		if ref[1] == static.AppPath && !strings.Contains(string(static.AppPages()[0]), `src="`+ref[1]+ref[2]) {
			size += len(files[ref[2]])
		}
	}
	if t.Logf("%d bytes", size); size > budget || size < budget/4 {
		t.Errorf("the first load is %d bytes, want at most %d", size, budget)
	}
}

// imported matches the name of a module that another one imports.
var imported = regexp.MustCompile(`(?:from |import\()'\./([^']+)'`)

// A module that does not exist would break the app only in the browser.
func TestImportedModulesExist(t *testing.T) {
	modules, err := fs.Glob(static.App, "*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		content, err := fs.ReadFile(static.App, module)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range imported.FindAllStringSubmatch(string(content), -1) {
			if _, err := fs.Stat(static.App, name[1]); err != nil {
				t.Errorf("%s: %v", module, err)
			}
		}
	}
}

// message matches a use of a message whose key is written out.
var message = regexp.MustCompile(`\bt\('([^'$]+)'`)

func TestMessagesExist(t *testing.T) {
	english, err := fs.ReadFile(static.App, "messages.en.js")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := fs.Glob(static.App, "*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		content, err := fs.ReadFile(static.App, module)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range message.FindAllStringSubmatch(string(content), -1) {
			quoted, bare := "\n  '"+key[1]+"': ", "\n  "+key[1]+": "
			if !strings.Contains(string(english), quoted) && !strings.Contains(string(english), bare) {
				t.Errorf("%s uses the message %s, which does not exist", module, key[1])
			}
		}
	}
}

// entry matches a message: a line with its key and its text, or its forms.
var (
	entry       = regexp.MustCompile(`(?m)^  (?:'([^']+)'|(\w+)): (.*),$`)
	placeholder = regexp.MustCompile(`\{\w+\}`)
)

// messagesOf returns the placeholders of each message of a language, sorted, by the keys of the messages.
func messagesOf(t *testing.T, tag language.Tag) map[string]string {
	t.Helper()
	content, err := fs.ReadFile(static.App, "messages."+tag.String()+".js")
	if err != nil {
		t.Fatal(err)
	}
	messages := map[string]string{}
	for _, match := range entry.FindAllStringSubmatch(string(content), -1) {
		names := placeholder.FindAllString(match[3], -1)
		slices.Sort(names)
		messages[match[1]+match[2]] = strings.Join(slices.Compact(names), " ")
	}
	return messages
}

// All languages have the same messages with the same placeholders.
func TestTranslationsAreComplete(t *testing.T) {
	english := messagesOf(t, language.English)
	if len(english) < 300 {
		t.Errorf("only %d messages found", len(english))
	}
	for _, tag := range static.Languages {
		translated := messagesOf(t, tag)
		for key, names := range english {
			if got, found := translated[key]; !found || got != names {
				t.Errorf("%s: the message %s has the placeholders %q, want %q (found: %t)", tag, key, got, names, found)
			}
		}
		for key := range translated {
			if _, found := english[key]; !found {
				t.Errorf("%s: the message %s does not exist in English", tag, key)
			}
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
	if err := fstest.TestFS(static.App, "licences.txt"); err != nil {
		t.Error(err)
	}
}
