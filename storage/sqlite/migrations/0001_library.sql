-- Ids are the 24 hex digits they are everywhere else: as blobs of 12 bytes they would be smaller, but every read would
-- have to turn them into text again. Times are milliseconds since 1970, UTC.
-- There are no foreign keys: MongoDB has none, and both engines promise the same.

-- Small rows that are read by id alone: without a rowid that is one search instead of two.
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

-- Users.GetByEmail; one active account an address.
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

-- Rows of a kilobyte and more: these do have a rowid, so that the indexes point to them by a small number. The
-- description stands last, for what only wants the other columns not to read through it.
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

-- Books.List of an owner by title; one book of a title an owner.
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
