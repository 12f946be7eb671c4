-- The network of the log-in; empty for sessions created before this migration.
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- Sessions.KnownIn.
CREATE INDEX sessions_by_network ON sessions (user_id, network, expires_at);
