package transfer

var hardcover = format{
	name: "hardcover",
	has:  []string{"title", "isbn 13", "privacy"},
	fields: map[string]string{
		"title": fieldTitle, "author": fieldAuthors, "series": fieldSeries, "status": fieldStatus, "isbn 13": fieldISBN,
		"isbn 10": fieldISBN, "language code": fieldLanguage, "pages": fieldPages, "publish date": fieldPublished,
		"publisher": fieldPublisher, "genres": fieldTags, "tags": fieldTags, "lists": fieldShelves,
		"date started": fieldStarted, "date finished": fieldFinished, "rating": fieldRating, "review": fieldReview,
		"private notes": fieldReview,
	},
	separators: ",",
}
