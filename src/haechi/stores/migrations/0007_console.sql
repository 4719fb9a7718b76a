-- What people keep of the console, and what they took out of it.

CREATE TABLE saved_views (
    number BIGINT PRIMARY KEY,
    person TEXT NOT NULL,
    page TEXT NOT NULL,                  -- queue, challenges, ...
    name TEXT NOT NULL,
    query TEXT NOT NULL,                 -- what stands behind the question mark
    at_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (person, page, name);

-- Customers' data that left the house in a file: who took it, what for, how much.
CREATE TABLE exports (
    number BIGINT PRIMARY KEY,
    person TEXT NOT NULL,
    what TEXT NOT NULL,
    query TEXT NOT NULL,
    reason TEXT NOT NULL,
    lines BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);

CREATE INDEX alerts_opened ON alerts (opened_us);
CREATE INDEX refunds_subject ON refunds (subject);
CREATE INDEX challenges_subject ON challenges (subject);
CREATE INDEX refund_money_at ON refund_money (kind, at_us);
