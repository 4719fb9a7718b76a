"""What people agreed on: whole, in order, and never without the others who must agree; not even by raw SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from haechi.stores import (
    Approval,
    Change,
    Disagreed,
    HistoryRow,
    ListRow,
    RuleSetRow,
    RuleVersion,
)
from haechi.stores.sqlite import SqliteStore

from .kit import raw

LIVE = '{"lane":"live"}'
SHADOW = '{"lane":"shadow"}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "h.db") as opened:
        yield opened


def version(name: str = "night", hash_: str = "a", author: str = "ana", kind: str = "rule") -> RuleVersion:
    return RuleVersion(kind, name, 0, f"text {hash_}", hash_, author, 1, "")


def wish(number: int = 1, author: str = "ana", needs: int = 1, content: str = LIVE, **more: object) -> Change:
    given = {"kind": "rule", "name": "night", **more}
    return Change(
        0,
        version=number,
        content=content,
        author=author,
        created_us=2,
        needs=needs,
        comment="",
        state="waiting",
        **given,
    )  # type: ignore[arg-type]


def said(person: str, answer: str = "approve") -> Approval:
    return Approval(person, answer, "", 3)  # type: ignore[arg-type]


def taking(number: int) -> RuleSetRow:
    return RuleSetRow(f"set-{number}", number, 0, 3)


def test_a_version_gets_the_next_number_and_the_same_content_is_the_same_version(store: SqliteStore) -> None:
    first = store.rules.add_version(version())
    assert store.rules.add_version(version(author="bo")) == first
    second = store.rules.add_version(version(hash_="b"))
    assert (first.version, second.version) == (1, 2)
    assert store.rules.versions("rule", "night") == [first, second] == store.rules.versions("rule")
    assert store.rules.versions("typology") == []


def test_a_change_takes_effect_with_the_last_approval_and_is_then_closed(store: SqliteStore) -> None:
    rules = store.rules
    rules.add_version(version())
    asked = rules.ask(wish(needs=2))
    assert rules.ask(wish(needs=2)) == asked, "the same wish that waits is the same change"
    assert rules.answer(asked.id, said("bo")).state == "waiting"
    done = rules.answer(asked.id, said("cy"), taking(1))
    assert (done.state, [a.person for a in done.answers]) == ("done", ["bo", "cy"])
    assert list(rules.history()) == [HistoryRow(1, "lane", "rule", "night", 1, LIVE, "ana", 3, asked.id)]
    assert rules.set_of("set-1") == taking(1)
    with pytest.raises(Disagreed, match="not open"):
        rules.answer(asked.id, said("di"))
    assert rules.ask(wish(needs=2)).id != asked.id


@pytest.mark.parametrize(
    ("answer", "person", "state"), [("reject", "bo", "rejected"), ("withdraw", "ana", "withdrawn")]
)
def test_a_change_that_was_turned_down_is_closed(store: SqliteStore, answer: str, person: str, state: str) -> None:
    rules = store.rules
    rules.add_version(version())
    asked = rules.ask(wish())
    assert rules.answer(asked.id, said(person, answer)).state == state
    with pytest.raises(Disagreed, match="not open"):
        rules.answer(asked.id, said("cy"), taking(1))
    assert [c.id for c in rules.changes(state)] == [asked.id]  # type: ignore[arg-type]
    assert rules.changes("waiting") == []


def test_nobody_approves_what_is_her_own(store: SqliteStore) -> None:
    rules = store.rules
    rules.add_version(version(author="ana"))
    asked = rules.ask(wish(author="bo"))
    for person in ("ana", "bo"):
        with pytest.raises(Disagreed, match="her own"):
            rules.answer(asked.id, said(person), taking(1))
    with pytest.raises(Disagreed, match="only its author"):
        rules.answer(asked.id, said("cy", "withdraw"))
    assert rules.answer(asked.id, said("cy"), taking(1)).state == "done"


def test_too_few_approvals_leave_nothing_behind(store: SqliteStore) -> None:
    rules = store.rules
    rules.add_version(version())
    asked = rules.ask(wish(needs=2))
    with pytest.raises(Disagreed, match="too few"):
        rules.answer(asked.id, said("bo"), taking(1))
    assert rules.change(asked.id).answers == (), "the answer and its effect are one commit"
    assert rules.set_of("set-1") is None


def test_a_trial_needs_nobody_until_the_version_was_published(store: SqliteStore) -> None:
    rules = store.rules
    rules.add_version(version())
    row = HistoryRow(0, "trial", "rule", "night", 1, SHADOW, "ana", 3)
    assert rules.take(row, taking(1)).number == 1
    with pytest.raises(Disagreed, match="in between"):
        rules.take(row, taking(1))
    asked = rules.ask(wish())
    rules.answer(asked.id, said("bo"), taking(2))
    with pytest.raises(Disagreed, match="never published"):
        rules.take(row, taking(3))
    with pytest.raises(Disagreed, match="no such version"):
        rules.take(HistoryRow(0, "trial", "rule", "other", 1, SHADOW, "ana", 3), taking(3))
    assert [r.number for r in rules.history(after=1)] == [2]
    assert [r.number for r in rules.history(through=1)] == [1]


def test_a_list_is_what_its_changes_add_up_to(store: SqliteStore) -> None:
    rules = store.rules
    first = rules.ask(wish(0, kind="list", name="bad", content='{"purpose":"block"}'))
    rows = [ListRow(f"p-{n:04}", reason="seen") for n in range(1_200)]
    rules.add_rows(first.id, "bad", rows)
    assert rules.change(first.id).rows == 1_200
    assert rules.entries("bad") == [], "nothing counts before it was agreed to"
    rules.answer(first.id, said("bo"), taking(1))
    assert list(rules.rows_of(first.id)) == rows
    assert list(rules.rows_of(first.id, 3)) == rows[:3]
    assert rules.entries("bad", after="p-0005", limit=2) == rows[6:8]
    second = rules.ask(wish(0, kind="list", name="bad", content='{"purpose":"block","n":2}'))
    rules.add_rows(second.id, "bad", [ListRow("p-0000", "remove"), ListRow("p-0001", reason="again", expires_us=9)])
    rules.answer(second.id, said("bo"), taking(2))
    assert rules.entries("bad", limit=2) == [ListRow("p-0001", reason="again", expires_us=9), rows[2]]
    with pytest.raises(Disagreed, match="nobody has answered"):
        rules.add_rows(second.id, "bad", [ListRow("late")])
    third = rules.ask(wish(0, kind="list", name="bad", content='{"purpose":"block","n":3}'))
    with pytest.raises(Disagreed, match="names the entity already"):
        rules.add_rows(third.id, "bad", [ListRow("x"), ListRow("x", "remove")])


def test_a_set_that_is_known_stays_and_an_unknown_change_is_told(store: SqliteStore) -> None:
    store.rules.keep_set(taking(1))
    store.rules.keep_set(RuleSetRow("set-1", 7, 7, 7))
    assert store.rules.set_of("set-1") == taking(1)
    with pytest.raises(Disagreed, match="there is no change 5"):
        store.rules.change(5)


FORBIDDEN = [
    "UPDATE rule_versions SET author = 'eve'",
    "DELETE FROM rule_versions",
    "INSERT OR REPLACE INTO rule_versions VALUES ('rule', 'night', 1, 'x', 'x', 'eve', 1, '')",
    "UPDATE rule_changes SET needs = 1",
    "DELETE FROM rule_changes",
    "INSERT OR REPLACE INTO rule_changes VALUES (1, 'rule', 'night', 1, '{}', 'eve', 1, 1, '')",
    "INSERT INTO rule_changes VALUES (9, 'rule', 'night', 1, '{}', 'eve', 1, 0, '')",
    "INSERT INTO rule_approvals VALUES (1, 'ana', 'approve', '', 1)",
    "INSERT OR REPLACE INTO rule_approvals VALUES (1, 'bo', 'approve', '', 2)",
    "INSERT INTO rule_approvals VALUES (77, 'cy', 'approve', '', 2)",
    "UPDATE rule_approvals SET person = 'cy'",
    "DELETE FROM rule_approvals",
    "INSERT INTO rule_history VALUES (1, 'lane', 'rule', 'night', 1, '{\"lane\":\"live\"}', 'ana', 1, 1)",
    "INSERT INTO rule_history VALUES (1, 'lane', 'rule', 'night', 1, '{\"lane\":\"live\"}', 'ana', 1, NULL)",
    "INSERT INTO rule_history VALUES (1, 'trial', 'rule', 'night', 1, '{\"lane\":\"live\"}', 'ana', 1, NULL)",
    "INSERT INTO rule_history VALUES (1, 'trial', 'rule', 'night', 1, '{\"lane\":\"shadow\"}', 'ana', 1, 1)",
    "INSERT INTO list_rows VALUES (1, 'bad', 'p', 'add', '', '', NULL)",
    "UPDATE rule_sets SET through = 9",
    "DELETE FROM rule_sets",
    "INSERT OR REPLACE INTO rule_sets VALUES ('set-1', 9, 9, 9)",
]  # fmt: skip


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_raw_sql_is_refused_by_the_file_itself(tmp_path: Path, sql: str) -> None:
    with SqliteStore(tmp_path / "h.db") as store:
        store.rules.add_version(version())
        asked = store.rules.ask(wish(needs=2))
        store.rules.answer(asked.id, said("bo"))
        store.rules.keep_set(taking(1))
    with pytest.raises(apsw.ConstraintError):
        raw(tmp_path / "h.db").execute(sql)


def test_what_took_effect_is_never_rewritten_by_raw_sql(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "h.db") as store:
        store.rules.add_version(version())
        store.rules.answer(store.rules.ask(wish()).id, said("bo"), taking(1))
        listed = store.rules.ask(wish(0, kind="list", name="bad", content="{}"))
        store.rules.add_rows(listed.id, "bad", [ListRow("p")])
    connection = raw(tmp_path / "h.db")
    for sql in (
        "UPDATE rule_history SET version = 2",
        "DELETE FROM rule_history",
        "INSERT OR REPLACE INTO rule_history VALUES (1, 'snooze', 'rule', 'night', 1, '{}', 'eve', 1, NULL)",
        "UPDATE list_rows SET entity = 'q'",
        "DELETE FROM list_rows",
        "INSERT OR REPLACE INTO list_rows VALUES (2, 'bad', 'p', 'remove', '', '', NULL)",
        # an approval for one thing is none for another
        "INSERT INTO rule_history VALUES (2, 'lane', 'rule', 'night', 1, '{\"lane\":\"canary\"}', 'ana', 1, 1)",
    ):
        with pytest.raises(apsw.ConstraintError):
            connection.execute(sql)


class FourEyes(RuleBasedStateMachine):
    """Whatever people do in whatever order: nothing takes effect with too few others who agreed."""

    people = st.sampled_from(["ana", "bo", "cy", "di"])

    @initialize(needs=st.integers(1, 3))
    def open(self, needs: int) -> None:
        self.needs = needs
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.store = SqliteStore(Path(self.folder.name) / "h.db")

    @rule(person=people, text=st.sampled_from("ab"))
    def write(self, person: str, text: str) -> None:
        self.store.rules.add_version(version(hash_=text, author=person))

    @rule(person=people, number=st.integers(1, 3), lane=st.sampled_from(["live", "canary", "retired"]))
    def ask(self, person: str, number: int, lane: str) -> None:
        self.store.rules.ask(wish(number, person, self.needs, f'{{"lane":"{lane}"}}'))

    @rule(person=people, answer=st.sampled_from(["approve"] * 4 + ["reject", "withdraw"]), back=st.integers(0, 3))
    def answer(self, person: str, answer: str, back: int) -> None:
        changes = self.store.rules.changes()
        if back >= len(changes):
            return
        number = sum(1 for _ in self.store.rules.history()) + 1
        for with_effect in (taking(number), None):
            try:
                self.store.rules.answer(changes[back].id, said(person, answer), with_effect)
            except Disagreed:
                continue
            return

    @rule(person=people, number=st.integers(1, 3))
    def trial(self, person: str, number: int) -> None:
        row = HistoryRow(0, "trial", "rule", "night", number, SHADOW, person, 3)
        try:
            self.store.rules.take(row, taking(sum(1 for _ in self.store.rules.history()) + 1))
        except Disagreed:
            return

    @invariant()
    def four_eyes(self) -> None:
        authors = {(v.name, v.version): v.author for v in self.store.rules.versions("rule")}
        for row in self.store.rules.history():
            if row.what == "trial":
                continue
            change = self.store.rules.change(row.change_id or 0)
            agreed = {a.person for a in change.answers if a.answer == "approve"}
            assert len(agreed - {change.author, authors[row.name, row.version]}) >= self.needs
            assert not [a for a in change.answers if a.answer != "approve"]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestFourEyes = FourEyes.TestCase
TestFourEyes.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
