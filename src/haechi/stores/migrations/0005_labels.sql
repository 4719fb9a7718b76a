-- How a label was found out, of which fraud, and its two times: since when it could be known, and when we were told.

ALTER TABLE labels ADD COLUMN kind TEXT NOT NULL DEFAULT 'other';
ALTER TABLE labels ADD COLUMN typology TEXT NOT NULL DEFAULT '';
ALTER TABLE labels ADD COLUMN told_us BIGINT NOT NULL DEFAULT 0;     -- 0: nobody wrote it down
ALTER TABLE labels ADD COLUMN event_us BIGINT NOT NULL DEFAULT 0;    -- 0: nobody wrote it down
CREATE INDEX labels_known ON labels (known_at_us);

UPDATE labels SET kind = CASE
    WHEN source = 'report' OR source LIKE 'report:%' THEN 'report'
    WHEN source = 'verdict' OR source LIKE 'verdict:%' THEN 'verdict'
    WHEN source = 'chargeback' OR source LIKE 'chargeback:%' THEN 'chargeback'
    WHEN source = 'mule' OR source LIKE 'mule:%' THEN 'mule'
    WHEN source = 'check' OR source LIKE 'check:%' THEN 'check'
    WHEN source = 'confirmation' OR source LIKE 'confirmation:%' THEN 'confirmation'
    WHEN source = 'import' OR source LIKE 'import:%' THEN 'import'
    ELSE 'other'
END;
