ALTER TABLE users ADD COLUMN username TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN username_key TEXT; -- models.UsernameKey of the name while the account is active, else NULL

-- Users.GetByUsername; a user name has at most one active account.
CREATE UNIQUE INDEX users_by_username ON users (username_key);

-- Sessions created before this migration have no refresh token and keep their expiry.
ALTER TABLE sessions ADD COLUMN refresh_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN previous_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN rotated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET rotated_at = created_at, last_used_at = created_at;

-- Sessions.List and Sessions.DeleteAll of a user.
CREATE INDEX sessions_by_user ON sessions (user_id, id);
