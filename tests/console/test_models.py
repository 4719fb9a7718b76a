"""Models: an honest empty page, report, drift, what a threshold would do, steps with a reason and four eyes."""

from __future__ import annotations

from types import SimpleNamespace as Told
from typing import Any

import msgspec
import numpy as np
import pytest

from haechi.console.errors import Stale
from haechi.rulebook.models import ModelPeople
from haechi.rulebook.scores import BUCKETS, bucket_of, floor_of
from haechi.stores import Entry, LabelRow

from .making import Bank
from .test_frame import check_page

CURVES = {
    "precision_recall": [[n / 10, 1 - 0.06 * n] for n in range(1, 11)],
    "calibration": [[0.001, 0.001, 500.0], [0.1, 0.12, 500.0]], "gain": [[100.0, 0.7]],
}  # fmt: skip
REPORT: dict[str, Any] = {
    "events": 1_000, "labelled": 900, "frauds": 30, "ap": 0.435, "auc": 0.93, "baseline_logistic": {"ap": 0.2},
    "precision_at_budget": {"100": 0.31}, "calibration": {"ece": 0.001},
    "slices": {
        "budget": 100, "against": {"model": {"recall_at_budget": {"100": {"value": 0.7}}}}, "curves": CURVES,
        "money": {"taken": 100, "saved": 60}, "typologies": {"<b>": {"value": 0.5}, "rare": {"value": "no evidence"}},
        "segments": {"age": {"under 19": {"events": 9, "frauds": 1, "recall": {"value": 0.5}, "false_alarms": {}}}},
    },
}  # fmt: skip


