-- Requests with an Idempotency-Key.
CREATE TABLE keyed_requests (
    key         TEXT PRIMARY KEY, -- a hash of the account, the method, the path and the client's key
    user_id     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,    -- a hash of the body
    created_id  TEXT NOT NULL,
    attempt     TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    answer      BLOB              -- encrypted; NULL until there is one
) STRICT;

-- KeyedRequests.DeleteAll.
CREATE INDEX keyed_requests_by_user ON keyed_requests (user_id);
-- KeyedRequests.DeleteExpired.
CREATE INDEX keyed_requests_by_end ON keyed_requests (expires_at);
