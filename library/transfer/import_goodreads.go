package transfer

// goodreads is the library export of Goodreads. Its exclusive shelf is the status, or a shelf that the user has made.
var goodreads = format{
	name: "goodreads",
	has:  []string{"title", "exclusive shelf", "my rating"},
	fields: map[string]string{
		"title": fieldTitle, "author": fieldAuthors, "additional authors": fieldMoreAuthors,
		"isbn13": fieldISBN, "isbn": fieldISBN, "publisher": fieldPublisher, "number of pages": fieldPages,
		"year published": fieldPublished, "date read": fieldFinished, "bookshelves": fieldShelves,
		"exclusive shelf": fieldStatus, "my rating": fieldRating, "my review": fieldReview, "private notes": fieldReview,
		"owned copies": fieldCopies,
	},
	separators: ",",
}
