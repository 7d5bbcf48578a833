-- A delivery that cannot be made now is parked in its lane, where the due index does not see it, or
-- held while its integration is disabled. Of ordered lanes only the head is given out.
ALTER TABLE deliveries ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN ordered INTEGER NOT NULL DEFAULT 0;

CREATE INDEX deliveries_parked ON deliveries (lane) WHERE state = 'parked';
CREATE INDEX deliveries_ordered ON deliveries (lane) WHERE ordered = 1 AND state IN ('waiting', 'parked', 'held');
CREATE INDEX deliveries_held ON deliveries (key) WHERE state = 'held';
CREATE INDEX deliveries_dead ON deliveries (updated_at) WHERE state = 'dead';

DROP INDEX deliveries_ended;
CREATE INDEX deliveries_ended ON deliveries (updated_at) WHERE state IN ('done', 'dead');

-- Since when the calls of a lane have failed.
CREATE TABLE outages (
    lane           TEXT PRIMARY KEY,
    integration_id TEXT NOT NULL,
    since          INTEGER NOT NULL,
    doc            TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outages_integration ON outages (integration_id);
