-- Several sources: each call is for one of them, by its alias; '' is the one of [segment]. What is
-- due is claimed by source, so that the backlog of one that is away stands in nobody's way.
ALTER TABLE delivery ADD COLUMN source TEXT NOT NULL DEFAULT '';
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (source, next_attempt_at, id)
WHERE status IN ('pending', 'retrying');
-- Only what is for further sources stands in it: with one source nothing pays for it.
CREATE INDEX delivery_source ON delivery (source, id) WHERE source <> '';
