-- What a viewer over a million rows needs: words by field, and an index wherever few rows match.
-- Webhooks get none: each would cost intake.

-- Words of the customer, the agent and the e-mail address in columns of their own, so that
-- `customer:grace` does not find the agent. What stands in a column is left out of `search`.
DROP TRIGGER delivery_fts_insert;
DROP TRIGGER delivery_fts_delete;
DROP TRIGGER delivery_fts_update;
DROP TABLE delivery_fts;
ALTER TABLE delivery_content ADD COLUMN customer TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_content ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_content ADD COLUMN email TEXT NOT NULL DEFAULT '';

-- Names of every naming profile; core/store/words.py does the same for new rows.
UPDATE delivery_content SET
    search = trim(replace(
        ' ' || search || ' ',
        ' ' || (SELECT d.message_id FROM delivery d WHERE d.id = delivery_id) || ' ', ' '
    )),
    customer = trim(
        coalesce(
            json_extract(CAST(payload AS TEXT), '$.properties.customerName'),
            json_extract(CAST(payload AS TEXT), '$.properties.customer_name'),
            json_extract(CAST(payload AS TEXT), '$.traits.name'), ''
        ) || ' ' || coalesce(
            (SELECT coalesce(d.customer_id, '') || CASE WHEN d.user_id IS NOT d.customer_id
                                                        THEN ' ' || coalesce(d.user_id, '')
                                                        ELSE '' END
             FROM delivery d WHERE d.id = delivery_id), ''
        )
    ),
    agent = trim(
        coalesce(
            json_extract(CAST(payload AS TEXT), '$.properties.agentName'),
            json_extract(CAST(payload AS TEXT), '$.properties.agent_name'), ''
        ) || ' ' || coalesce(
            json_extract(CAST(payload AS TEXT), '$.properties.agentId'),
            json_extract(CAST(payload AS TEXT), '$.properties.agent_id'), ''
        )
    ),
    email = lower(coalesce(
        json_extract(CAST(payload AS TEXT), '$.properties.email'),
        json_extract(CAST(payload AS TEXT), '$.traits.email'), ''
    ))
WHERE json_valid(CAST(payload AS TEXT));

-- messageIds are not among the words: they have an index already, and would be the bulk here.
CREATE VIRTUAL TABLE delivery_fts USING fts5 (
    search, customer, agent, email,
    content = 'delivery_content', content_rowid = 'delivery_id', detail = column,
    columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2 tokenchars '_-'"
);
INSERT INTO delivery_fts (delivery_fts) VALUES ('rebuild');
CREATE TRIGGER delivery_fts_insert AFTER INSERT ON delivery_content BEGIN
    INSERT INTO delivery_fts (rowid, search, customer, agent, email)
    VALUES (new.delivery_id, new.search, new.customer, new.agent, new.email);
END;
CREATE TRIGGER delivery_fts_delete AFTER DELETE ON delivery_content BEGIN
    INSERT INTO delivery_fts (delivery_fts, rowid, search, customer, agent, email)
    VALUES ('delete', old.delivery_id, old.search, old.customer, old.agent, old.email);
END;
CREATE TRIGGER delivery_fts_update
AFTER UPDATE OF search, customer, agent, email ON delivery_content BEGIN
    INSERT INTO delivery_fts (delivery_fts, rowid, search, customer, agent, email)
    VALUES ('delete', old.delivery_id, old.search, old.customer, old.agent, old.email);
    INSERT INTO delivery_fts (rowid, search, customer, agent, email)
    VALUES (new.delivery_id, new.search, new.customer, new.agent, new.email);
END;

-- An index on one column is in the order of ids for each of its values: rows come newest first
-- without a sort. Values that never change cost an append when a delivery is queued.
CREATE INDEX delivery_event ON delivery (event);
CREATE INDEX delivery_channel ON delivery (channel);
CREATE INDEX delivery_received ON delivery (received_at);
-- Only what is rare stands in these, so that almost no row pays for them.
CREATE INDEX delivery_code ON delivery (last_code)
WHERE last_code <> '' AND last_code <> 'segment.accepted';
CREATE INDEX delivery_incomplete ON delivery (id) WHERE incomplete <> 0;
CREATE INDEX delivery_replay ON delivery (id) WHERE replay_of IS NOT NULL;
CREATE INDEX delivery_gone ON delivery_content (delivery_id) WHERE payload IS NULL;
-- For the chart page: how many were accepted when, and how long they took; and what was queued
-- long after it was received, which is what a replay does.
CREATE INDEX delivery_accepted ON delivery (accepted_at, received_at, status)
WHERE accepted_at IS NOT NULL;
CREATE INDEX delivery_late ON delivery (queued_at, received_at)
WHERE queued_at > received_at + 60;
