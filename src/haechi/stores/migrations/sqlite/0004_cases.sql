-- Guards of 0004_cases in SQLite's words: they hold for everybody who opens the file, whatever program it is.

CREATE TRIGGER desk_history_stay BEFORE UPDATE ON desk_history
BEGIN SELECT RAISE(ABORT, 'a row of desk history never changes'); END;
CREATE TRIGGER desk_history_keep BEFORE DELETE ON desk_history
BEGIN SELECT RAISE(ABORT, 'a row of desk history is never removed'); END;
CREATE TRIGGER notes_stay BEFORE UPDATE ON notes
BEGIN SELECT RAISE(ABORT, 'a row of notes never changes'); END;
CREATE TRIGGER notes_keep BEFORE DELETE ON notes
BEGIN SELECT RAISE(ABORT, 'a row of notes is never removed'); END;
CREATE TRIGGER agreements_stay BEFORE UPDATE ON agreements
BEGIN SELECT RAISE(ABORT, 'a row of agreements never changes'); END;
CREATE TRIGGER agreements_keep BEFORE DELETE ON agreements
BEGIN SELECT RAISE(ABORT, 'a row of agreements is never removed'); END;
CREATE TRIGGER agreement_answers_stay BEFORE UPDATE ON agreement_answers
BEGIN SELECT RAISE(ABORT, 'a row of agreement answers never changes'); END;
CREATE TRIGGER agreement_answers_keep BEFORE DELETE ON agreement_answers
BEGIN SELECT RAISE(ABORT, 'a row of agreement answers is never removed'); END;
CREATE TRIGGER attachments_stay BEFORE UPDATE ON attachments
BEGIN SELECT RAISE(ABORT, 'a row of attachments never changes'); END;
CREATE TRIGGER attachments_keep BEFORE DELETE ON attachments
BEGIN SELECT RAISE(ABORT, 'a row of attachments is never removed'); END;
CREATE TRIGGER refund_money_stay BEFORE UPDATE ON refund_money
BEGIN SELECT RAISE(ABORT, 'a row of refund money never changes'); END;
CREATE TRIGGER refund_money_keep BEFORE DELETE ON refund_money
BEGIN SELECT RAISE(ABORT, 'a row of refund money is never removed'); END;
CREATE TRIGGER verdicts_keep BEFORE DELETE ON verdicts
BEGIN SELECT RAISE(ABORT, 'a row of verdicts is never removed'); END;
CREATE TRIGGER cases_keep BEFORE DELETE ON cases
BEGIN SELECT RAISE(ABORT, 'a row of cases is never removed'); END;
CREATE TRIGGER challenges_keep BEFORE DELETE ON challenges
BEGIN SELECT RAISE(ABORT, 'a row of challenges is never removed'); END;
CREATE TRIGGER refunds_keep BEFORE DELETE ON refunds
BEGIN SELECT RAISE(ABORT, 'a row of refunds is never removed'); END;
CREATE TRIGGER warnings_keep BEFORE DELETE ON warnings
BEGIN SELECT RAISE(ABORT, 'a row of warnings is never removed'); END;
CREATE TRIGGER webhooks_keep BEFORE DELETE ON webhooks
BEGIN SELECT RAISE(ABORT, 'a row of webhooks is never removed'); END;
CREATE TRIGGER deliveries_keep BEFORE DELETE ON deliveries
BEGIN SELECT RAISE(ABORT, 'a row of deliveries is never removed'); END;
CREATE TRIGGER case_steps_keep BEFORE DELETE ON case_steps
BEGIN SELECT RAISE(ABORT, 'a row of case steps is never removed'); END;
CREATE TRIGGER case_people_keep BEFORE DELETE ON case_people
BEGIN SELECT RAISE(ABORT, 'a row of case people is never removed'); END;

