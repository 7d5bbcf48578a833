-- Forgetting what is over reads these two only, however much is kept.
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX deliveries_ended ON deliveries (updated_at) WHERE state <> 'waiting';