class Desk:
    """A desk that leads models, as the lifecycle's own does."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.life = Told(ask=self._note("ask"), answer=self._note("answer"), rollback=self._note("rollback"))

    def _note(self, what: str) -> Any:
        return lambda *given: self.asked.append((what, *given))

    step = Told(at="2024-10-01", person="kim", step="champion", why="good", what="step", agreed=[Told(person="bo")])
    back = Told(at="2024-10-02", person="alarm", step="champion", why="inputs moved by 9.0", what="rollback", agreed=[],
                model="m-1")  # fmt: skip

    def models(self) -> Any:
        line = {"share": 1.0, "author": "kim", "at": "2024-10-01T09:00:00", "beats_baseline": True, "cause": ""}
        rows = [
            Told(version="m-2", place="shadow", passed=False, **line),
            Told(version="m-1", place="champion", passed=True, **line),
        ]
        return Told(models=rows, before="m-0")

    def model(self, version: str) -> Any:
        gate = Told(name="recall_at_budget", value=None, threshold=-0.01, passed=False)
        return Told(gates=Told(gates=[gate]), history=[self.step, self.back])

    def watch(self, days: int, feature: str) -> Any:
        moved = [
            Told(name="weekday", psi_day=7.2, psi_days=[7.1, None, 7.0, 7.2]),
            Told(name="customer.ratio", psi_day=0.31, psi_days=[0.31]), Told(name="customer.gap", psi_day=None),
        ]  # fmt: skip
        weeks = [Told(week=f"2024-10-{7 * n + 1:02d}", estimated_ap=0.4, known_ap=0.41, mature=n < 2) for n in range(3)]
        alarm = Told(name="inputs", value=3.0, threshold=2.0, over=None, raised="2024-10-01T10:00:00",
                     told={"moved": [{"name": "customer.ratio", "by": 3.0}]})  # fmt: skip
        return Told(features=moved, performance=weeks, alarms=[alarm], learning_days=14, quiet_days=14,
                    decides=self.back)  # fmt: skip

    def raised(self) -> list[str] | None:
        return ["inputs"]

    def suspects(self) -> list[Any]:
        return [Told(entity="payee:p-<1>", customers=3, expected_frauds=2.14, events=["a", "b", "c", "d"])]

    def second_look(self, person: str) -> Any:
        return Told(alert="a-e-free", event_id="e-free")

    def my_quality(self, person: str) -> None:
        return None

    def agreement(self) -> None:
        return None

    def changes(self, state: str | None, before: int | None, limit: int) -> Any:
        change = Told(
            id=4,
            model="m-2",
            step="canary",
            author="kim",
            created="2024-10-01T09:00",
            comment="why",
            answers=[],
            needs=1,
        )
        return Told(changes=[change] if state == "waiting" else [])


@pytest.fixture
def desk(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    people = ModelPeople(bank.behind.models._registry, bank.behind.models._scores, made)
    monkeypatch.setattr(people, "report", lambda version: REPORT)
    bank.behind.__dict__["models"] = people
    return made


def scored(bank: Bank, count: int = 40) -> None:
    """Decisions whose scores rise; the highest are frauds, two are known to be honest."""
    for n in range(count):
        score = float(10 ** (-5 + 5 * n / count))
        decision = msgspec.json.encode({"score": score, "action": "hold" if n > 30 else "allow"})
        entry = Entry(
            type=1, event_id=f"s-{n}", time_us=bank.clock() - n * 3_600_000_000, body=b"{}", decision=decision
        )
        bank.work.store.journal.write(entry).wait(60)
        if n > 35 or n < 2:
            label = LabelRow(f"s-{n}", fraud=n > 35, known_at_us=bank.clock(), source="verdict:ana")
            told = Entry(type=3, event_id=f"s-{n}", time_us=bank.clock(), body=msgspec.json.encode(label))
            bank.work.store.journal.write(told).wait(60)


def test_a_home_without_a_model_says_so(bank: Bank) -> None:
    assert "There is no model yet" in bank.person().get("/models").text


def test_everything_that_is_known_of_a_model_is_shown(bank: Bank, desk: Desk) -> None:
    seen = bank.person().get("/models")
    check_page(seen)
    for word in ("Champion", "0.435", "logistic regression 0.200", "31%", "under 19", "recall_at_budget", "0.31 ▲▲",
                 "inputs", "Performance by week", "Before it, m-0 decided", "kim asks for Canary of m-2"):  # fmt: skip
        assert word in seen.text or word in seen.html, word
    assert "<b></th>" not in seen.html
    assert "alarm rolled back, m-1 decides again. inputs moved by 9.0" in seen.text
    assert "alarm: rolled back – inputs moved by 9.0" in seen.text
    assert "kim: Champion · bo agreed – good" in seen.text
    assert seen.html.index("customer.ratio") < seen.html.index("weekday"), "what is unusual stands first"
    assert "alarm 되돌림, 모델 m-1 다시 결정합니다" in bank.person(language="ko").get("/models").text
    assert "inputs have moved" in seen.text
    assert "moved by 3.00; on quiet days up to 2.00" in seen.text
    assert 'data-count="models">1<' in seen.html, "an alarm is seen from every page"
    wall = bank.person(language="ko").get("/watch")
    assert "입력 분포 변화" in wall.text, "and is told where the day begins"
    assert "/models#drift" in wall.links
    assert "m-2" in bank.person().get("/models?model=m-2").text


def test_the_wall_says_where_suspicious_customers_meet(bank: Bank, desk: Desk) -> None:
    seen = bank.person().get("/watch")
    check_page(seen)
    assert "3 customers, 4 suspicious events, about 2.1 frauds expected" in seen.text
    assert "/entities/payee/p-%3C1%3E" in seen.links
    assert "고객 3명, 의심 거래 4건" in bank.person(language="ko").get("/watch").text


def test_a_threshold_tells_alerts_and_money_without_scripts(bank: Bank) -> None:
    scored(bank)
    ana = bank.person()
    low, high = ana.get("/models?at=0").text, ana.get("/models?at=99").text
    assert "100% (4 / 4)" in low
    assert "(1 / 4)" in high or "(0 / 4)" in high
    assert "28,000" not in high
    assert "Alert from a probability of 0.00000" in low
    scores = bank.behind.models.scores()
    assert int(scores.all.sum()) == 40
    assert (scores.at(0).honest, scores.at(0).money) == (2, 28_000)
    assert ana.get("/models?at=x").answer.status_code == 200


def test_buckets_are_even_on_a_logarithmic_axis() -> None:
    assert (bucket_of(0.0), bucket_of(1.0)) == (0, BUCKETS - 1)
    for bucket in range(1, BUCKETS):
        assert bucket_of(floor_of(bucket) * 1.0001) == bucket
    assert np.all(np.diff([floor_of(n) for n in range(BUCKETS)]) > 0)


def test_steps_need_a_reason_and_a_second_person(bank: Bank, desk: Desk) -> None:
    ana = bank.person("ana")
    form = {"model": "m-2", "step": "canary", "share": "5"}
    for wrong in ({"comment": " "}, {"step": "throne", "comment": "x"}, {"share": "0", "comment": "x"}):
        assert ana.send("/act/model-step", **ana.token(), **{**form, **wrong}).status_code == 400
    assert ana.send("/act/model-step", **ana.token(), **form, comment="a good week").status_code == 303
    assert "/act/model-answer" in [f["action"] for f in ana.get("/approvals").forms]
    for wrong in ({"answer": "maybe"}, {"number": "x"}, {"comment": ""}):
        given = {"number": "4", "answer": "approve", "comment": "agreed", **wrong}
        assert ana.send("/act/model-answer", **ana.token(), **given).status_code == 400
    ana.fill("/approvals", "/act/model-answer", answer="approve", comment="agreed")
    assert ana.fill("/models", "/act/model-rollback", comment="drift").status_code == 303
    assert ana.send("/act/model-rollback", **ana.token(), comment="").status_code == 400
    assert desk.asked == [
        ("ask", "m-2", "canary", "ana", 0.05, "a good week"), ("answer", 4, "approve", "ana", "agreed"),
        ("rollback", "ana", "drift"),
    ]  # fmt: skip


def test_without_a_desk_models_are_only_looked_at(bank: Bank) -> None:
    with pytest.raises(Stale):
        bank.behind.models.step("m", "shadow", 0.1, "ana", "x")
    ana = bank.person()
    assert ana.send("/act/model-rollback", **ana.token(), comment="x").status_code == 409
