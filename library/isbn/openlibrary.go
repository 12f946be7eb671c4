package isbn

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// openLibrary is Open Library, a service of the Internet Archive. It allows three requests a second if the User-Agent
// has a contact. It may redirect requests for covers to archive.org.
var openLibrary = source{
	name: models.OpenLibrary, title: "Open Library",
	hosts: []string{"openlibrary.org", "covers.openlibrary.org", "archive.org", ".archive.org"},
	limit: throttle.Limit{N: 3, Per: time.Second},
	find:  findOpenLibrary, search: searchOpenLibrary,
}

// anonymousLimit is Open Library's limit for requests whose User-Agent has no contact.
var anonymousLimit = throttle.Limit{N: 1, Per: time.Second}

const (
	openLibraryURL = "https://openlibrary.org"

	// maxNamedAuthors is the maximum number of authors whose names are looked up if an edition does not have them. Each
	// look-up is a request.
	maxNamedAuthors = 5
)

// edition is the entry of an edition in Open Library. A field may have an unusual type, because anybody may edit
// entries.
type edition struct {
	Title       words    `json:"title"`
	Subtitle    words    `json:"subtitle"`
	Authors     []person `json:"authors"`
	ISBN10      list     `json:"isbn_10"`
	ISBN13      list     `json:"isbn_13"`
	Description words    `json:"description"`
	Publishers  list     `json:"publishers"`
	PublishDate words    `json:"publish_date"`
	Languages   []key    `json:"languages"`
	Pages       count    `json:"number_of_pages"`
	Series      list     `json:"series"`
	Covers      []count  `json:"covers"`
	Works       []key    `json:"works"`
}

// work is the entry of a work in Open Library. It has the data that all editions of the book share.
type work struct {
	Authors     []person `json:"authors"`
	Description words    `json:"description"`
}

// person is an author in an entry. It has the name, or the key of the author's own entry.
type person struct {
	Name   words `json:"name"`
	Key    words `json:"key"`
	Author key   `json:"author"`
}

// findOpenLibrary fetches the edition with the ISBN. It also fetches the work if the edition has no authors or no
// description.
func findOpenLibrary(ctx context.Context, f *fetcher, isbn string) (answer, error) {
	bibkey := "ISBN:" + isbn
	query := url.Values{"bibkeys": {bibkey}, "format": {"json"}, "jscmd": {"details"}}
	var found map[string]struct {
		Details edition `json:"details"`
	}
	if err := f.json(ctx, openLibraryURL+"/api/books?"+query.Encode(), &found); err != nil {
		return answer{}, err
	}
	if len(found) == 0 {
		return answer{}, errUnknown
	}
	e := found[bibkey].Details
	a := e.answer()
	if len(e.Works) > 0 && (len(a.authors) == 0 || a.description == "") {
		if err := addWork(ctx, f, string(e.Works[0]), &a); err != nil {
			return answer{}, err
		}
	}
	return a, nil
}

func (e edition) answer() answer {
	a := answer{
		isbns: append(e.ISBN13, e.ISBN10...), title: string(e.Title), subtitle: string(e.Subtitle),
		description: string(e.Description), publisher: e.Publishers.first(), published: string(e.PublishDate),
		pages: int(e.Pages),
	}
	a.series, a.number = splitSeries(e.Series.first())
	for _, author := range e.Authors {
		a.authors = append(a.authors, string(author.Name))
	}
	a.authors = names(a.authors)
	if len(e.Languages) > 0 {
		a.language = strings.TrimPrefix(string(e.Languages[0]), "/languages/")
	}
	for _, id := range e.Covers {
		a.cover = cmp.Or(a.cover, coverURL(id))
	}
	return a
}

// searchedWork is a work in the answer to a search. Its numbers and its cover are those of any of its editions.
type searchedWork struct {
	Title     words `json:"title"`
	Subtitle  words `json:"subtitle"`
	Authors   list  `json:"author_name"`
	ISBN      list  `json:"isbn"`
	Published count `json:"first_publish_year"`
	Languages list  `json:"language"`
	Cover     count `json:"cover_i"`
}

