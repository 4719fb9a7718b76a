-- Guards of 0003_rules in SQLite's words: they hold for everybody who opens the file, whatever program it is.

CREATE TRIGGER rule_versions_stay BEFORE UPDATE ON rule_versions
BEGIN SELECT RAISE(ABORT, 'a rule version never changes: add another version'); END;
CREATE TRIGGER rule_versions_keep BEFORE DELETE ON rule_versions
BEGIN SELECT RAISE(ABORT, 'a rule version is never removed: retire it'); END;
CREATE TRIGGER rule_changes_stay BEFORE UPDATE ON rule_changes
BEGIN SELECT RAISE(ABORT, 'a change never changes: withdraw it and ask again'); END;
CREATE TRIGGER rule_changes_keep BEFORE DELETE ON rule_changes
BEGIN SELECT RAISE(ABORT, 'a change is never removed'); END;
CREATE TRIGGER rule_approvals_stay BEFORE UPDATE ON rule_approvals
BEGIN SELECT RAISE(ABORT, 'an answer never changes'); END;
CREATE TRIGGER rule_approvals_keep BEFORE DELETE ON rule_approvals
BEGIN SELECT RAISE(ABORT, 'an answer is never removed'); END;
CREATE TRIGGER list_rows_stay BEFORE UPDATE ON list_rows
BEGIN SELECT RAISE(ABORT, 'a row of a list never changes: ask for another change'); END;
CREATE TRIGGER list_rows_keep BEFORE DELETE ON list_rows
BEGIN SELECT RAISE(ABORT, 'a row of a list is never removed: ask for a change that removes the entity'); END;
CREATE TRIGGER rule_history_stay BEFORE UPDATE ON rule_history
BEGIN SELECT RAISE(ABORT, 'the history never changes'); END;
CREATE TRIGGER rule_history_keep BEFORE DELETE ON rule_history
BEGIN SELECT RAISE(ABORT, 'the history is never removed'); END;
CREATE TRIGGER rule_sets_stay BEFORE UPDATE ON rule_sets
BEGIN SELECT RAISE(ABORT, 'a rule set never changes'); END;
CREATE TRIGGER rule_sets_keep BEFORE DELETE ON rule_sets
BEGIN SELECT RAISE(ABORT, 'a rule set is never removed'); END;

-- A replacing insert would remove without a delete: what is there is never written again.
CREATE TRIGGER rule_versions_once BEFORE INSERT ON rule_versions
WHEN EXISTS (SELECT 1 FROM rule_versions v
             WHERE v.kind = NEW.kind AND v.name = NEW.name AND v.version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'this version is there already'); END;
CREATE TRIGGER rule_changes_once BEFORE INSERT ON rule_changes
WHEN EXISTS (SELECT 1 FROM rule_changes c WHERE c.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'this change is there already'); END;
CREATE TRIGGER rule_history_once BEFORE INSERT ON rule_history
WHEN EXISTS (SELECT 1 FROM rule_history h WHERE h.number = NEW.number OR h.change_id = NEW.change_id)
BEGIN SELECT RAISE(ABORT, 'this is in the history already'); END;
CREATE TRIGGER list_rows_once BEFORE INSERT ON list_rows
WHEN EXISTS (SELECT 1 FROM list_rows r WHERE r.change_id = NEW.change_id AND r.entity = NEW.entity)
BEGIN SELECT RAISE(ABORT, 'this change names the entity already'); END;

-- Four eyes.
CREATE TRIGGER rule_approvals_once BEFORE INSERT ON rule_approvals
WHEN EXISTS (SELECT 1 FROM rule_approvals a WHERE a.change_id = NEW.change_id AND a.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'one person answers once'); END;
CREATE TRIGGER rule_approvals_not_own BEFORE INSERT ON rule_approvals
WHEN NEW.answer = 'approve' AND EXISTS (
    SELECT 1 FROM rule_changes c WHERE c.id = NEW.change_id AND (c.author = NEW.person OR EXISTS (
        SELECT 1 FROM rule_versions v
        WHERE v.kind = c.kind AND v.name = c.name AND v.version = c.version AND v.author = NEW.person)))
BEGIN SELECT RAISE(ABORT, 'nobody approves what is her own'); END;
CREATE TRIGGER rule_approvals_withdraw BEFORE INSERT ON rule_approvals
WHEN NEW.answer = 'withdraw' AND NOT EXISTS (
    SELECT 1 FROM rule_changes c WHERE c.id = NEW.change_id AND c.author = NEW.person)
BEGIN SELECT RAISE(ABORT, 'only its author withdraws a change'); END;
CREATE TRIGGER rule_approvals_open BEFORE INSERT ON rule_approvals
WHEN NOT EXISTS (SELECT 1 FROM rule_changes c WHERE c.id = NEW.change_id)
    OR EXISTS (SELECT 1 FROM rule_history h WHERE h.change_id = NEW.change_id)
    OR EXISTS (SELECT 1 FROM rule_approvals a
               WHERE a.change_id = NEW.change_id AND a.answer IN ('reject', 'withdraw'))
BEGIN SELECT RAISE(ABORT, 'this change is not open'); END;
CREATE TRIGGER list_rows_before_answers BEFORE INSERT ON list_rows
WHEN NOT EXISTS (SELECT 1 FROM rule_changes c
                 WHERE c.id = NEW.change_id AND c.kind = 'list' AND c.name = NEW.list)
    OR EXISTS (SELECT 1 FROM rule_approvals a WHERE a.change_id = NEW.change_id)
    OR EXISTS (SELECT 1 FROM rule_history h WHERE h.change_id = NEW.change_id)
BEGIN SELECT RAISE(ABORT, 'rows belong to a list change that nobody has answered yet'); END;
CREATE TRIGGER rule_history_agreed BEFORE INSERT ON rule_history
WHEN NEW.change_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM rule_changes c
    WHERE c.id = NEW.change_id AND c.kind = NEW.kind AND c.name = NEW.name AND c.version = NEW.version
        AND c.content = NEW.content AND (NEW.what = 'list') = (c.kind = 'list')
        AND c.needs <= (SELECT COUNT(*) FROM rule_approvals a WHERE a.change_id = c.id AND a.answer = 'approve')
        AND NOT EXISTS (SELECT 1 FROM rule_approvals a
                        WHERE a.change_id = c.id AND a.answer IN ('reject', 'withdraw')))
BEGIN SELECT RAISE(ABORT, 'too few have agreed to this change'); END;
CREATE TRIGGER rule_history_trial BEFORE INSERT ON rule_history
WHEN NEW.what = 'trial' AND (NEW.content NOT IN ('{"lane":"draft"}', '{"lane":"shadow"}') OR EXISTS (
    SELECT 1 FROM rule_history h
    WHERE h.what = 'lane' AND h.kind = NEW.kind AND h.name = NEW.name AND h.version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'only a version that was never published is tried without approval'); END;
CREATE TRIGGER rule_history_known BEFORE INSERT ON rule_history
WHEN NEW.what IN ('trial', 'lane') AND NOT EXISTS (
    SELECT 1 FROM rule_versions v WHERE v.kind = NEW.kind AND v.name = NEW.name AND v.version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'there is no such version'); END;
CREATE TRIGGER rule_sets_once BEFORE INSERT ON rule_sets
WHEN EXISTS (SELECT 1 FROM rule_sets s WHERE s.hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'this set is there already'); END;
