package transfer

var storyGraph = format{
	name: "storygraph",
	has:  []string{"title", "authors", "read status", "isbn/uid"},
	fields: map[string]string{
		"title": fieldTitle, "authors": fieldAuthors, "isbn/uid": fieldISBN, "read status": fieldStatus,
		"last date read": fieldFinished, "dates read": fieldReads, "star rating": fieldRating, "review": fieldReview,
		"tags": fieldTags,
	},
	separators: ",",
}
