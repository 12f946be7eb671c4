-- The network that a log-in came from; empty for a session of before, which makes no network known.
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- Sessions.KnownIn.
CREATE INDEX sessions_by_network ON sessions (user_id, network, expires_at);
