-- Guards of 0007_console in SQLite's words.

CREATE TRIGGER exports_stay BEFORE UPDATE ON exports
BEGIN SELECT RAISE(ABORT, 'a row of exports never changes'); END;
CREATE TRIGGER exports_keep BEFORE DELETE ON exports
BEGIN SELECT RAISE(ABORT, 'a row of exports is never removed'); END;
CREATE TRIGGER exports_once BEFORE INSERT ON exports
WHEN EXISTS (SELECT 1 FROM exports t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of exports is there already'); END;
