-- Events, decisions and labels in one sequence. Standard SQL only: SQLite and PostgreSQL run this same file.

CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    type SMALLINT NOT NULL,              -- 1 decided, 2 learned, 3 label
    event_id TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    body BYTEA NOT NULL,                 -- the event or the label, as it was received
    decision BYTEA,
    digest BIGINT NOT NULL,              -- xxh3 of the feature row, two's complement
    unexplained DOUBLE PRECISION NOT NULL,
    body_hash BIGINT NOT NULL,
    checksum BIGINT NOT NULL             -- over all of the above
);

-- Which entry holds an event: the key is a 63-bit hash of the event id, counted up when another id has it already.
-- Filled in bulk and in key order, behind the journal, up to the number in meta 'indexed_through'.
CREATE TABLE event_keys (
    event_key BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL
);

-- The same keys as they came, eight bytes each, 0 for an entry without one: what start-up reads.
CREATE TABLE key_runs (
    first_seq BIGINT PRIMARY KEY,
    keys BYTEA NOT NULL
);

CREATE TABLE labels (
    seq BIGINT PRIMARY KEY,
    event_id TEXT NOT NULL,
    fraud SMALLINT NOT NULL,
    known_at_us BIGINT NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX labels_event ON labels (event_id);

CREATE TABLE alerts (
    seq BIGINT PRIMARY KEY,              -- of the decision that asks for a person
    id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    action TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX alerts_id ON alerts (id);
CREATE INDEX alerts_state ON alerts (state, seq);
