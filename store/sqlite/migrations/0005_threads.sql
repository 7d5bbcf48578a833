-- Replies of a thread are looked up by it; most messages are in none.
ALTER TABLE messages ADD COLUMN thread_id TEXT;
UPDATE messages SET thread_id = doc ->> '$.threadId' WHERE doc ->> '$.threadId' IS NOT NULL;
CREATE INDEX messages_thread ON messages (thread_id, at) WHERE thread_id IS NOT NULL;
