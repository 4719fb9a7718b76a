-- What people agreed on. Nothing in these tables is ever changed or removed: a rule has versions, a list has rows, and
-- what is in force is what `rule_history` adds up to. What must never happen is refused by the triggers that stand in
-- a file of this name for each engine.

CREATE TABLE rule_versions (
    kind TEXT NOT NULL CHECK (kind IN ('rule', 'typology')),
    name TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1),
    content TEXT NOT NULL,               -- TOML, as it was written
    hash TEXT NOT NULL,                  -- of what it means
    author TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    comment TEXT NOT NULL,
    PRIMARY KEY (kind, name, version)
);

-- What somebody asks for, and how many others must agree.
CREATE TABLE rule_changes (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('rule', 'typology', 'list')),
    name TEXT NOT NULL,
    version BIGINT NOT NULL,             -- 0 for a list
    content TEXT NOT NULL,               -- JSON
    author TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    needs BIGINT NOT NULL CHECK (needs >= 1),
    comment TEXT NOT NULL
);

CREATE TABLE rule_approvals (
    change_id BIGINT NOT NULL REFERENCES rule_changes (id),
    person TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('approve', 'reject', 'withdraw')),
    comment TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (change_id, person)
);

-- The rows that a change of a list adds or removes; they count once the change is in the history.
CREATE TABLE list_rows (
    change_id BIGINT NOT NULL REFERENCES rule_changes (id),
    list TEXT NOT NULL,
    entity TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('add', 'remove')),
    reason TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_us BIGINT,
    PRIMARY KEY (change_id, entity)
);
CREATE INDEX list_rows_entity ON list_rows (list, entity);

-- What took effect, in order. A trial (draft or shadow) and a snooze need nobody else; the rest needs its change.
CREATE TABLE rule_history (
    number BIGINT PRIMARY KEY,
    what TEXT NOT NULL CHECK (what IN ('trial', 'lane', 'list', 'snooze')),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,               -- JSON
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    change_id BIGINT UNIQUE REFERENCES rule_changes (id),
    CHECK ((what IN ('lane', 'list')) = (change_id IS NOT NULL))
);
CREATE INDEX rule_history_name ON rule_history (kind, name, version);

-- Every set that was ever in force: up to which number of the history, and which journal entry was the last before it.
CREATE TABLE rule_sets (
    hash TEXT PRIMARY KEY,
    through BIGINT NOT NULL,
    after_seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);
