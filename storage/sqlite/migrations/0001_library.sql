-- Ids are stored as their 24 hex digits. Blobs of 12 bytes are smaller, but every read would have to convert them.
-- Times are milliseconds since 1970 in UTC.
-- There are no foreign keys, because MongoDB has none and both engines have the same contract.

-- Rows are small and read by id. Without a rowid, a read searches one tree instead of two.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL,
    email_key     TEXT,             -- models.EmailKey of the address while the account is active, else NULL
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    active        INTEGER NOT NULL,
    role          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Users.GetByEmail; an address has at most one active account.
CREATE UNIQUE INDEX users_by_email ON users (email_key);

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ip         TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions.DeleteExpired.
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Rows may have a kilobyte or more. They have a rowid, so that the entries of the indexes are small. The description is
-- last, so that reading the other columns does not read it.
CREATE TABLE books (
    id          TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL,
    title       TEXT NOT NULL,
    category    TEXT NOT NULL,
    cover       TEXT NOT NULL,
    image_url   TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    description TEXT NOT NULL
) STRICT;

-- Books.List of an owner by title; an owner has at most one book of a title.
CREATE UNIQUE INDEX books_by_owner_title ON books (user_id, title);
-- Books.List and Books.Count of an owner, by id.
CREATE INDEX books_by_owner ON books (user_id, id);
-- Books.List and Books.Count of an owner in a category, by id.
CREATE INDEX books_by_owner_category ON books (user_id, category, id);
-- Books.List of an owner in a category, by title.
CREATE INDEX books_by_owner_category_title ON books (user_id, category, title, id);
-- Books.List and Books.Count of a category, by id.
CREATE INDEX books_by_category ON books (category, id);
-- Books.List of a category, by title.
CREATE INDEX books_by_category_title ON books (category, title, id);
-- Books.List of all books, by title.
CREATE INDEX books_by_title ON books (title, id);
