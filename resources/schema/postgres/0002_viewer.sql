-- What a viewer over a million rows needs: words by field, and an index wherever few rows match.
-- Webhooks get none: each would cost intake.

-- Words of the customer, the agent and the e-mail address in columns of their own, so that
-- `customer:grace` does not find the agent. What stands in a column is left out of `search`.
ALTER TABLE delivery_content ADD COLUMN customer TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE delivery_content ADD COLUMN agent TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE delivery_content ADD COLUMN email TEXT COLLATE "C" NOT NULL DEFAULT '';

-- The words themselves, without accents, each behind a letter for its column. The program takes
-- them apart (core/store/postgres_dialect.py), because what a letter is depends on the server.
ALTER TABLE delivery_content ADD COLUMN words TSVECTOR NOT NULL DEFAULT '';
CREATE INDEX delivery_words ON delivery_content USING gin (words);

-- Erased words leave the index with their columns.
CREATE FUNCTION delivery_words_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.words := '';
    RETURN new;
END
$$;
CREATE TRIGGER delivery_words_erase
BEFORE UPDATE OF search, customer, agent, email ON delivery_content
FOR EACH ROW WHEN (new.search || new.customer || new.agent || new.email = '')
EXECUTE FUNCTION delivery_words_erase();

-- Each in the order of ids for each of its values: rows come newest first without a sort.
CREATE INDEX delivery_event ON delivery (event, id);
CREATE INDEX delivery_channel ON delivery (channel, id);
CREATE INDEX delivery_received ON delivery (received_at);
-- Only what is rare stands in these, so that almost no row pays for them.
CREATE INDEX delivery_code ON delivery (last_code, id)
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
