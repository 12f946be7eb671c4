package transfer

var bookWyrm = format{
	name: "bookwyrm",
	has:  []string{"title", "author_text"},
	fields: map[string]string{
		"title": fieldTitle, "author_text": fieldAuthors, "isbn_13": fieldISBN, "isbn_10": fieldISBN,
		"start_date": fieldStarted, "finish_date": fieldFinished, "rating": fieldRating, "review_content": fieldReview,
		"shelf": fieldStatus,
	},
	separators: ",",
}
