-- What people do: alerts as a queue, cases, challenges, refunds, warnings, and the word of it all that webhooks carry.
-- What must never happen is refused by the triggers that stand in a file of this name for each engine.

-- An alert folds into the open alert of its subject: then its state is 'folded' and `head` names that one.
ALTER TABLE alerts ADD COLUMN head BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN subject TEXT NOT NULL DEFAULT '';      -- customer:c-17; an alert without one never folds
ALTER TABLE alerts ADD COLUMN amount BIGINT;                         -- minor units, of all that folded in
ALTER TABLE alerts ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN expected_loss BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN urgency BIGINT NOT NULL DEFAULT 0;     -- expected loss in thousandths of a review
ALTER TABLE alerts ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;        -- the queue's order: see stores/calls.py
ALTER TABLE alerts ADD COLUMN opened_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN due_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN until_us BIGINT NOT NULL DEFAULT 0;    -- of the lock, the snooze or the undo
ALTER TABLE alerts ADD COLUMN level BIGINT NOT NULL DEFAULT 0;       -- how often it was escalated
ALTER TABLE alerts ADD COLUMN events BIGINT NOT NULL DEFAULT 1;
ALTER TABLE alerts ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE alerts ADD COLUMN closed_us BIGINT;
CREATE INDEX alerts_queue ON alerts (state, rank DESC, seq);
CREATE INDEX alerts_level ON alerts (level, state, rank DESC, seq);
CREATE INDEX alerts_action ON alerts (action, state, rank DESC, seq);
CREATE INDEX alerts_late ON alerts (state, due_us);
CREATE INDEX alerts_holder ON alerts (holder, state);
CREATE INDEX alerts_subject ON alerts (subject, state);
CREATE INDEX alerts_head ON alerts (head);
CREATE INDEX alerts_until ON alerts (state, until_us);

-- Said of an alert; it becomes labels once nobody can take it back any more.
CREATE TABLE verdicts (
    number BIGINT PRIMARY KEY,
    alert_seq BIGINT NOT NULL REFERENCES alerts (seq),
    verdict TEXT NOT NULL CHECK (verdict IN ('fraud', 'legitimate', 'unsure')),
    typology TEXT NOT NULL,
    comment TEXT NOT NULL,
    event_ids TEXT NOT NULL,             -- JSON: the events that it is about
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    final_us BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'undone', 'final', 'told'))
);
CREATE INDEX verdicts_state ON verdicts (state, final_us);
CREATE INDEX verdicts_alert ON verdicts (alert_seq);

-- All that happened here, in order; webhooks read from it.
CREATE TABLE desk_history (
    number BIGINT PRIMARY KEY,
    about TEXT NOT NULL CHECK (about IN ('alert', 'case', 'challenge', 'refund', 'warning', 'webhook')),
    id TEXT NOT NULL,
    what TEXT NOT NULL,
    content TEXT NOT NULL,               -- JSON
    person TEXT NOT NULL,                -- '' is Haechi itself
    at_us BIGINT NOT NULL
);
CREATE INDEX desk_history_about ON desk_history (about, id, number);

