CREATE TABLE source_answers (
    source     TEXT NOT NULL,
    isbn       TEXT NOT NULL,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (source, isbn)
) STRICT;

-- SourceAnswers.DeleteExpired.
CREATE INDEX source_answers_by_end ON source_answers (expires_at);
