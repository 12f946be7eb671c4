-- Whether the account has recorded a reading.
ALTER TABLE users ADD COLUMN has_readings INTEGER NOT NULL DEFAULT 0;

-- What the users record about their reading.
CREATE TABLE readings (
    user_id    TEXT NOT NULL,
    book_id    TEXT NOT NULL,
    status     TEXT NOT NULL,
    rating     INTEGER NOT NULL, -- in quarters of a star; 0 for none
    progress   TEXT NOT NULL,    -- JSON: {"page": 12}, {"percent": 40} or null
    reads      TEXT NOT NULL,    -- JSON: [{"started": "2004-02-28", "finished": null}]
    finished   INTEGER NOT NULL, -- the last day on which a read ended, such as 20040229; 0 for none
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    review     TEXT NOT NULL,
    PRIMARY KEY (user_id, book_id) -- Readings.Get, Of and Put
) STRICT, WITHOUT ROWID;

-- Readings.List, in each order.
CREATE INDEX readings_by_change ON readings (user_id, updated_at, book_id);
CREATE INDEX readings_by_finish ON readings (user_id, finished, book_id);
CREATE INDEX readings_by_rating ON readings (user_id, rating, book_id);
-- Books.Delete, which deletes all readings of the book.
CREATE INDEX readings_by_book ON readings (book_id);

-- How many books the users want to read in a year.
CREATE TABLE reading_goals (
    user_id TEXT NOT NULL,
    year    INTEGER NOT NULL,
    books   INTEGER NOT NULL,
    PRIMARY KEY (user_id, year)
) STRICT, WITHOUT ROWID;
