-- The table of books gets a number for each book, which the indexes of words and values refer to, and the sort keys of
-- models.Book.SortKeys. The functions are those of functions.go.
CREATE TABLE new_books (
    number      INTEGER PRIMARY KEY AUTOINCREMENT, -- used only once, because unindexed_books has the numbers of deleted books
    id          TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    title       TEXT NOT NULL,
    category    TEXT NOT NULL,
    cover       TEXT NOT NULL,
    cover_sizes TEXT NOT NULL,
    lent        INTEGER NOT NULL,
    image_url   TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    edition     TEXT NOT NULL,
    title_key   TEXT NOT NULL,
    author_key  TEXT NOT NULL,
    series_key  TEXT NOT NULL,
    published_key TEXT NOT NULL,
    details     TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT;

INSERT INTO new_books (
    id, user_id, title, category, cover, cover_sizes, lent, image_url, created_at, updated_at, edition,
    title_key, author_key, series_key, published_key, details, description
) SELECT
    id, user_id, title, category, cover, cover_sizes, lent, image_url, created_at, updated_at, edition,
    book_title_key(title), book_author_key(details), book_series_key(details), book_published(details), details, description
FROM books ORDER BY id;

DROP TABLE books;
ALTER TABLE new_books RENAME TO books;

-- An owner has at most one book of a title and edition.
CREATE UNIQUE INDEX books_by_edition ON books (user_id, title, edition);
-- Books.Get; Books.List and Books.Count of all, and of an owner, by id.
CREATE UNIQUE INDEX books_by_id ON books (id);
CREATE INDEX books_by_owner_id ON books (user_id, id);
-- The same, in a category.
CREATE INDEX books_by_owner_category ON books (user_id, category, id);
CREATE INDEX books_by_category ON books (category, id);
-- Books.List in each other order, of an owner and of all.
CREATE INDEX books_by_owner_title ON books (user_id, title_key, id);
CREATE INDEX books_by_owner_author ON books (user_id, author_key, id);
CREATE INDEX books_by_owner_series ON books (user_id, series_key, id);
CREATE INDEX books_by_owner_published ON books (user_id, published_key, id);
CREATE INDEX books_by_title ON books (title_key, id);
CREATE INDEX books_by_author ON books (author_key, id);
CREATE INDEX books_by_series ON books (series_key, id);
CREATE INDEX books_by_published ON books (published_key, id);
-- Books.Covers.
CREATE INDEX books_by_cover ON books (cover);

-- The words of each book, models.Book.Words. The rowid is the book's number. The tokenizer "ascii" separates words at spaces
-- and changes no character of a word. The index of prefixes finds the beginnings of words.
CREATE VIRTUAL TABLE book_words USING fts5 (
    owner, heading, body,
    content = '', contentless_delete = 1, detail = column, tokenize = 'ascii', prefix = '1 2 3'
);

-- The numbers of the books whose words have changed since they were stored in book_words; see indexer.go.
CREATE TABLE unindexed_books (number INTEGER PRIMARY KEY) STRICT;
INSERT INTO unindexed_books SELECT number FROM books;

-- The values of each book, models.Book.Values, and their folded forms.
CREATE TABLE book_values (
    user_id TEXT NOT NULL,
    field   TEXT NOT NULL,
    folded  TEXT NOT NULL,
    value   TEXT NOT NULL,
    book    INTEGER NOT NULL,
    PRIMARY KEY (user_id, field, folded, value, book)
) STRICT, WITHOUT ROWID;
CREATE INDEX book_values_of_all ON book_values (field, folded, value, book);
CREATE INDEX book_values_by_book ON book_values (book, field, folded);

INSERT OR IGNORE INTO book_values
SELECT user_id, v.value ->> 0, v.value ->> 1, v.value ->> 2, number
FROM books, json_each(book_values(title, category, cover, image_url, details)) v;

CREATE TRIGGER books_insert AFTER INSERT ON books BEGIN
    INSERT INTO unindexed_books VALUES (new.number);
    INSERT OR IGNORE INTO book_values SELECT new.user_id, value ->> 0, value ->> 1, value ->> 2, new.number
    FROM json_each(book_values(new.title, new.category, new.cover, new.image_url, new.details));
END;

CREATE TRIGGER books_delete AFTER DELETE ON books BEGIN
    INSERT OR IGNORE INTO unindexed_books VALUES (old.number);
    DELETE FROM book_values WHERE book = old.number;
END;

CREATE TRIGGER books_update_words AFTER UPDATE OF title, description, details ON books BEGIN
    INSERT OR IGNORE INTO unindexed_books VALUES (new.number);
END;

CREATE TRIGGER books_update_values AFTER UPDATE OF category, cover, image_url, details ON books BEGIN
    DELETE FROM book_values WHERE book = old.number;
    INSERT OR IGNORE INTO book_values SELECT new.user_id, value ->> 0, value ->> 1, value ->> 2, new.number
    FROM json_each(book_values(new.title, new.category, new.cover, new.image_url, new.details));
END;

-- The title is a part of one value, the work. Most changes of a title do not need it, because the book has no author.
CREATE TRIGGER books_update_works AFTER UPDATE OF title ON books
WHEN new.title_key <> old.title_key AND new.author_key <> '' BEGIN
    DELETE FROM book_values WHERE book = old.number;
    INSERT OR IGNORE INTO book_values SELECT new.user_id, value ->> 0, value ->> 1, value ->> 2, new.number
    FROM json_each(book_values(new.title, new.category, new.cover, new.image_url, new.details));
END;

-- The books with a status in the readings of an account.
CREATE INDEX readings_by_status ON readings (user_id, status, book_id);
