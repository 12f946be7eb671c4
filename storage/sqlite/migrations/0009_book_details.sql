-- The optional fields of a book as one JSON object, or an empty text; see models.BookDetails.
ALTER TABLE books ADD COLUMN details TEXT NOT NULL DEFAULT '';

-- What tells two books of one owner and title apart; see models.BookDetails.Edition.
ALTER TABLE books ADD COLUMN edition TEXT NOT NULL DEFAULT '';

DROP INDEX books_by_owner_title;
-- Books.List of an owner by title.
CREATE INDEX books_by_owner_title ON books (user_id, title, id);
-- An owner has at most one book of a title and edition.
CREATE UNIQUE INDEX books_by_edition ON books (user_id, title, edition);
