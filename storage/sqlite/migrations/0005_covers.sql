-- The sizes of a models.Cover, separated by commas. The column cover has its name.
ALTER TABLE books ADD COLUMN cover_sizes TEXT NOT NULL DEFAULT '';

-- Books.Covers.
CREATE INDEX books_by_cover ON books (cover);

CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
