-- What scripts keep in Store. A version is one save of the integration: the next one starts empty.
CREATE TABLE script_values (
    integration_id TEXT NOT NULL,
    version        TEXT NOT NULL,
    key            TEXT NOT NULL,
    value          BLOB NOT NULL,
    PRIMARY KEY (integration_id, version, key)
) STRICT, WITHOUT ROWID;
