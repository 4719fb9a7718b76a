-- Who took data out of the house: what, how much of it, why, and what it was byte for byte.
CREATE TABLE exports (
    number BIGINT PRIMARY KEY,
    what TEXT NOT NULL CHECK (what IN ('alerts', 'cases', 'refunds', 'evidence', 'history', 'rules', 'list', 'customer')),
    query TEXT NOT NULL,                 -- JSON: which of them
    reason TEXT NOT NULL,
    rows BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX exports_person ON exports (person, number);
