"""Models in a running house: scored beside the answer, canary by subject, promoted and rolled back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from haechi.api import model_shapes as shapes
from haechi.api.errors import Conflict, NotFound
from haechi.commands.checking import check_home
from haechi.decision.decision import decode
from haechi.decision.heard import Signals
from haechi.decision.sight import Sights
from haechi.learning.watch.reference import Reference
from haechi.learning.watch.scorer import Scorer
from homes import payment
from learning.life.making import pass_gates
from lifecycle.making import fronts, home_with_models

NOW_US = 1_724_000_000_000_000
DAY_US = 86_400_000_000


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, list[str], str]:
    return home_with_models(tmp_path)


def body(number: int, **changes: object) -> bytes:
    return json.dumps(payment(number, **changes)).encode()


def decide(ask, numbers) -> list:
    async def all_of(front):
        return [decode(await front.decide(body(n))) for n in numbers]

    return ask(all_of)


def test_a_challenger_scores_the_same_rows_without_acting(home) -> None:
    path, (champion, challenger), _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        before = decide(ask, range(20))
        opened.life.ask(challenger, "shadow", "ana")
        after = decide(ask, range(20, 60))
        room = opened.house.watcher
        assert {s.version for d in before + after for s in d.signals if s.detector == "supervised"} == {champion}
        assert room.step(close=True) == 60
        whole = room.scores.between(0, 2**62)
        assert len(whole) == 60
        said = [next(s.score for s in d.signals if s.detector == "supervised") for d in before + after]
        assert whole.scores[champion].tolist() == np.float32(said).tolist(), "to the bit what the detector said"
        assert np.isnan(whole.scores[challenger]).sum() == 0, "scored from the moment the worker looked"
        assert (whole.scores[challenger] != whole.scores[champion]).any()


def test_a_batch_scores_to_the_bit_as_the_detector(home) -> None:
    path, versions, _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        seen: list[Sights] = []
        opened.house.watcher.saw = seen.append
        decide(ask, range(40))
        spec = opened.course.memory.spec
        rows = np.concatenate([sights.rows for sights in seen])
        found = Scorer(opened.life.registry.load(versions[0]), spec).probabilities(rows)
        alone = [Signals(sights.heard, place) for sights in seen for place in range(len(sights.entries))]
        assert found.tolist() == [next(s.score for s in one if s.detector == "supervised") for one in alone]


def test_what_was_stopped_is_suspicious_too_but_nobody_is_asked_again(home) -> None:
    path, _, _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        room, sights, offered = opened.house.watcher, list[Sights](), []
        see, room.saw = room.saw, sights.append
        for n in range(8):  # one by one, so that each is seen by itself
            decide(ask, [n])
        stopped = {one.entries[0].event_id for one in sights[:3]}
        room.on_events = lambda candidates, entities: offered.extend(candidates)
        for n, one in enumerate(sights):
            see(one._replace(action="hold" if n < 3 else "allow"))
        room.step(close=True)
        assert {one.event_id for one in offered if not one.passed} == stopped


def test_a_training_that_failed_is_not_tried_again_at_once(tmp_path: Path) -> None:
    path, _, _ = home_with_models(tmp_path, settings="[retrain]\nevery_days = 1\n")
    clock = [2_000_000_000_000_000]  # long after its models were made
    with fronts(path, lambda: clock[0]) as (_, ask):
        room = ask(_self).room
        room.trainings._words = [sys.executable, "-c", "raise SystemExit('no')"]
        room._retrain()
        assert room.trainings.running() is not None
        while room.trainings.running() is not None:
            room.trainings._child.wait(60)
            room.trainings.step()
        room._retrain()
        assert [one.state for one in room.trainings.last()] == ["failed"]
        clock[0] += 3_600_000_000
        room._retrain()
        assert len(room.trainings.last()) == 2, "an hour later it is"


def test_canary_decides_for_the_same_subjects_and_decisions_name_it(home) -> None:
    path, (champion, challenger), _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        opened.life.ask(challenger, "shadow", "ana")
        pass_gates(opened.life, challenger)
        opened.life.answer(opened.life.ask(challenger, "canary", "ana", 0.4).id, "approve", "bo")
        decided = decide(ask, range(200))
        by_subject: dict[str, set[str]] = {}
        for n, one in enumerate(decided):
            version = next(s.version for s in one.signals if s.detector == "supervised")
            by_subject.setdefault(payment(n)["customer"], set()).add(version)
            assert one.versions["model"].startswith(f"supervised-{champion}+{challenger}@400000")
        assert all(len(versions) == 1 for versions in by_subject.values()), "sticky"
        shares = sum(versions == {challenger} for versions in by_subject.values()) / len(by_subject)
        assert 0.15 < shares < 0.65
        opened.life.answer(opened.life.ask(challenger, "champion", "ana").id, "approve", "bo")
        (last,) = decide(ask, [999])
        assert next(s.version for s in last.signals if s.detector == "supervised") == challenger
    found = check_home(path)
    assert (found.difference, found.decided, found.other_versions) == (None, 201, 0), "by the models of then"


def test_models_over_the_desk(home) -> None:
    path, (champion, challenger), _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        front = ask(_self)
        desk = front.models
        assert [(m.version, m.place) for m in desk.models().models] == [
            (champion, "champion"), (challenger, "challenger")
        ]  # fmt: skip
        wish = shapes.Step("canary", 0.1)
        with pytest.raises(Conflict, match="has not been shadow"):
            desk.step(challenger, wish, "ana")
        with pytest.raises(NotFound, match="there is no model"):
            desk.step("nobody", wish, "ana")
        with pytest.raises(Conflict, match="cannot act for a person"):
            desk.step(challenger, shapes.Step("shadow"), "policy")
        assert desk.step(challenger, shapes.Step("shadow"), "ana").state == "done"
        pass_gates(opened.life, challenger)
        change = desk.step(challenger, wish, "ana")
        assert desk.changes("waiting", None, 10).changes == [change]
        with pytest.raises(Conflict, match="nobody approves what is her own"):
            desk.answer(change.id, shapes.AnswerStep("approve"), "ana")
        assert desk.answer(change.id, shapes.AnswerStep("approve"), "bo").state == "done"
        assert desk.models().canary == challenger
        full = desk.model(challenger)
        assert [h.step for h in full.history] == ["shadow", "canary"]
        assert full.gates.passed
        assert [[said.person for said in step.agreed] for step in full.history] == [["policy"], ["bo"]]
        assert full.made_of.made
        assert full.made_of.dataset == "", "it was made for this test, from no data set"
        assert desk.end(challenger, "ana", "enough seen").step == "retired"
        with pytest.raises(Conflict, match="nothing to roll back"):
            desk.rollback("ana", "")


async def _self(front):
    return front


def test_models_and_rules_are_compared_on_the_same_day(home) -> None:
    path, (_, challenger), _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        opened.life.ask(challenger, "shadow", "ana")
        decide(ask, range(300))
        lines = [
            json.dumps({"event_id": f"q-{n}", "fraud": True, "known_at": "2024-08-13T23:00:00+09:00"}).encode()
            for n in range(0, 300, 30)
        ]
        assert ask(lambda f: f.label(lines)) == [None] * 10
        opened.house.watcher.step(close=True)
        found = ask(_self).models.compare(None, None, 20)
        assert (found.events, found.frauds) == (300, 10)
        by_role = {side.role: side for side in found.sides}
        assert {"champion", "shadow", "rules", "what was done"} <= by_role.keys()
        assert by_role["champion"].alerts == 20
        assert by_role["champion"].agreement == 1.0
        assert by_role["shadow"].frauds_known == 10


def test_what_is_watched_is_one_document(home) -> None:
    path, (champion, _), _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        watching = opened.house.watcher
        decide(ask, range(100))
        watching.step()
        empty = ask(_self).models.watch(14, "")
        assert (empty.champion, empty.scored, empty.features, empty.reference) == (champion, 100, [], "")
        watching.keeper.use(Reference.of(np.zeros((50, len(opened.course.memory.spec.names)), np.float32),
                                         opened.course.memory.spec.names))  # fmt: skip
        decide(ask, range(100, 300))
        watching.step(close=True)
        found = ask(_self).models.watch(14, "customer.")
        assert found.features
        assert all(one.name.startswith("customer.") and one.psi_day is not None for one in found.features)
        assert found.days[-1].events == 200
        assert found.performance[0].events == 300
        assert msgspec.json.encode(found)


def test_an_alarm_soon_after_a_promotion_rolls_back(home) -> None:
    path, (champion, challenger), _ = home
    clock = [NOW_US]
    with fronts(path, lambda: clock[0]) as (opened, ask):
        from haechi.learning.watch.keeper import Told
        from learning.life.making import champion as make_champion

        make_champion(opened.life, challenger)
        assert opened.life.standing.champion == challenger
        watching = opened.house.watcher
        watching.on_alarm(Told("latency", True, 9.0, 5.0, {}))
        assert opened.life.standing.champion == challenger, "a slow disk is no reason"
        watching.on_alarm(Told("alert_rate", True, 9.0, 5.0, {}))
        assert opened.life.standing.champion == champion
        assert opened.life.book.history()[-1].person == "alarm"
        (last,) = decide(ask, [1])
        assert next(s.version for s in last.signals if s.detector == "supervised") == champion
        watching.on_alarm(Told("alert_rate", True, 9.0, 5.0, {}))
        assert opened.life.standing.champion == champion, "there is nothing behind the first one"


def test_an_alarm_where_no_model_ever_decided_is_only_told(tmp_path) -> None:
    path, _, _ = home_with_models(tmp_path, 0)
    with fronts(path, lambda: NOW_US) as (opened, _):
        from haechi.learning.watch.keeper import Told

        opened.house.watcher.on_alarm(Told("alert_rate", True, 9.0, 5.0, {}))
        assert opened.life.standing.champion is None
        assert opened.life.book.history() == []


def test_two_alarms_of_a_day_take_one_champion_back(tmp_path) -> None:
    path, versions, _ = home_with_models(tmp_path, 3)
    with fronts(path, lambda: NOW_US) as (opened, _):
        from haechi.learning.watch.keeper import Told
        from learning.life.making import champion as make_champion

        for version in versions[1:]:
            make_champion(opened.life, version)
        for name in ("inputs", "alert_rate"):
            opened.house.watcher.on_alarm(Told(name, True, 9.0, 5.0, {}))
        assert opened.life.standing.champion == versions[1], "the one before it had done nothing"
        told = [(row.what, row.person) for row in opened.life.book.history() if row.step == "champion"]
        assert told[-2:] == [("step", "ana"), ("rollback", "alarm")]


def test_a_full_queue_loses_comparisons_and_no_decision(tmp_path) -> None:
    path, _, _ = home_with_models(tmp_path, settings="[watch]\nqueue_events_max = 64\n")
    with fronts(path, lambda: NOW_US) as (opened, ask):
        assert len(decide(ask, range(100))) == 100
        assert opened.house.watcher.missed == 36
        figures = {f.name: f.value for f in ask(_self).figures()}
        assert figures["haechi_shadow_missed"] == 36


def test_scores_and_counts_outlive_the_process(home) -> None:
    path, _, _ = home
    with fronts(path, lambda: NOW_US) as (opened, ask):
        decide(ask, range(50))
    with fronts(path, lambda: NOW_US) as (opened, ask):
        decide(ask, range(50, 80))
        opened.house.watcher.step(close=True)
        assert len(opened.house.watcher.scores.between(0, 2**62)) == 80
