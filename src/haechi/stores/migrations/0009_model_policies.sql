-- What haechi.toml asks of models: a row each time it was found to ask for something else.
CREATE TABLE model_policies (
    number BIGINT PRIMARY KEY,
    version TEXT NOT NULL,               -- a hash of what it asks for
    person TEXT NOT NULL,                -- the account that read the file; who wrote it, the file cannot tell
    written_us BIGINT NOT NULL,          -- when the file was last written
    at_us BIGINT NOT NULL,
    told TEXT NOT NULL,                  -- what is not as before
    content TEXT NOT NULL                -- JSON: all of it
);
