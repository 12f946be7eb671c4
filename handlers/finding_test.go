package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// addLibrary adds books to an account. Each line is the JSON body of a request.
func (s *testServer) addLibrary(token, lines string) {
	s.Helper()
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		s.json("POST", "/books/", token, line).wantStatus(http.StatusCreated)
	}
}

const zolaAndOthers = `
{"title":"Germinal","authors":["Émile Zola"],"series":"Rougon-Macquart","series_number":13,"published":"1885","language":"fr","tags":["mines"]}
{"title":"L'Assommoir","authors":["Émile Zola"],"series":"Rougon-Macquart","series_number":7,"published":"1877","language":"fr","location":"Hall"}
{"title":"The Trial","authors":["Franz Kafka"],"published":"1925-04-26","language":"de","isbn":"0-8044-2957-X","category":"thriller"}
{"title":"Die Straße","description":"Not by Zola","published":"1990"}
{"title":"三体问题","authors":["刘慈欣"],"tags":["sci-fi","mines"]}
`

// Searches, filters and sorts find the books that a member of a book club would expect.
func TestFindBooks(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		s.addLibrary(ada.Token, zolaAndOthers)
		s.addLibrary(eve.Token, `{"title":"Nana","authors":["Zola, Émile"]}`)
		for query, want := range map[string]string{
			"q=zola":                              "Germinal, L'Assommoir, Die Straße",
			"q=zola&scope=all":                    "Germinal, L'Assommoir, Nana, Die Straße",
			"q=STRASSE":                           "Die Straße",
			"q=%E4%B8%89%E4%BD%93":                "三体问题",
			"q=kafka+tri":                         "The Trial",
			"q=080442":                            "",
			"q=080442957X":                        "The Trial",
			`q="*(((`:                             "Germinal, L'Assommoir, The Trial, Die Straße, 三体问题",
			"q=zola&sort=-title":                  "L'Assommoir, Germinal, Die Straße",
			"author=emile+zola&sort=series":       "L'Assommoir, Germinal",
			"author=emile+zola&tag=mines":         "Germinal",
			"tag=mines&tag=SCI-FI":                "三体问题",
			"published=1880..1930&sort=published": "Germinal, The Trial",
			"published=..1885":                    "Germinal, L'Assommoir",
			"language=fr&location=hall":           "L'Assommoir",
			"isbn=9780804429573":                  "The Trial",
			"category=thriller&has_cover=false":   "The Trial",
			"has_cover=true":                      "",
			"on_loan=true":                        "",
			"status=read":                         "",
		} {
			query = strings.ReplaceAll(query, `"*(((`, url.QueryEscape(`"*(((`))
			if got := strings.Join(s.get("/books/?"+query, ada.Token).wantStatus(http.StatusOK).titles(), ", "); got != want {
				s.Errorf("%s finds %s, want %s", query, got, want)
			}
			if n := s.get("/books/?limit=1&count=true&"+query, ada.Token).header.Get("X-Total-Count"); want == "" && n != "0" ||
				want != "" && n != fmt.Sprint(strings.Count(want, ", ")+1) {
				s.Errorf("%s counts %s, finds %s", query, n, want)
			}
		}
	})
}

func TestFindingByOwnReading(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		s.addLibrary(ada.Token, `{"title":"Dune"}`+"\n"+`{"title":"Emma"}`+"\n"+`{"title":"Ulysses"}`)
		var ids []string
		for _, b := range data[[]detailed](s.get("/books/", ada.Token), "successfully retrieved all books") {
			ids = append(ids, b.ID)
		}
		dune, emma := ids[0], ids[1]
		s.json("PUT", "/books/"+dune+"/reading", ada.Token, `{"status":"read","rating":4.5}`).wantStatus(http.StatusOK)
		s.json("PUT", "/books/"+emma+"/reading", ada.Token, `{"status":"reading","rating":5}`).wantStatus(http.StatusOK)
		s.json("PUT", "/books/"+emma+"/reading", eve.Token, `{"status":"read","rating":1}`).wantStatus(http.StatusOK)
		for query, want := range map[string]string{
			"status=read":               "Dune",
			"status=read&scope=all":     "Dune",
			"rating=4..":                "Dune Emma",
			"rating=4.75..5":            "Emma",
			"rating=..4.5":              "Dune",
			"sort=-rating":              "Emma Dune Ulysses",
			"sort=rating":               "Ulysses Dune Emma",
			"sort=-rating&scope=all":    "Emma Dune Ulysses",
			"sort=-rating&q=u":          "Ulysses",
			"sort=-rating&limit=1":      "Emma",
			"status=reading&rating=1..": "Emma",
		} {
			if got := strings.Join(s.get("/books/?"+query, ada.Token).titles(), " "); got != want {
				s.Errorf("%s finds %s, want %s", query, got, want)
			}
		}
		if got := strings.Join(s.get("/books/?status=read&scope=all", eve.Token).titles(), " "); got != "Emma" {
			s.Errorf("eve has read %s", got)
		}
	})
}

