CREATE TABLE imports (
    id          TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL,
    state       TEXT NOT NULL,
    next_batch  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL, -- negative while the import is unfinished, as the zero time is
    file_name   TEXT NOT NULL,
    format      TEXT NOT NULL,
    options     TEXT NOT NULL,    -- JSON
    columns     TEXT NOT NULL,    -- JSON
    reason      TEXT NOT NULL,
    total       INTEGER NOT NULL,
    batches     INTEGER NOT NULL,
    outcomes    TEXT NOT NULL     -- JSON
) STRICT, WITHOUT ROWID;

-- Imports.List of a user; Imports.DeleteAll.
CREATE INDEX imports_by_user ON imports (user_id, id);
-- Imports.List of the unfinished imports; Imports.DeleteOld.
CREATE INDEX imports_by_end ON imports (finished_at, id);

CREATE TABLE import_batches (
    import_id TEXT NOT NULL,
    number    INTEGER NOT NULL,
    lines     TEXT NOT NULL, -- JSON
    rows      TEXT NOT NULL, -- JSON
    PRIMARY KEY (import_id, number)
) STRICT;
