-- Guards of 0006_models in SQLite's words: they hold for everybody who opens the file, whatever program it is.

CREATE TRIGGER models_stay BEFORE UPDATE ON models
BEGIN SELECT RAISE(ABORT, 'a model never changes: train another one'); END;
CREATE TRIGGER models_keep BEFORE DELETE ON models
BEGIN SELECT RAISE(ABORT, 'a model is never removed: retire it'); END;
CREATE TRIGGER model_changes_stay BEFORE UPDATE ON model_changes
BEGIN SELECT RAISE(ABORT, 'a change never changes: withdraw it and ask again'); END;
CREATE TRIGGER model_changes_keep BEFORE DELETE ON model_changes
BEGIN SELECT RAISE(ABORT, 'a change is never removed'); END;
CREATE TRIGGER model_answers_stay BEFORE UPDATE ON model_answers
BEGIN SELECT RAISE(ABORT, 'an answer never changes'); END;
CREATE TRIGGER model_answers_keep BEFORE DELETE ON model_answers
BEGIN SELECT RAISE(ABORT, 'an answer is never removed'); END;
CREATE TRIGGER model_history_stay BEFORE UPDATE ON model_history
BEGIN SELECT RAISE(ABORT, 'the history never changes'); END;
CREATE TRIGGER model_history_keep BEFORE DELETE ON model_history
BEGIN SELECT RAISE(ABORT, 'the history is never removed'); END;
CREATE TRIGGER model_gates_stay BEFORE UPDATE ON model_gates
BEGIN SELECT RAISE(ABORT, 'what a gate said never changes'); END;
CREATE TRIGGER model_gates_keep BEFORE DELETE ON model_gates
BEGIN SELECT RAISE(ABORT, 'what a gate said is never removed'); END;

-- A replacing insert would remove without a delete: what is there is never written again.
CREATE TRIGGER models_once BEFORE INSERT ON models
WHEN EXISTS (SELECT 1 FROM models m WHERE m.version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'this model is there already'); END;
CREATE TRIGGER model_changes_once BEFORE INSERT ON model_changes
WHEN EXISTS (SELECT 1 FROM model_changes c WHERE c.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'this change is there already'); END;
CREATE TRIGGER model_history_once BEFORE INSERT ON model_history
WHEN EXISTS (SELECT 1 FROM model_history h WHERE h.number = NEW.number OR h.change_id = NEW.change_id)
BEGIN SELECT RAISE(ABORT, 'this is in the history already'); END;
CREATE TRIGGER model_gates_once BEFORE INSERT ON model_gates
WHEN EXISTS (SELECT 1 FROM model_gates g WHERE g.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this gate is there already'); END;

-- Four eyes.
CREATE TRIGGER model_answers_once BEFORE INSERT ON model_answers
WHEN EXISTS (SELECT 1 FROM model_answers a WHERE a.change_id = NEW.change_id AND a.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'one person answers once'); END;
CREATE TRIGGER model_answers_not_own BEFORE INSERT ON model_answers
WHEN NEW.answer = 'approve' AND EXISTS (
    SELECT 1 FROM model_changes c JOIN models m ON m.version = c.model
    WHERE c.id = NEW.change_id AND NEW.person IN (c.author, m.author))
BEGIN SELECT RAISE(ABORT, 'nobody approves what is her own'); END;
CREATE TRIGGER model_answers_withdraw BEFORE INSERT ON model_answers
WHEN NEW.answer = 'withdraw' AND NOT EXISTS (
    SELECT 1 FROM model_changes c WHERE c.id = NEW.change_id AND c.author = NEW.person)
BEGIN SELECT RAISE(ABORT, 'only its author withdraws a change'); END;
CREATE TRIGGER model_answers_open BEFORE INSERT ON model_answers
WHEN NOT EXISTS (SELECT 1 FROM model_changes c WHERE c.id = NEW.change_id)
    OR EXISTS (SELECT 1 FROM model_history h WHERE h.change_id = NEW.change_id)
    OR EXISTS (SELECT 1 FROM model_answers a
               WHERE a.change_id = NEW.change_id AND a.answer IN ('reject', 'withdraw'))
BEGIN SELECT RAISE(ABORT, 'this change is not open'); END;
CREATE TRIGGER model_history_agreed BEFORE INSERT ON model_history
WHEN NEW.what = 'step' AND NOT EXISTS (
    SELECT 1 FROM model_changes c
    WHERE c.id = NEW.change_id AND c.model = NEW.model AND c.step = NEW.step AND c.share_ppm = NEW.share_ppm
        AND c.needs <= (SELECT COUNT(*) FROM model_answers a WHERE a.change_id = c.id AND a.answer = 'approve')
        AND NOT EXISTS (SELECT 1 FROM model_answers a
                        WHERE a.change_id = c.id AND a.answer IN ('reject', 'withdraw')))
BEGIN SELECT RAISE(ABORT, 'too few have agreed to this change'); END;

-- One champion from the first on: the last row that says so.
CREATE TRIGGER model_history_first BEFORE INSERT ON model_history
WHEN NEW.what = 'first' AND (NEW.step <> 'champion'
    OR EXISTS (SELECT 1 FROM model_history h WHERE h.step = 'champion'))
BEGIN SELECT RAISE(ABORT, 'a champion decides already: the next one needs others to agree'); END;
CREATE TRIGGER model_history_rollback BEFORE INSERT ON model_history
WHEN NEW.what = 'rollback' AND (NEW.step <> 'champion'
    OR NOT EXISTS (SELECT 1 FROM model_history h WHERE h.step = 'champion' AND h.model = NEW.model)
    OR NEW.model = (SELECT h.model FROM model_history h WHERE h.step = 'champion' ORDER BY h.number DESC LIMIT 1))
BEGIN SELECT RAISE(ABORT, 'a rollback goes to a model that was the champion before'); END;
CREATE TRIGGER model_history_end BEFORE INSERT ON model_history
WHEN NEW.what = 'end'
    AND NEW.model = (SELECT h.model FROM model_history h WHERE h.step = 'champion' ORDER BY h.number DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'the champion is not retired: promote another model, or roll back'); END;
CREATE TRIGGER second_looks_stay BEFORE UPDATE ON second_looks
BEGIN SELECT RAISE(ABORT, 'an opinion never changes'); END;
