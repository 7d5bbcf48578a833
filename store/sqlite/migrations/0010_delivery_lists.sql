-- Lists of deliveries are in the order in which these were added, which every index has behind its own
-- columns. Of those that were given up there are lists of one integration's and of all.
CREATE INDEX deliveries_added ON deliveries (key);

DROP INDEX deliveries_dead;
CREATE INDEX deliveries_dead ON deliveries (key) WHERE state = 'dead';
CREATE INDEX deliveries_dead_added ON deliveries (seq) WHERE state = 'dead';
