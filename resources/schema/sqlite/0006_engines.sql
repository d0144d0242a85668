-- The engines that work on this store, and those that ended without saying so.

CREATE TABLE engine (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at REAL NOT NULL,
    heartbeat_at REAL NOT NULL,
    leads TEXT NOT NULL,
    listens INTEGER NOT NULL,
    webhook_at REAL
) WITHOUT ROWID;