func searchOpenLibrary(ctx context.Context, f *fetcher, words []string) (answers []answer, err error) {
	query := url.Values{
		"q": {strings.Join(words, " ")}, "limit": {strconv.Itoa(maxResults)},
		"fields": {"title,subtitle,author_name,isbn,first_publish_year,language,cover_i"},
	}
	var found struct {
		Docs []searchedWork `json:"docs"`
	}
	if err := f.json(ctx, openLibraryURL+"/search.json?"+query.Encode(), &found); err != nil {
		return nil, err
	}
	for _, work := range found.Docs {
		answers = append(answers, work.answer())
	}
	return answers, nil
}

func (w searchedWork) answer() answer {
	a := answer{
		isbns: w.ISBN, title: string(w.Title), subtitle: string(w.Subtitle), authors: names(w.Authors),
		cover: coverURL(w.Cover),
	}
	if w.Published > 0 {
		a.published = strconv.Itoa(int(w.Published))
	}
	if len(w.Languages) == 1 {
		a.language = w.Languages[0]
	}
	return a
}

// coverURL returns the URL of a cover by its number, or an empty string if there is none.
func coverURL(id count) string {
	if id <= 0 {
		return ""
	}
	return fmt.Sprintf("https://covers.openlibrary.org/b/id/%d-L.jpg?default=false", id)
}

// addWork adds the authors and the description of a work to an answer that lacks them. It adds nothing if the work does
// not exist.
func addWork(ctx context.Context, f *fetcher, path string, a *answer) error {
	var w work
	if err := f.entry(ctx, "/works/", path, &w); err != nil {
		return err
	}
	if a.description == "" {
		a.description = string(w.Description)
	}
	if len(a.authors) > 0 {
		return nil
	}
	for _, author := range w.Authors[:min(len(w.Authors), maxNamedAuthors)] {
		var named person
		if err := f.entry(ctx, "/authors/", string(author.Author), &named); err != nil {
			return err
		}
		a.authors = append(a.authors, string(named.Name))
	}
	return nil
}

// entry fetches the entry at a path of Open Library and decodes it into the value that into points to. It leaves the
// value unchanged if the path does not begin with the prefix, or if the entry does not exist.
func (f *fetcher) entry(ctx context.Context, prefix, path string, into any) error {
	id, found := strings.CutPrefix(path, prefix)
	if !found || id == "" {
		return nil
	}
	err := f.json(ctx, openLibraryURL+prefix+url.PathEscape(id)+".json", into)
	if errors.Is(err, errUnknown) {
		return nil
	}
	return err
}

// words is a text. It decodes a JSON string, or an object with a string in the field value or name. Any other JSON
// becomes an empty text.
type words string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(value []byte) error {
	var text string
	if json.Unmarshal(value, &text) == nil {
		*w = words(text)
		return nil
	}
	var object struct{ Value, Name string }
	_ = json.Unmarshal(value, &object)
	*w = words(object.Value + object.Name)
	return nil
}

// list is a list of texts. It also decodes a single text.
type list []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *list) UnmarshalJSON(value []byte) error {
	var texts []words
	if json.Unmarshal(value, &texts) != nil {
		texts = make([]words, 1)
		_ = texts[0].UnmarshalJSON(value)
	}
	*l = nil
	for _, text := range texts {
		*l = append(*l, string(text))
	}
	return nil
}

func (l list) first() string {
	if len(l) == 0 {
		return ""
	}
	return l[0]
}

// key is the path of an entry in Open Library. It decodes a JSON string, or an object with a string in the field key.
type key string

// UnmarshalJSON implements json.Unmarshaler.
func (k *key) UnmarshalJSON(value []byte) error {
	var object struct{ Key string }
	if json.Unmarshal(value, &object) != nil {
		_ = json.Unmarshal(value, &object.Key)
	}
	*k = key(object.Key)
	return nil
}

// count is a whole number. It decodes a JSON number, or a string with digits. Any other JSON becomes zero.
type count int

// UnmarshalJSON implements json.Unmarshaler.
func (c *count) UnmarshalJSON(value []byte) error {
	n, _ := strconv.Atoi(strings.Trim(string(value), `" `))
	*c = count(n)
	return nil
}
