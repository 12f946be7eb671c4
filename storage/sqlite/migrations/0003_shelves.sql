-- The books on the users' shelves.
CREATE TABLE shelf_books (
    user_id TEXT NOT NULL,
    shelf   TEXT NOT NULL,
    book_id TEXT NOT NULL,
    place   TEXT NOT NULL, -- models.Place: the order
    PRIMARY KEY (user_id, shelf, book_id) -- Shelves.List, Get, Put and Remove
) STRICT, WITHOUT ROWID;

-- Shelves.Books, in order.
CREATE INDEX shelf_books_by_place ON shelf_books (user_id, shelf, place);
-- Books.Delete, which removes the book from every shelf.
CREATE INDEX shelf_books_by_book ON shelf_books (book_id);

CREATE TABLE throttles (
    key        TEXT PRIMARY KEY,
    count      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Throttles.DeleteExpired.
CREATE INDEX throttles_by_end ON throttles (expires_at);

-- Read by id in descending order; ids sort by time.
CREATE TABLE audit (
    id        TEXT PRIMARY KEY,
    actor_id  TEXT NOT NULL,
    action    TEXT NOT NULL,
    target_id TEXT NOT NULL,
    detail    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    ip        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
