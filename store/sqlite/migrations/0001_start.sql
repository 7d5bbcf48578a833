-- Names of secrets and of what has been done once, such as seeding.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE roles (
    seq INTEGER PRIMARY KEY,
    id  TEXT NOT NULL UNIQUE,
    doc TEXT NOT NULL
) STRICT;

CREATE TABLE permissions (
    id  TEXT PRIMARY KEY,
    doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    id    TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A _key column holds its text folded, so that equal means equal without regard to case.
CREATE TABLE users (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    username     TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    name_key     TEXT NOT NULL,
    email_key    TEXT UNIQUE,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    doc          TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions (user_id);

-- unique_name is NULL for direct rooms, which have no name.
CREATE TABLE rooms (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    type        TEXT NOT NULL,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    unique_name TEXT UNIQUE,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    doc         TEXT NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    room_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    doc     TEXT NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscriptions_user ON subscriptions (user_id, room_id);

CREATE TABLE messages (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    room_id     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    text        TEXT NOT NULL,
    attachments BLOB,
    custom      BLOB,
    bot         BLOB,
    doc         TEXT NOT NULL
) STRICT;

CREATE INDEX messages_room ON messages (room_id, at);

CREATE TABLE integrations (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    creator_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    username   TEXT NOT NULL,
    enabled    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    doc        TEXT NOT NULL
) STRICT;

-- The URLs that outgoing integrations call.
CREATE TABLE integration_urls (
    url             TEXT NOT NULL,
    integration_seq INTEGER NOT NULL,
    PRIMARY KEY (url, integration_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX integration_urls_of ON integration_urls (integration_seq);

CREATE TABLE last_errors (
    integration_id TEXT PRIMARY KEY,
    doc            TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- lease_until is NULL unless somebody holds the delivery.
CREATE TABLE deliveries (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    key         TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    state       TEXT NOT NULL,
    lease_until INTEGER,
    fence       INTEGER NOT NULL,
    body        BLOB,
    progress    BLOB
) STRICT;

CREATE INDEX deliveries_key ON deliveries (key, updated_at);

-- Claiming reads these two only, so that its cost does not grow with what has ended.
CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'waiting' AND lease_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 'waiting' AND lease_until IS NOT NULL;
