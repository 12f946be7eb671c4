package transfer

// bookCatalogue is the export of Book Catalogue for Android.
var bookCatalogue = format{
	name: "bookcatalogue",
	has:  []string{"title", "author_details"},
	fields: map[string]string{
		"title": fieldTitle, "author_details": fieldAuthors, "isbn": fieldISBN, "publisher": fieldPublisher,
		"date_published": fieldPublished, "rating": fieldRating, "bookshelf": fieldShelves, "bookshelf_text": fieldShelves,
		"read": fieldIsRead, "series_details": fieldSeries, "pages": fieldPages, "notes": fieldReview, "location": fieldLocation,
		"read_start": fieldStarted, "read_end": fieldFinished, "loaned_to": fieldLentTo, "description": fieldDescription,
		"language": fieldLanguage, "genre": fieldTags,
	},
	lastFirst: true,
}
