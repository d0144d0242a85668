-- What wants attention is counted by why: of a long backlog, from this index alone. Only
-- deliveries that went wrong stand in it, so that almost no row pays for it.
CREATE INDEX delivery_cause ON delivery (status, last_code, next_attempt_at)
WHERE status IN ('dead', 'retrying');
