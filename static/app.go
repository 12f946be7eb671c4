package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed app/*.js app/*.css app/*.txt app/*.svg app/*.png app/*.webmanifest
var appFiles embed.FS

//go:embed sw.js
var workerSource []byte

//go:embed pages/*.html
var pageSources embed.FS

// AppPath is the path of the web app's files. It contains a checksum of all of them, so a file at one path never changes, and
// modules import each other by relative paths.
var AppPath = "/static/app/" + AppVersion + "/"

// AppVersion is the checksum in AppPath.
var AppVersion = checksum(sub(appFiles, "app"))

// App are the files of the web app: the style sheet, the modules, the icons, the manifest, the licences of the vendored module.
var App = sub(appFiles, "app")

// CompressedApp returns the files of App compressed with gzip, by name.
var CompressedApp = sync.OnceValue(func() map[string][]byte {
	compressed := map[string][]byte{}
	for _, name := range names(App) {
		compressed[name] = compress(read(App, name))
	}
	return compressed
})

// Worker is the service worker of the web app. It begins with the addresses of the files that the app needs without the server.
var Worker = worker()

func worker() []byte {
	var files []string
	for _, name := range names(App) {
		files = append(files, AppPath+name)
	}
	shell, err := json.Marshal(map[string]any{"version": AppVersion, "files": files})
	if err != nil {
		panic(err) // strings always marshal
	}
	return slices.Concat([]byte("const shell = "), shell, []byte(";\n\n"), workerSource)
}

var pageTemplates = template.Must(template.New("pages").Funcs(template.FuncMap{
	"file":    func(name string) string { return AppPath + name },
	"modules": modules,
}).ParseFS(pageSources, "pages/*.html"))

// Languages are the languages of the web app. The first one is the default.
var Languages = []language.Tag{language.English, language.German, language.Spanish, language.French, language.Turkish}

// Texts are the messages of the web app in one language, by their keys, without those that have a form for each plural.
type Texts struct {
	Language string
	messages map[string]string
}

// AppTexts returns the Texts of each of Languages.
var AppTexts = sync.OnceValue(appTexts)

// message matches a message of the web app. Its submatches are the key and the text.
var message = regexp.MustCompile(`(?m)^  '?([\w.-]+)'?: '((?:[^'\\]|\\')*)',$`)

func appTexts() (all []Texts) {
	for _, tag := range Languages {
		texts := Texts{tag.String(), map[string]string{}}
		for _, found := range message.FindAllSubmatch(read(App, "messages."+tag.String()+".js"), -1) {
			texts.messages[string(found[1])] = strings.ReplaceAll(string(found[2]), `\'`, "'")
		}
		all = append(all, texts)
	}
	return all
}

// Find returns the first of the messages that exists, or an empty string.
func (t Texts) Find(keys ...string) string {
	for _, key := range keys {
		if text, found := t.messages[key]; found {
			return text
		}
	}
	return ""
}

// Text returns a message. The error is for a key that does not exist.
func (t Texts) Text(key string) (string, error) {
	text, found := t.messages[key]
	if !found {
		return "", fmt.Errorf("there is no message %q in %s", key, t.Language)
	}
	return text, nil
}

// AppPages returns the pages that run the web app, one for each of Languages.
var AppPages = sync.OnceValue(appPages)

func appPages() (pages [][]byte) {
	for _, texts := range AppTexts() {
		pages = append(pages, mustRender("app.html", texts))
	}
	return pages
}

// NotFound is the page that browsers get at an address that does not exist.
var NotFound = mustRender("notfound.html", nil)

// LinkPage renders the page that a link in a mail opens, with a title and a text. If token is not empty, the page also
// has the form for a new password, and the text says why the password sent before was rejected. LinkPage returns an
// error if the template does not fit this data.
func LinkPage(title, text, token string) ([]byte, error) {
	return Render("link.html", struct{ Title, Text, Token string }{title, text, token})
}

// Render renders one of the pages. It returns an error if the template does not fit the data.
func Render(name string, data any) ([]byte, error) {
	var page bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&page, name, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return page.Bytes(), nil
}

// mustRender renders a page that is the same for everybody. Only a mistake in the template makes it panic.
func mustRender(name string, data any) []byte {
	page, err := Render(name, data)
	if err != nil {
		panic(err)
	}
	return page
}

// staticImport matches an import that runs before the module. Its submatch is the name of the imported module.
var staticImport = regexp.MustCompile(`(?m)^import .* from '\./([\w.]+)';$`)

// modules returns the names of the modules that the web app needs to start. The page names all of them. Otherwise a
// browser would find each module only after loading the one that imports it.
func modules() []string {
	found := []string{"main.js"}
	for i := 0; i < len(found); i++ {
		for _, imported := range staticImport.FindAllSubmatch(read(App, found[i]), -1) {
			if name := string(imported[1]); !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	return found
}

// checksum returns a checksum of the names and the contents of files.
func checksum(files fs.FS) string {
	var all []byte
	for _, name := range names(files) {
		content := sha256.Sum256(read(files, name))
		all = append(append(all, name...), content[:]...)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:8])
}

// names returns the sorted names of embedded files.
func names(files fs.FS) []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(err) // the files are in the binary
	}
	list := make([]string, len(entries))
	for i, entry := range entries {
		list[i] = entry.Name()
	}
	return list
}

func read(files fs.FS, name string) []byte {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err) // the files are in the binary
	}
	return content
}

func compress(content []byte) []byte {
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		panic(err) // only an invalid level fails
	}
	_, _ = w.Write(content) // a bytes.Buffer does not fail
	_ = w.Close()
	return compressed.Bytes()
}
