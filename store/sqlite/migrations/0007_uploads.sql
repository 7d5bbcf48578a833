-- The contents of files stand in the folder uploads, under the id. A file is arriving while its
-- content is written, waiting until a message shows it, posted, and dropped until its content is gone.
CREATE TABLE files (
    id         TEXT PRIMARY KEY,
    room_id    TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    message_id TEXT,
    state      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    doc        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX files_message ON files (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX files_room ON files (room_id);
CREATE INDEX files_user ON files (user_id);
CREATE INDEX files_open ON files (state, created_at) WHERE state <> 'posted';

-- However a message goes, its files go with it.
CREATE TRIGGER messages_files AFTER DELETE ON messages BEGIN
    UPDATE files SET state = 'dropped' WHERE message_id = old.id;
END;
