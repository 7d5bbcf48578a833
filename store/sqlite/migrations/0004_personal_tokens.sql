-- A session with a name is a personal access token.
ALTER TABLE sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN ending TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN bypass INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX sessions_name ON sessions (user_id, name) WHERE name <> '';
