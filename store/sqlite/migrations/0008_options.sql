-- What an integration says beyond Rocket.Chat's record. It goes with the integration.
CREATE TABLE integration_options (
    integration_id TEXT PRIMARY KEY,
    doc            TEXT NOT NULL
) STRICT, WITHOUT ROWID;