CREATE TABLE notes (
    number BIGINT PRIMARY KEY,
    about TEXT NOT NULL CHECK (about IN ('alert', 'case', 'refund')),
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX notes_about ON notes (about, id, number);

-- What more than one person must agree to: closing a large case, a large refund.
CREATE TABLE agreements (
    number BIGINT PRIMARY KEY,
    about TEXT NOT NULL CHECK (about IN ('case', 'refund')),
    id TEXT NOT NULL,
    content TEXT NOT NULL,               -- JSON: what is agreed on
    needs BIGINT NOT NULL CHECK (needs >= 0),
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX agreements_about ON agreements (about, id, number);

CREATE TABLE agreement_answers (
    agreement BIGINT NOT NULL REFERENCES agreements (number),
    person TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('approve', 'reject')),
    comment TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (agreement, person)
);

CREATE TABLE cases (
    id BIGINT PRIMARY KEY,
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closing', 'closed')),
    holder TEXT NOT NULL,
    outcome TEXT NOT NULL,
    agreement BIGINT,                    -- the closing that was agreed on
    person TEXT NOT NULL,
    opened_us BIGINT NOT NULL,
    closed_us BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX cases_state ON cases (state, id);

CREATE TABLE case_alerts (
    alert_seq BIGINT PRIMARY KEY REFERENCES alerts (seq),
    case_id BIGINT NOT NULL REFERENCES cases (id)
);
CREATE INDEX case_alerts_case ON case_alerts (case_id);

CREATE TABLE case_people (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    entity TEXT NOT NULL,                -- customer:c-17, payee:p-3
    role TEXT NOT NULL,
    PRIMARY KEY (case_id, entity)
);

CREATE TABLE case_steps (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    number BIGINT NOT NULL,
    text TEXT NOT NULL,
    required SMALLINT NOT NULL,
    done_by TEXT NOT NULL,
    done_us BIGINT,
    PRIMARY KEY (case_id, number)
);

-- The bytes stand in the home's folder `attachments`, under their SHA-256.
CREATE TABLE attachments (
    number BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    UNIQUE (case_id, sha256)
);

-- A decision to challenge waits for its answer; what each outcome means was agreed when it was decided.
CREATE TABLE challenges (
    seq BIGINT PRIMARY KEY,              -- of the decision
    id TEXT NOT NULL UNIQUE,
    event_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    amount BIGINT,
    currency TEXT NOT NULL,
    expected_loss BIGINT NOT NULL,
    urgency BIGINT NOT NULL,
    service_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    opened_us BIGINT NOT NULL,
    deadline_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_max BIGINT NOT NULL,
    means TEXT NOT NULL,                 -- JSON: outcome -> action
    state TEXT NOT NULL CHECK (state IN ('waiting', 'passed', 'failed', 'refused', 'timeout')),
    action TEXT NOT NULL,                -- the final one; '' while it waits
    method TEXT NOT NULL,
    closed_us BIGINT
);
CREATE INDEX challenges_state ON challenges (state, deadline_us);

CREATE TABLE refunds (
    id BIGINT PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    case_id BIGINT REFERENCES cases (id),
    currency TEXT NOT NULL,
    claimed BIGINT NOT NULL CHECK (claimed > 0),
    agreed BIGINT CHECK (agreed >= 0 AND agreed <= claimed),
    state TEXT NOT NULL CHECK (state IN ('reported', 'frozen', 'evidence', 'decided', 'paid', 'refused')),
    agreement BIGINT,
    person TEXT NOT NULL,
    reported_us BIGINT NOT NULL,
    frozen_us BIGINT,
    evidence_us BIGINT,
    decided_us BIGINT,
    paid_us BIGINT,
    frozen_due_us BIGINT NOT NULL,
    evidence_due_us BIGINT NOT NULL,
    decided_due_us BIGINT NOT NULL,
    paid_due_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX refunds_state ON refunds (state, id);
CREATE INDEX refunds_case ON refunds (case_id);

-- Money that really moved; minor units of the refund's currency.
CREATE TABLE refund_money (
    number BIGINT PRIMARY KEY,
    refund_id BIGINT NOT NULL REFERENCES refunds (id),
    kind TEXT NOT NULL CHECK (kind IN ('recovered', 'paid')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    reference TEXT NOT NULL,             -- of the booking: the same one counts once
    person TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    UNIQUE (refund_id, kind, reference)
);

CREATE TABLE warnings (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_en TEXT NOT NULL,
    text_ko TEXT NOT NULL,
    shown_us BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('', 'went_on', 'cancelled')),
    answered_us BIGINT
);
CREATE INDEX warnings_outcome ON warnings (outcome);

CREATE TABLE webhooks (
    id BIGINT PRIMARY KEY,
    url TEXT NOT NULL,
    topics TEXT NOT NULL,                -- JSON; empty: all
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'ended')),
    through BIGINT NOT NULL,             -- how far into the history its deliveries were made
    person TEXT NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE TABLE deliveries (
    number BIGINT PRIMARY KEY,
    webhook_id BIGINT NOT NULL REFERENCES webhooks (id),
    history BIGINT NOT NULL REFERENCES desk_history (number),
    topic TEXT NOT NULL,
    body TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_us BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    status BIGINT,
    error TEXT NOT NULL,
    done_us BIGINT,
    UNIQUE (webhook_id, history)
);
CREATE INDEX deliveries_state ON deliveries (state, next_us);
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, number);
