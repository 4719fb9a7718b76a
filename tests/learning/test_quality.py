"""Second opinions given unseen, and what became of an analyst's verdicts: for her alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from haechi.app import create_home, open_shut
from haechi.learning.life.errors import NoSuchModel, NotAllowed
from haechi.learning.quality import Quality, kappa
from haechi.stores import Disagreed, Tables
from haechi.stores.calls import open_alert
from haechi.stores.entry import Alert


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    create_home(tmp_path / "home")
    with open_shut(tmp_path / "home") as shut:
        yield shut.store.tables


def judged(tables: Tables, seq: int, verdict: str, person: str = "ana") -> None:
    """An alert that somebody has judged for good."""

    def task(work) -> None:
        open_alert(work, seq, f"e-{seq}", Alert(f"a-{seq}", "hold", 1, f"customer:{seq}"))
        work.add("verdicts", {
            "number": work.next("verdicts"), "alert_seq": seq, "verdict": verdict, "typology": "", "comment": "",
            "event_ids": f'["e-{seq}"]', "person": person, "at_us": 1, "final_us": 2, "state": "told",
        })  # fmt: skip

    tables.do(task)


def known(tables: Tables, seq: int, fraud: bool, kind: str = "report") -> None:
    row = {
        "seq": 1_000 + seq,
        "event_id": f"e-{seq}",
        "fraud": int(fraud),
        "known_at_us": 9,
        "source": kind,
        "kind": kind,
    }
    tables.do(lambda work: work.add("labels", row))


def test_a_second_opinion_is_somebody_elses_and_given_once(tables: Tables) -> None:
    quality = Quality(tables, lambda: 5, 1.0, b"salt")
    assert quality.next("bo") is None
    judged(tables, 1, "fraud")
    judged(tables, 2, "legitimate", "bo")
    assert quality.next("bo") == ("a-1", "e-1", "customer:1"), "never one that she judged herself"
    with pytest.raises(NotAllowed, match="judged this alert yourself"):
        quality.say("a-1", "ana", "fraud")
    with pytest.raises(NotAllowed, match="a verdict is"):
        quality.say("a-1", "bo", "perhaps")
    with pytest.raises(NoSuchModel, match="waits for no second opinion"):
        quality.say("a-9", "bo", "fraud")
    assert quality.say("a-1", "bo", "fraud").agreed == 1
    with pytest.raises(NotAllowed, match="already"):
        quality.say("a-1", "cleo", "fraud")
    assert quality.next("bo") is None
    assert (quality.say("a-2", "ana", "fraud").share, quality.mine("ana").second_looks) == (0.5, 2)
    with pytest.raises(Disagreed, match="never changes"):
        tables.do(lambda work: work.run("UPDATE second_looks SET verdict = 'unsure'"))


def test_only_a_share_comes_up_again(tables: Tables) -> None:
    for seq in range(1, 200):
        judged(tables, seq, "fraud")
    quality, drawn = Quality(tables, lambda: 5, 0.2, b"salt"), 0
    while (found := quality.next("bo")) is not None:
        quality.say(found[0], "bo", "fraud")
        drawn += 1
    assert 20 < drawn < 60
    assert Quality(tables, lambda: 5, 0.0, b"salt").next("cleo") is None


def test_an_analyst_sees_what_became_of_her_verdicts(tables: Tables) -> None:
    quality = Quality(tables, lambda: 5, 0.0, b"salt")
    for seq, verdict in ((1, "fraud"), (2, "fraud"), (3, "legitimate"), (4, "legitimate"), (5, "unsure")):
        judged(tables, seq, verdict)
    for seq, fraud in ((1, True), (2, False), (3, True)):
        known(tables, seq, fraud)
    known(tables, 4, True, "verdict")
    mine = quality.mine("ana")
    assert (mine.verdicts, mine.matured, mine.right, mine.missed_frauds, mine.false_alarms) == (4, 3, 1, 1, 1)
    assert mine.wrong_events == ["e-3", "e-2"]
    assert quality.mine("bo").verdicts == 0


def test_kappa_is_agreement_beyond_chance() -> None:
    assert kappa([]) is None
    assert kappa([("fraud", "fraud")] * 5) is None, "chance explains it all"
    assert kappa([("a", "a"), ("b", "b")]) == 1.0
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    assert kappa(pairs) == pytest.approx(0.4)  # 0.7 seen, 0.5 by chance
