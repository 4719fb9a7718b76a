-- Guards of 0009_model_policies in SQLite's words.

CREATE TRIGGER model_policies_stay BEFORE UPDATE ON model_policies
BEGIN SELECT RAISE(ABORT, 'a policy that was found never changes'); END;
CREATE TRIGGER model_policies_keep BEFORE DELETE ON model_policies
BEGIN SELECT RAISE(ABORT, 'a policy that was found is never removed'); END;
CREATE TRIGGER model_policies_once BEFORE INSERT ON model_policies
WHEN EXISTS (SELECT 1 FROM model_policies p WHERE p.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this policy is there already'); END;
