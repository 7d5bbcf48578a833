-- Exchanges of one integration that were added together, oldest first. heads is what lists show of
-- them, details the rest; block.go has the format. Ids stand in the order of time.
CREATE TABLE blocks (
    seq            INTEGER PRIMARY KEY,
    integration_id TEXT NOT NULL,
    first          TEXT NOT NULL,
    last           TEXT NOT NULL,
    began          INTEGER NOT NULL,
    ended          INTEGER NOT NULL,
    entries        INTEGER NOT NULL,
    bytes          INTEGER NOT NULL,
    heads          BLOB NOT NULL,
    details        BLOB NOT NULL
) STRICT;

CREATE INDEX blocks_integration ON blocks (integration_id, last, first);
CREATE INDEX blocks_last ON blocks (last, first);

PRAGMA user_version = 1;
