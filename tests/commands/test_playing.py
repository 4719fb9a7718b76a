"""The town's stage: every scene can be played, one at a time, and the truth is told apart from what was decided."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from haechi.cases import NotAllowed, Unknown
from haechi.commands.playing import Playing
from haechi.town import Town, parameters

NEWEST_US = 1_729_000_000_000_000  # 15 October 2024


class House:
    """Decides by amount alone, and remembers what came."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.broken = False

    def decide(self, body: bytes) -> bytes:
        assert self.gate.wait(60)
        if self.broken:
            raise RuntimeError("the journal is full")
        event = msgspec.json.decode(body)
        self.bodies.append(event)
        action = "hold" if (event.get("amount") or 0) > 300_000 else "allow"
        return msgspec.json.encode({"action": action, "sentence": {"en": action, "ko": action}})


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(parameters("small", customers=400, days=60, fraud={"level": 4.0}), 0)


def stage(town: Town) -> tuple[Playing, House]:
    house = House()
    return Playing(lambda: town, lambda: NEWEST_US, house.decide, pause_s=0.0), house


def over(playing: Playing) -> None:
    assert playing._thread is not None
    playing._thread.join(60)


def test_every_scene_can_be_played_again_and_again(town: Town) -> None:
    playing, house = stage(town)
    for scene in playing.scenes():
        for _ in range(2):
            play = playing.play(scene.name)
            over(playing)
            assert play.state == "done", (scene.name, play.why)
            assert play.steps, scene.name
            assert all(step.action or step.never for step in play.steps)
            assert bool(play.frauds) == scene.is_fraud, scene.name
            assert scene.kind == "story" or all(play.truth[language] for language in ("en", "ko"))
            assert not {step.kind for step in play.steps} & {"report", "verdict", "refund"}
    ids = [body["id"] for body in house.bodies]
    assert len(ids) == len(set(ids)), "a scene can be played again"
    assert len(playing.plays()) == 20
    assert min(body["time"] for body in house.bodies) > "2024-10-15"


def test_what_was_caught_is_told_from_what_was_bothered(town: Town) -> None:
    playing, _ = stage(town)
    play = playing.play("voice_agency")
    over(playing)
    assert len(play.caught) + sum(s.action == "allow" for s in play.frauds) == len(play.frauds)
    assert all(not step.fraud for step in play.bothered)
    assert play.loss_won > 0


def test_money_that_was_stopped_arrives_nowhere(town: Town) -> None:
    playing, house = stage(town)
    never = []
    for scene in playing.scenes():
        if scene.kind == "fraud":
            play = playing.play(scene.name)
            over(playing)
            never += [step for step in play.steps if step.never]
    stopped = {(one["account"], one["payee"], one["amount"]) for one in house.bodies
               if one["kind"] == "transfer" and one["amount"] > 300_000}  # fmt: skip
    arrived = {(one["payee"], one["account"], one["amount"]) for one in house.bodies if one["kind"] == "deposit"}
    assert stopped
    assert not stopped & arrived
    assert never
    assert {(step.kind, step.action) for step in never} == {("deposit", "")}


def test_one_play_at_a_time_and_an_unknown_one_is_refused(town: Town) -> None:
    playing, house = stage(town)
    house.gate.clear()
    playing.play("founding")
    with pytest.raises(NotAllowed, match="one play at a time"):
        playing.play("founding")
    house.gate.set()
    over(playing)
    with pytest.raises(Unknown, match="nothing is called 'x'"):
        playing.play("x")
    with pytest.raises(Unknown, match="no play 9"):
        playing.play_of(9)


def test_what_goes_wrong_is_told_on_the_stage(town: Town) -> None:
    playing, house = stage(town)
    house.broken = True
    play = playing.play("founding")
    over(playing)
    assert (play.state, play.why) == ("failed", "the journal is full")
    playing.close()
