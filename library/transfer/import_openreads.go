package transfer

var openReads = format{
	name: "openreads",
	has:  []string{"title", "book_format", "readings"},
	fields: map[string]string{
		"title": fieldTitle, "subtitle": fieldSubtitle, "author": fieldAuthors, "description": fieldDescription,
		"status": fieldStatus, "deleted": fieldDeleted, "rating": fieldRating, "pages": fieldPages,
		"publication_year": fieldPublished, "isbn": fieldISBN, "tags": fieldTags, "my_review": fieldReview,
		"notes": fieldReview, "readings": fieldReads,
	},
}
