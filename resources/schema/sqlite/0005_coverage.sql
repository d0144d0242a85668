-- From when to when each channel would have brought what happened, and when none would have.

CREATE TABLE coverage (
    channel TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL NOT NULL,
    PRIMARY KEY (channel, started_at)
) WITHOUT ROWID;
CREATE INDEX coverage_ended ON coverage (ended_at);

-- The ledger: a row for each time in which nobody listened, and what became of it.
CREATE TABLE gap (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at REAL NOT NULL,
    ended_at REAL NOT NULL,
    reason TEXT NOT NULL,
    fate TEXT NOT NULL,
    settled_at REAL,
    events INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX gap_open ON gap (started_at) WHERE fate = 'open';