func TestFindingRefusals(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	const rating = `"rating":"must be a number of stars from 0.25 to 5 in steps of 0.25, or a range such as 4..5, 4.. or ..2"`
	const published = `"published":"must be a date or a range such as 1999, 1990..1999, 1990.. or ..1999-05"`
	for query, want := range map[string]string{
		"q=" + strings.Repeat("x", 501):        `"q":"must have at most 500 characters"`,
		"q=" + strings.Repeat("a+b+", 17):      `"q":"must have at most 32 words"`,
		"author=":                              `"author":"is required"`,
		"tag=a" + strings.Repeat("&tag=b", 10): `"tag":"must be at most 10"`,
		"isbn=9780141439975":                   `"isbn":"does not add up: a digit of the ISBN is wrong"`,
		"published=2004-13":                    published,
		"published=..":                         published,
		"rating=5.25":                          rating,
		"rating=null":                          rating,
		"rating=":                              rating,
		"status=finished":                      `"status":"must be want, reading, read or abandoned"`,
		"on_loan=maybe":                        `"on_loan":"must be true or false"`,
		"has_cover=1":                          `"has_cover":"must be true or false"`,
		"sort=relevance":                       `"sort":"must not be relevance without q"`,
		"on_loan=no&status=&sort=relevance&q=": `"on_loan":"must be true or false","status":"is required"`,
		"fields=title,price": `"fields":"must be some of: _id,title,description,category,subtitle,authors,isbn,publisher,published,` +
			`language,pages,series,series_number,tags,location,copies,image_url,covers,user_id,owner,on_loan,loan,created_at,updated_at,reading"`,
	} {
		s.get("/books/?"+query, ada.Token).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{`+want+`}}`)
	}
	s.get("/books/?colour=red", ada.Token).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"colour":`+
		`"is unknown; this route has scope, q, category, author, tag, series, language, location, isbn, published, has_cover, on_loan, `+
		`status, rating, sort, fields, limit, cursor, count"}}`)
}

func TestFields(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.addLibrary(ada.Token, zolaAndOthers)
	s.get("/books/?fields=title,authors&q=germinal", ada.Token).want(http.StatusOK,
		`{"message":"successfully retrieved all books","data":[{"title":"Germinal","authors":["Émile Zola"]}]}`)
	s.get("/books/?fields=reading,series&q=trial", ada.Token).want(http.StatusOK,
		`{"message":"successfully retrieved all books","data":[{"reading":null}]}`)
}

func TestFacets(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		s.addLibrary(ada.Token, zolaAndOthers)
		s.addLibrary(eve.Token, `{"title":"Nana","authors":["Zola, Émile"]}`)
		s.get("/books/facets", ada.Token).want(http.StatusOK, `{"message":"successfully counted the books","data":{
			"author":[{"value":"Émile Zola","books":2},{"value":"Franz Kafka","books":1},{"value":"刘慈欣","books":1}],
			"category":[{"value":"thriller","books":1}],
			"decade":[{"value":"1870","books":1},{"value":"1880","books":1},{"value":"1920","books":1},{"value":"1990","books":1}],
			"language":[{"value":"fr","books":2},{"value":"de","books":1}],
			"series":[{"value":"Rougon-Macquart","books":2}],
			"status":[],
			"tag":[{"value":"mines","books":2},{"value":"sci-fi","books":1}]}}`)
		s.get("/books/facets?q=zola&tag=mines&scope=all", ada.Token).want(http.StatusOK, `{"message":"successfully counted the books","data":{
			"author":[{"value":"Émile Zola","books":1}],"category":[],"decade":[{"value":"1880","books":1}],
			"language":[{"value":"fr","books":1}],"series":[{"value":"Rougon-Macquart","books":1}],"status":[],
			"tag":[{"value":"mines","books":1}]}}`)
	})
}
