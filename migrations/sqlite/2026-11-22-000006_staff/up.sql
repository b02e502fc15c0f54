-- People who work in the shop, how they are signed in, and what they did.
CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('on', 'off')),
    password_hash TEXT NOT NULL,
    -- The sealed secret of their second factor, and the last time step a code was used for.
    totp BLOB,
    totp_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- A link that somebody may use once: to become the first of the staff (no staff_id), or to set a
-- new password. Rows hold only the hash of its token.
CREATE TABLE staff_link (
    hash TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT REFERENCES staff (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE staff_session (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    proved_at BIGINT NOT NULL,
    network TEXT NOT NULL,
    agent TEXT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX staff_session_by_staff ON staff_session (staff_id, created_at);

-- Written in the transaction of what it tells of, and chained by the sealer.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    network TEXT NOT NULL,
    request_id TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_by_object ON audit (object_kind, object_id, id);

CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
