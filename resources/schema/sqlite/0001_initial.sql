-- Inbox: one row per inbound notification, bytes and all.
-- Few indexes on purpose: each costs intake.
-- AUTOINCREMENT: an id that people have seen never names another row.
CREATE TABLE webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dedupe_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    received_at REAL NOT NULL,
    occurred_ns INTEGER,
    conversation_id TEXT,
    customer_id TEXT,
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at REAL,
    lease_owner TEXT,
    lease_until REAL,
    body BLOB
);
CREATE INDEX webhook_status ON webhook (status, id);
CREATE INDEX webhook_waiting ON webhook (due_at, id) WHERE status = 'waiting';

-- What is known of conversations, one row per thing that happened; outlives the bodies.
CREATE TABLE fact (
    conversation_id TEXT NOT NULL,
    -- The same to the millisecond is the same, as with messageIds: Gladly's channels may differ
    -- in how finely they tell the time.
    occurred_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    occurred_ns INTEGER NOT NULL,
    customer_id TEXT,
    agent_id TEXT,
    webhook_id INTEGER NOT NULL,
    received_at REAL NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (conversation_id, occurred_ms, kind)
) WITHOUT ROWID;

-- Outbox: one row per call on its way to one source.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER,
    message_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    event TEXT NOT NULL,
    conversation_id TEXT,
    customer_id TEXT,
    user_id TEXT,
    occurred_at REAL NOT NULL,
    received_at REAL NOT NULL,
    created_at REAL NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    incomplete INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- when it was last put into the queue, and how many attempts were made since
    queued_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_attempt_at REAL,
    lease_owner TEXT,
    lease_until REAL,
    last_code TEXT NOT NULL DEFAULT '',
    last_error TEXT NOT NULL DEFAULT '',
    accepted_at REAL,
    -- first attempt whose answer never came: Segment may have the event
    ambiguous_since REAL,
    replay_of INTEGER
);
CREATE INDEX delivery_due ON delivery (next_attempt_at, id) WHERE status IN ('pending', 'retrying');
CREATE INDEX delivery_status ON delivery (status, id);
CREATE INDEX delivery_conversation ON delivery (conversation_id);

-- Apart from the row that changes with every attempt: SQLite rewrites a row whole.
CREATE TABLE delivery_content (
    delivery_id INTEGER PRIMARY KEY,
    search TEXT NOT NULL DEFAULT '',
    looked_up BLOB,
    payload BLOB
);

CREATE TABLE attempt (
    delivery_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at REAL NOT NULL,
    duration_ms INTEGER NOT NULL,
    http_status INTEGER,
    code TEXT NOT NULL,
    error TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Text search over ids, customer, agent, e-mail; kept in step by triggers.
CREATE VIRTUAL TABLE delivery_fts USING fts5 (
    search, content = 'delivery_content', content_rowid = 'delivery_id', detail = none,
    tokenize = "unicode61 remove_diacritics 2 tokenchars '_-'"
);
CREATE TRIGGER delivery_fts_insert AFTER INSERT ON delivery_content BEGIN
    INSERT INTO delivery_fts (rowid, search) VALUES (new.delivery_id, new.search);
END;
CREATE TRIGGER delivery_fts_delete AFTER DELETE ON delivery_content BEGIN
    INSERT INTO delivery_fts (delivery_fts, rowid, search)
    VALUES ('delete', old.delivery_id, old.search);
END;
CREATE TRIGGER delivery_fts_update AFTER UPDATE OF search ON delivery_content BEGIN
    INSERT INTO delivery_fts (delivery_fts, rowid, search)
    VALUES ('delete', old.delivery_id, old.search);
    INSERT INTO delivery_fts (rowid, search) VALUES (new.delivery_id, new.search);
END;
