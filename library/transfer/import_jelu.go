package transfer

var jelu = format{
	name: "jelu",
	has:  []string{"title", "read_dates", "dropped_dates"},
	fields: map[string]string{
		"title": fieldTitle, "author": fieldAuthors, "authors": fieldMoreAuthors, "isbn": fieldISBN, "isbn13": fieldISBN,
		"isbn10": fieldISBN, "publisher": fieldPublisher, "date read": fieldFinished, "read_dates": fieldReads,
		"dropped_dates": fieldDropped, "currently_reading": fieldIsReading, "bookshelves": fieldShelves, "tags": fieldTags,
	},
	separators: ",",
}
