package transfer

// libraryThing is the tab-separated export of LibraryThing.
var libraryThing = format{
	name: "librarything",
	has:  []string{"title", "primary author", "collections"},
	fields: map[string]string{
		"title": fieldTitle, "primary author": fieldAuthors, "secondary author": fieldMoreAuthors,
		"isbn": fieldISBN, "isbns": fieldISBN, "date": fieldPublished, "page count": fieldPages, "languages": fieldLanguage,
		"rating": fieldRating, "review": fieldReview, "comment": fieldReview, "private comment": fieldReview,
		"date started": fieldStarted, "date read": fieldFinished, "tags": fieldTags, "collections": fieldShelves,
		"copies": fieldCopies, "lending patron": fieldLentTo, "lending start": fieldLentAt, "lending end": fieldReturned,
	},
	lastFirst: true,
	brackets:  true,
}

// libraryThingJSON is the JSON export of LibraryThing. Its fields may be texts, lists or objects.
var libraryThingJSON = format{
	name: "librarything",
	has:  []string{"books_id", "title"},
	fields: map[string]string{
		"title": fieldTitle, "primaryauthor": fieldAuthors, "secondaryauthor": fieldMoreAuthors,
		"isbn": fieldISBN, "isbn.0": fieldISBN, "isbn.1": fieldISBN, "isbn.2": fieldISBN, "originalisbn": fieldISBN,
		"date": fieldPublished, "pages": fieldPages, "language": fieldLanguage, "rating": fieldRating, "review": fieldReview,
		"comment": fieldReview, "datestarted": fieldStarted, "dateread": fieldFinished, "tags": fieldTags,
		"collections": fieldShelves, "copies": fieldCopies,
	},
	lastFirst: true,
}
