-- The engines that work on this store, and those that ended without saying so.

CREATE TABLE engine (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    started_at DOUBLE PRECISION NOT NULL,
    heartbeat_at DOUBLE PRECISION NOT NULL,
    leads TEXT COLLATE "C" NOT NULL,
    listens BIGINT NOT NULL,
    webhook_at DOUBLE PRECISION
);
