-- The number of updates of a book; see models.Versions.
ALTER TABLE books ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
