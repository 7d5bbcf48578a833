-- A team is known by its main room; its other rooms name it, too.
ALTER TABLE rooms ADD COLUMN team_id TEXT;
ALTER TABLE rooms ADD COLUMN team_main INTEGER NOT NULL DEFAULT 0;
CREATE INDEX rooms_team ON rooms (team_id) WHERE team_id IS NOT NULL;
