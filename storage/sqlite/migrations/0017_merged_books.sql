-- The books that were merged into others; see models.Books.Merge.
CREATE TABLE merged_books (
    book_id TEXT NOT NULL, -- the book that was kept
    id      TEXT NOT NULL, -- the book that is gone
    PRIMARY KEY (book_id, id)
) STRICT, WITHOUT ROWID;
