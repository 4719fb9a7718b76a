-- The life of models, what was watched of them, and what people were asked. What stands is what `model_history` adds up
-- to: the model of its last row with step 'champion' decides. What must never happen is refused by the triggers that
-- stand in a file of this name for each engine.

CREATE TABLE models (
    version TEXT PRIMARY KEY,
    author TEXT NOT NULL,                -- who had it trained
    at_us BIGINT NOT NULL,
    content TEXT NOT NULL                -- JSON: why it was trained, and from what
);

-- What somebody asks for, and how many others must agree.
CREATE TABLE model_changes (
    id BIGINT PRIMARY KEY,
    model TEXT NOT NULL REFERENCES models (version),
    step TEXT NOT NULL CHECK (step IN ('shadow', 'canary', 'champion')),
    share_ppm BIGINT NOT NULL CHECK (share_ppm BETWEEN 0 AND 1000000),
    author TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    needs BIGINT NOT NULL CHECK (needs >= 1),
    comment TEXT NOT NULL
);

CREATE TABLE model_answers (
    change_id BIGINT NOT NULL REFERENCES model_changes (id),
    person TEXT NOT NULL,                -- 'policy' where haechi.toml asks for nobody
    answer TEXT NOT NULL CHECK (answer IN ('approve', 'reject', 'withdraw')),
    comment TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (change_id, person)
);

-- What took effect, in order. The first champion has nobody to beat; a rollback goes to a model that was agreed on
-- before; an end takes a say away. All else needs its change.
CREATE TABLE model_history (
    number BIGINT PRIMARY KEY,
    what TEXT NOT NULL CHECK (what IN ('step', 'first', 'rollback', 'end')),
    model TEXT NOT NULL REFERENCES models (version),
    step TEXT NOT NULL CHECK (step IN ('shadow', 'canary', 'champion', 'retired')),
    share_ppm BIGINT NOT NULL,
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    change_id BIGINT UNIQUE REFERENCES model_changes (id),
    why TEXT NOT NULL,
    CHECK ((what = 'step') = (change_id IS NOT NULL)),
    CHECK ((what = 'end') = (step = 'retired'))
);

-- Every gate that a model was held against, with its value and its threshold.
CREATE TABLE model_gates (
    number BIGINT PRIMARY KEY,
    model TEXT NOT NULL REFERENCES models (version),
    run BIGINT NOT NULL,
    name TEXT NOT NULL,
    value DOUBLE PRECISION,
    threshold DOUBLE PRECISION NOT NULL,
    passed BIGINT NOT NULL CHECK (passed IN (0, 1)),
    content TEXT NOT NULL,               -- JSON: what it means, against whom, on which events
    at_us BIGINT NOT NULL
);
CREATE INDEX model_gates_model ON model_gates (model, run);

-- What each model said of each decision, many decisions a row; and what became known of them.
CREATE TABLE model_scores (
    number BIGINT PRIMARY KEY,
    first_us BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    events BIGINT NOT NULL,
    content BYTEA NOT NULL
);
CREATE INDEX model_scores_time ON model_scores (last_us);
CREATE TABLE scored_labels (
    seq BIGINT PRIMARY KEY,              -- of the decision
    event_us BIGINT NOT NULL,
    fraud BIGINT NOT NULL,
    known_us BIGINT NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX scored_labels_time ON scored_labels (event_us);

-- What was seen in an hour or a day, as counts; and the alarms that came of it.
CREATE TABLE watch_windows (
    span TEXT NOT NULL CHECK (span IN ('hour', 'day')),
    start_us BIGINT NOT NULL,
    model TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (span, start_us, model)
);
CREATE TABLE watch_alarms (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('raised', 'over')),
    raised_us BIGINT NOT NULL,
    over_us BIGINT,
    content TEXT NOT NULL                -- JSON: which features, which examples
);
CREATE INDEX watch_alarms_state ON watch_alarms (state, name);

-- Trainings: why they began, and what came of them.
CREATE TABLE retrainings (
    number BIGINT PRIMARY KEY,
    cause TEXT NOT NULL,
    person TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    started_us BIGINT NOT NULL,
    ended_us BIGINT,
    model TEXT NOT NULL,
    content TEXT NOT NULL
);

-- Customers who are asked "was this you?", and what they answered.
CREATE TABLE questions (
    number BIGINT PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    event_us BIGINT NOT NULL,
    asked_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    why TEXT NOT NULL,                   -- uncertain, new, suspected
    score DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'mine', 'not_mine', 'unanswered')),
    answered_us BIGINT,
    channel TEXT NOT NULL
);
CREATE INDEX questions_state ON questions (state, until_us);
CREATE INDEX questions_subject ON questions (subject, asked_us);

-- A second person's opinion on an alert, given without seeing the first one's.
CREATE TABLE second_looks (
    alert_seq BIGINT NOT NULL REFERENCES alerts (seq),
    person TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('fraud', 'legitimate', 'unsure')),
    at_us BIGINT NOT NULL,
    PRIMARY KEY (alert_seq, person)
);
