package transfer

// libib is the export of Libib, which also has films, music and games.
var libib = format{
	name: "libib",
	has:  []string{"title", "creators", "ean_isbn13"},
	fields: map[string]string{
		"item_type": fieldKind, "title": fieldTitle, "creators": fieldAuthors, "collection": fieldShelves,
		"ean_isbn13": fieldISBN, "upc_isbn10": fieldISBN, "description": fieldDescription, "publisher": fieldPublisher,
		"publish_date": fieldPublished, "tags": fieldTags, "notes": fieldReview, "length": fieldPages, "rating": fieldRating,
		"review": fieldReview, "status": fieldStatus, "began": fieldStarted, "completed": fieldFinished, "copies": fieldCopies,
	},
	separators: ",",
}
