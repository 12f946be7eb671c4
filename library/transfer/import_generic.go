package transfer

import "maps"

// bookplate is Bookplate's export as CSV. Its columns have the names of the fields.
var bookplate = format{
	name: "bookplate", has: []string{"title", "authors", "reads", "created_at"}, fields: ownFields(), separators: ";", own: true,
}

// bookplateJSON is Bookplate's export as JSON. It omits empty fields.
var bookplateJSON = format{
	name: bookplate.name, has: []string{"_id", "title", "created_at"}, fields: bookplate.fields, separators: ";", own: true,
}

// ownFields maps the names of fields in the API to the fields here. Most have the same name.
func ownFields() map[string]string {
	fields := map[string]string{
		"reading.status": fieldStatus, "reading.rating": fieldRating, "reading.reads": fieldReads, "reading.review": fieldReview,
	}
	for _, name := range []string{
		fieldTitle, fieldSubtitle, fieldAuthors, fieldISBN, fieldPublisher, fieldPublished, fieldLanguage, fieldPages,
		fieldSeries, fieldSeriesNumber, fieldTags, fieldLocation, fieldCopies, fieldDescription, fieldCategory, fieldStatus,
		fieldRating, fieldReads, fieldStarted, fieldFinished, fieldReview, fieldShelves, fieldLentTo, fieldLentAt,
	} {
		fields[name] = name
	}
	return fields
}

// generic is the format of all other files. It recognises columns by their names in several languages.
var generic = format{name: "csv", fields: genericFields()}

func genericFields() map[string]string {
	fields := ownFields()
	maps.Copy(fields, map[string]string{
		"book title": fieldTitle, "name": fieldTitle, "titel": fieldTitle, "titre": fieldTitle, "título": fieldTitle,
		"titulo": fieldTitle, "titolo": fieldTitle, "kitap adı": fieldTitle, "书名": fieldTitle, "書名": fieldTitle,
		"author": fieldAuthors, "author(s)": fieldAuthors, "autor": fieldAuthors, "autoren": fieldAuthors, "auteur": fieldAuthors,
		"auteurs": fieldAuthors, "autore": fieldAuthors, "autores": fieldAuthors, "verfasser": fieldAuthors, "yazar": fieldAuthors,
		"作者": fieldAuthors, "著者": fieldAuthors,
		"isbn13": fieldISBN, "isbn-13": fieldISBN, "isbn 13": fieldISBN, "isbn_13": fieldISBN, "isbn10": fieldISBN,
		"isbn-10": fieldISBN, "isbn 10": fieldISBN, "isbn_10": fieldISBN, "ean": fieldISBN, "barcode": fieldISBN,
		"verlag": fieldPublisher, "éditeur": fieldPublisher, "editorial": fieldPublisher, "editora": fieldPublisher,
		"editore": fieldPublisher, "出版社": fieldPublisher,
		"year": fieldPublished, "jahr": fieldPublished, "année": fieldPublished, "año": fieldPublished, "ano": fieldPublished,
		"publication date": fieldPublished, "year published": fieldPublished, "publish date": fieldPublished,
		"number of pages": fieldPages, "page count": fieldPages, "seiten": fieldPages, "páginas": fieldPages, "pagine": fieldPages,
		"sprache": fieldLanguage, "langue": fieldLanguage, "idioma": fieldLanguage, "lingua": fieldLanguage,
		"reihe": fieldSeries, "série": fieldSeries, "serie": fieldSeries, "series number": fieldSeriesNumber, "band": fieldSeriesNumber,
		"genre": fieldTags, "genres": fieldTags, "schlagwörter": fieldTags, "etiquetas": fieldTags,
		"regal": fieldLocation, "shelf": fieldShelves, "bookshelves": fieldShelves, "comments": fieldDescription,
		"summary": fieldDescription, "beschreibung": fieldDescription, "my rating": fieldRating, "star rating": fieldRating,
		"bewertung": fieldRating, "note": fieldRating, "notes": fieldReview, "my review": fieldReview,
		"date read": fieldFinished, "date started": fieldStarted, "date finished": fieldFinished, "read status": fieldStatus,
	})
	return fields
}