-- A replacing insert would remove without a delete: what is there is never written again.
CREATE TRIGGER desk_history_once BEFORE INSERT ON desk_history
WHEN EXISTS (SELECT 1 FROM desk_history t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of desk history is there already'); END;
CREATE TRIGGER notes_once BEFORE INSERT ON notes
WHEN EXISTS (SELECT 1 FROM notes t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of notes is there already'); END;
CREATE TRIGGER agreements_once BEFORE INSERT ON agreements
WHEN EXISTS (SELECT 1 FROM agreements t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of agreements is there already'); END;
CREATE TRIGGER attachments_once BEFORE INSERT ON attachments
WHEN EXISTS (SELECT 1 FROM attachments t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of attachments is there already'); END;
CREATE TRIGGER refund_money_once BEFORE INSERT ON refund_money
WHEN EXISTS (SELECT 1 FROM refund_money t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of refund money is there already'); END;
CREATE TRIGGER verdicts_once BEFORE INSERT ON verdicts
WHEN EXISTS (SELECT 1 FROM verdicts t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of verdicts is there already'); END;
CREATE TRIGGER cases_once BEFORE INSERT ON cases
WHEN EXISTS (SELECT 1 FROM cases t WHERE t.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'this row of cases is there already'); END;
CREATE TRIGGER challenges_once BEFORE INSERT ON challenges
WHEN EXISTS (SELECT 1 FROM challenges t WHERE t.seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'this row of challenges is there already'); END;
CREATE TRIGGER refunds_once BEFORE INSERT ON refunds
WHEN EXISTS (SELECT 1 FROM refunds t WHERE t.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'this row of refunds is there already'); END;
CREATE TRIGGER warnings_once BEFORE INSERT ON warnings
WHEN EXISTS (SELECT 1 FROM warnings t WHERE t.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'this row of warnings is there already'); END;
CREATE TRIGGER webhooks_once BEFORE INSERT ON webhooks
WHEN EXISTS (SELECT 1 FROM webhooks t WHERE t.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'this row of webhooks is there already'); END;
CREATE TRIGGER deliveries_once BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM deliveries t WHERE t.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'this row of deliveries is there already'); END;

-- What was said or has ended stays as it is.
CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts
WHEN OLD.state IN ('undone', 'told') OR (OLD.state = 'final' AND NEW.state <> 'told')
    OR (OLD.state = 'waiting' AND NEW.state = 'told')
    OR (OLD.alert_seq, OLD.verdict, OLD.typology, OLD.comment, OLD.event_ids, OLD.person, OLD.at_us, OLD.final_us)
        IS NOT (NEW.alert_seq, NEW.verdict, NEW.typology, NEW.comment, NEW.event_ids, NEW.person, NEW.at_us, NEW.final_us)
BEGIN SELECT RAISE(ABORT, 'a verdict only goes from waiting to undone, or to final and then told'); END;
CREATE TRIGGER alerts_closed BEFORE UPDATE ON alerts
WHEN OLD.state = 'closed' AND NEW.state <> 'closed'
BEGIN SELECT RAISE(ABORT, 'a closed alert stays closed'); END;
CREATE TRIGGER challenges_stay BEFORE UPDATE ON challenges
WHEN OLD.state <> 'waiting' OR NEW.means <> OLD.means OR NEW.deadline_us <> OLD.deadline_us
BEGIN SELECT RAISE(ABORT, 'a challenge ends once, and its terms never change'); END;
CREATE TRIGGER warnings_stay BEFORE UPDATE ON warnings
WHEN OLD.outcome <> '' OR NEW.text_en <> OLD.text_en OR NEW.text_ko <> OLD.text_ko
BEGIN SELECT RAISE(ABORT, 'a warning is answered once, and its text never changes'); END;
CREATE TRIGGER deliveries_stay BEFORE UPDATE ON deliveries
WHEN (OLD.webhook_id, OLD.history, OLD.topic, OLD.body) IS NOT (NEW.webhook_id, NEW.history, NEW.topic, NEW.body)
BEGIN SELECT RAISE(ABORT, 'what a delivery says never changes'); END;

-- Four eyes.
CREATE TRIGGER agreement_answers_once BEFORE INSERT ON agreement_answers
WHEN EXISTS (SELECT 1 FROM agreement_answers a WHERE a.agreement = NEW.agreement AND a.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'one person answers once'); END;
CREATE TRIGGER agreement_answers_not_own BEFORE INSERT ON agreement_answers
WHEN NEW.answer = 'approve'
    AND EXISTS (SELECT 1 FROM agreements g WHERE g.number = NEW.agreement AND g.person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'nobody approves what is her own'); END;
CREATE TRIGGER agreement_answers_open BEFORE INSERT ON agreement_answers
WHEN EXISTS (SELECT 1 FROM agreement_answers a WHERE a.agreement = NEW.agreement AND a.answer = 'reject')
BEGIN SELECT RAISE(ABORT, 'this was rejected: ask again'); END;
CREATE TRIGGER cases_agreed BEFORE UPDATE ON cases
WHEN NEW.state = 'closed' AND NOT EXISTS (
    SELECT 1 FROM agreements g
    WHERE g.number = NEW.agreement AND g.about = 'case' AND g.id = CAST(NEW.id AS TEXT)
        AND g.needs <= (SELECT COUNT(*) FROM agreement_answers a WHERE a.agreement = g.number AND a.answer = 'approve')
        AND NOT EXISTS (SELECT 1 FROM agreement_answers a WHERE a.agreement = g.number AND a.answer = 'reject'))
BEGIN SELECT RAISE(ABORT, 'too few have agreed to close this case'); END;
CREATE TRIGGER cases_stay BEFORE UPDATE ON cases
WHEN OLD.state = 'closed'
BEGIN SELECT RAISE(ABORT, 'a closed case stays as it is: open another one'); END;

-- A refund goes one way, and no money moves that was not agreed on.
CREATE TRIGGER refunds_forward BEFORE UPDATE ON refunds
WHEN NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (VALUES
    ('reported', 'frozen'), ('frozen', 'evidence'), ('evidence', 'decided'), ('evidence', 'refused'),
    ('decided', 'paid'))
BEGIN SELECT RAISE(ABORT, 'a refund goes from reported to frozen, evidence, decided and paid, a step at a time'); END;
CREATE TRIGGER refunds_stay BEFORE UPDATE ON refunds
WHEN (OLD.event_id, OLD.subject, OLD.currency, OLD.claimed, OLD.reported_us)
        IS NOT (NEW.event_id, NEW.subject, NEW.currency, NEW.claimed, NEW.reported_us)
    OR (OLD.state IN ('decided', 'paid', 'refused') AND OLD.agreed IS NOT NEW.agreed)
BEGIN SELECT RAISE(ABORT, 'what was claimed and what was decided never change'); END;
CREATE TRIGGER refunds_agreed BEFORE UPDATE ON refunds
WHEN NEW.state IN ('decided', 'refused') AND OLD.state <> NEW.state AND NOT EXISTS (
    SELECT 1 FROM agreements g
    WHERE g.number = NEW.agreement AND g.about = 'refund' AND g.id = CAST(NEW.id AS TEXT)
        AND g.content = '{"agreed":' || NEW.agreed || '}'
        AND g.needs <= (SELECT COUNT(*) FROM agreement_answers a WHERE a.agreement = g.number AND a.answer = 'approve')
        AND NOT EXISTS (SELECT 1 FROM agreement_answers a WHERE a.agreement = g.number AND a.answer = 'reject'))
BEGIN SELECT RAISE(ABORT, 'too few have agreed to this refund'); END;
CREATE TRIGGER refunds_paid BEFORE UPDATE ON refunds
WHEN NEW.state = 'paid' AND OLD.state <> 'paid' AND NEW.agreed IS NOT (
    SELECT SUM(m.amount) FROM refund_money m WHERE m.refund_id = NEW.id AND m.kind = 'paid')
BEGIN SELECT RAISE(ABORT, 'a refund is paid when all that was agreed on is paid'); END;
CREATE TRIGGER refund_money_paid BEFORE INSERT ON refund_money
WHEN NEW.kind = 'paid' AND NOT EXISTS (
    SELECT 1 FROM refunds r WHERE r.id = NEW.refund_id AND r.state = 'decided'
        AND r.agreed >= NEW.amount + (SELECT COALESCE(SUM(m.amount), 0) FROM refund_money m
                                      WHERE m.refund_id = r.id AND m.kind = 'paid'))
BEGIN SELECT RAISE(ABORT, 'no more is paid than was agreed on'); END;
CREATE TRIGGER refund_money_recovered BEFORE INSERT ON refund_money
WHEN NEW.kind = 'recovered' AND NOT EXISTS (
    SELECT 1 FROM refunds r WHERE r.id = NEW.refund_id
        AND r.claimed >= NEW.amount + (SELECT COALESCE(SUM(m.amount), 0) FROM refund_money m
                                       WHERE m.refund_id = r.id AND m.kind = 'recovered'))
BEGIN SELECT RAISE(ABORT, 'no more is recovered than was claimed'); END;
