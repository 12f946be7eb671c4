package isbn

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// googleBooks is Google Books. It often answers 429, because all programs without a key share one quota.
var googleBooks = source{
	name: models.GoogleBooks, title: "Google Books",
	hosts: []string{"www.googleapis.com", "books.google.com", "books.googleusercontent.com"},
	limit: throttle.Limit{N: 2, Per: time.Second},
	find:  findGoogleBooks, search: searchGoogleBooks,
}

type volumes struct {
	Kind  string `json:"kind"`
	Items []struct {
		VolumeInfo volume `json:"volumeInfo"`
	} `json:"items"`
}

type volume struct {
	Title               string   `json:"title"`
	Subtitle            string   `json:"subtitle"`
	Authors             []string `json:"authors"`
	Publisher           string   `json:"publisher"`
	PublishedDate       string   `json:"publishedDate"`
	Description         string   `json:"description"`
	PageCount           int      `json:"pageCount"`
	Language            string   `json:"language"`
	IndustryIdentifiers []struct {
		Identifier string `json:"identifier"`
	} `json:"industryIdentifiers"`
	ImageLinks struct {
		Large     string `json:"large"`
		Medium    string `json:"medium"`
		Small     string `json:"small"`
		Thumbnail string `json:"thumbnail"`
	} `json:"imageLinks"`
}

var errNoVolumes = errors.New("the answer is not a list of volumes")

// findGoogleBooks searches Google Books for an ISBN. It ignores results for other books, which an answer may have.
func findGoogleBooks(ctx context.Context, f *fetcher, isbn string) (answer, error) {
	answers, err := f.volumes(ctx, url.Values{"q": {"isbn:" + isbn}})
	if err != nil {
		return answer{}, err
	}
	return withISBN(answers, isbn)
}

func searchGoogleBooks(ctx context.Context, f *fetcher, words []string) ([]answer, error) {
	return f.volumes(ctx, url.Values{
		"q": {strings.Join(words, " ")}, "maxResults": {strconv.Itoa(maxResults)}, "printType": {"books"},
	})
}

// volumes returns the volumes of Google Books that a query finds.
func (f *fetcher) volumes(ctx context.Context, query url.Values) (answers []answer, err error) {
	var found volumes
	if err := f.json(ctx, "https://www.googleapis.com/books/v1/volumes?"+query.Encode(), &found); err != nil {
		return nil, err
	}
	if found.Kind != "books#volumes" {
		return nil, f.out(unreadable, 0, errNoVolumes)
	}
	for _, item := range found.Items {
		answers = append(answers, item.VolumeInfo.answer())
	}
	return answers, nil
}

func (v volume) answer() answer {
	a := answer{
		title: v.Title, subtitle: v.Subtitle, authors: v.Authors, description: v.Description, publisher: v.Publisher,
		published: v.PublishedDate, language: v.Language, pages: v.PageCount,
	}
	for _, id := range v.IndustryIdentifiers {
		a.isbns = append(a.isbns, id.Identifier)
	}
	image := cmp.Or(v.ImageLinks.Large, v.ImageLinks.Medium, v.ImageLinks.Small, v.ImageLinks.Thumbnail)
	if rest, plainHTTP := strings.CutPrefix(image, "http:"); plainHTTP {
		image = "https:" + rest
	}
	a.cover = strings.ReplaceAll(image, "&edge=curl", "") // this parameter draws a turned-up corner
	return a
}
