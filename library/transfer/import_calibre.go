package transfer

// calibre is the catalogue in CSV of Calibre.
var calibre = format{
	name: "calibre",
	has:  []string{"title", "author_sort", "title_sort"},
	fields: map[string]string{
		"title": fieldTitle, "authors": fieldAuthors, "isbn": fieldISBN, "identifiers": fieldISBN, "comments": fieldDescription,
		"tags": fieldTags, "series": fieldSeries, "series_index": fieldSeriesNumber, "languages": fieldLanguage,
		"publisher": fieldPublisher, "pubdate": fieldPublished, "rating": fieldRating,
	},
}
