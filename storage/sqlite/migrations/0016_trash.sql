-- The books in the trash, with the columns of books. They are in a table of their own, so that no query of books needs a
-- condition and no index has them.
CREATE TABLE trash (
    id          TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL,
    title       TEXT NOT NULL,
    category    TEXT NOT NULL,
    cover       TEXT NOT NULL,
    cover_sizes TEXT NOT NULL,
    version     INTEGER NOT NULL,
    lent        INTEGER NOT NULL,
    image_url   TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    description TEXT NOT NULL,
    details     TEXT NOT NULL,
    trashed_at  INTEGER NOT NULL
) STRICT;

-- Trash.List; Trash.DeleteAll of an owner.
CREATE INDEX trash_by_owner ON trash (user_id, trashed_at, id);
-- Trash.DeleteAll of all owners.
CREATE INDEX trash_by_time ON trash (trashed_at);
-- Books.Covers.
CREATE INDEX trash_by_cover ON trash (cover);
