-- Guards of 0008_sign_ins in SQLite's words.

CREATE TRIGGER sign_ins_stay BEFORE UPDATE ON sign_ins
BEGIN SELECT RAISE(ABORT, 'a row of sign ins never changes'); END;
CREATE TRIGGER sign_ins_keep BEFORE DELETE ON sign_ins
BEGIN SELECT RAISE(ABORT, 'a row of sign ins is never removed'); END;
CREATE TRIGGER sign_ins_once BEFORE INSERT ON sign_ins
WHEN EXISTS (SELECT 1 FROM sign_ins t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of sign ins is there already'); END;
