ALTER TABLE users ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN last_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;

-- Unused tokens sent by mail.
CREATE TABLE one_time_tokens (
    hash       TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    email      TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- OneTimeTokens.DeleteAll.
CREATE INDEX one_time_tokens_by_user ON one_time_tokens (user_id);
-- OneTimeTokens.DeleteExpired.
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);
