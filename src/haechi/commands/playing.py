"""The town's stage: a story or a fraud is sent to the running house, event by event, and the truth is told afterwards.

Only a demonstration has one. Events come from the days ahead of what the house has seen, under ids of their own, so a
fraud can be played again and again.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec

from haechi.cases import NotAllowed, Unknown
from haechi.town import STORIES, Pen, Town, TownError, best_probe
from haechi.town.errors import NobodyToTellAbout
from haechi.town.render import event_ids
from haechi.town.story import Story
from haechi.town.typologies import TYPOLOGIES
from haechi.town.wave import draw_wave

__all__ = ["Play", "Playing", "Scene", "Step"]

KST = timezone(timedelta(hours=9))
AFTERWARDS = ("report", "verdict", "refund")  # what people do later: here that is for who plays to decide
DAYS_AHEAD_MAX = 400
STEPS_MAX = 60
PLAYS_KEPT = 20
PAUSE_S = 0.7
STOPPED = ("hold", "block")
Sent = tuple[str, str, int]


@dataclass(frozen=True)
class Scene:
    """Something that can be played: a story about one payment, or a kind of fraud."""

    name: str
    kind: str  # story, fraud
    is_fraud: bool


@dataclass
class Step:
    """One event with what the house did; `fraud` is what nobody in the bank knows."""

    id: str
    kind: str
    time: str
    who: str
    amount: int | None
    fraud: bool
    action: str = ""
    sentence: dict[str, str] = field(default_factory=dict)
    never: bool = False  # money that was stopped on its way: it did not arrive, so nobody was asked


@dataclass
class Play:
    """One performance."""

    number: int
    scene: Scene
    steps: list[Step]
    truth: dict[str, str]
    loss_won: int = 0
    state: str = "playing"  # playing, done, failed
    why: str = ""

    @property
    def frauds(self) -> list[Step]:
        """What was fraud among what was played."""
        return [step for step in self.steps if step.fraud]

    @property
    def caught(self) -> list[Step]:
        """Frauds that were not simply allowed."""
        return [step for step in self.frauds if step.action not in ("", "allow")]

    @property
    def bothered(self) -> list[Step]:
        """Honest events that were not simply allowed."""
        return [step for step in self.steps if not step.fraud and step.action not in ("", "allow")]


class Playing:
    """The stage of one demonstration; one play at a time."""

    def __init__(
        self, town: Callable[[], Town], newest_us: Callable[[], int], decide: Callable[[bytes], bytes],
        pause_s: float = PAUSE_S,
    ) -> None:  # fmt: skip
        """`newest_us` is how far the house has seen, `decide` brings a body to it and its decision back."""
        self._make, self._newest_us, self._decide, self._pause_s = town, newest_us, decide, pause_s
        self._town: Town | None = None
        self._stories: list[Story] | None = None
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._plays: OrderedDict[int, Play] = OrderedDict()
        self._thread: threading.Thread | None = None

    def scenes(self) -> list[Scene]:
        """Everything that can be played: the stories that fit somebody in this town, then the frauds."""
        if self._stories is None:
            self._stories = [one for one in STORIES.values() if _fits(self.town, one.name)]
        stories = [Scene(one.name, "story", one.strange) for one in self._stories]
        return stories + [Scene(one.name, "fraud", True) for one in TYPOLOGIES if one.is_fraud]

    @property
    def town(self) -> Town:
        """The town, made when somebody first asks."""
        if self._town is None:
            self._town = self._make()
        return self._town

    def plays(self) -> list[Play]:
        """What was played, the newest first."""
        return list(self._plays.values())[::-1]

    def play_of(self, number: int) -> Play:
        """One play."""
        if number not in self._plays:
            raise Unknown(f"there is no play {number}: the newest {PLAYS_KEPT} are kept")
        return self._plays[number]

    def play(self, name: str) -> Play:
        """Begin to play a scene."""
        scene = next((one for one in self.scenes() if one.name == name), None)
        if scene is None:
            raise Unknown(f"nothing is called {name[:40]!r} here")
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise NotAllowed("one play at a time: wait until it is over")
            number = next(reversed(self._plays), 0) + 1
            try:
                play = self._staged(scene, number)
            except TownError as error:
                raise NotAllowed(str(error)) from None
            self._plays[number] = play
            while len(self._plays) > PLAYS_KEPT:
                self._plays.popitem(last=False)
            self._thread = threading.Thread(target=self._run, args=(play,), name="town", daemon=True)
            self._thread.start()
        return play

    def close(self) -> None:
        """End what is played."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, play: Play) -> None:
        try:
            missing: Counter[Sent] = Counter()
            for step, body in zip(play.steps, self._bodies, strict=True):
                if self._stop.is_set():
                    return
                sent = _sent(msgspec.json.decode(body))
                if step.kind == "deposit" and missing[sent]:
                    missing[sent] -= 1
                    step.never = True
                    continue
                told = msgspec.json.decode(self._decide(body))
                step.sentence, step.action = told["sentence"], told["action"]
                missing[sent] += step.kind == "transfer" and step.action in STOPPED
                self._stop.wait(self._pause_s)
            play.state = "done"
        except Exception as error:  # noqa: BLE001 - whatever goes wrong on the stage is told on the stage
            play.state, play.why = "failed", str(error) or type(error).__name__

    def _staged(self, scene: Scene, number: int) -> Play:
        after = datetime.fromtimestamp(self._newest_us() / 1e6, UTC).astimezone(KST).date() + timedelta(days=1)
        rows, frauds, truth, loss = (
            _story(self.town, scene, after) if scene.kind == "story" else _campaign(self.town, scene, after)
        )
        steps, self._bodies = [], []
        for row in rows[:STEPS_MAX]:
            fraud = row["id"] in frauds
            row["id"] = f"{row['id']}-play{number}"
            steps.append(Step(row["id"], row["kind"], row["time"], row["customer"], row.get("amount"), fraud))
            self._bodies.append(msgspec.json.encode(row))
        return Play(number, scene, steps, truth, loss)


def _sent(row: dict[str, Any]) -> Sent:
    """From which account to which, and how much: the same for a transfer and for the deposit that it ends in."""
    own, other, amount = row.get("account", ""), row.get("payee", ""), row.get("amount", 0)
    return (other, own, amount) if row["kind"] == "deposit" else (own, other, amount)


def _fits(town: Town, story: str) -> bool:
    """Whether anybody in the town fits a story."""
    try:
        best_probe(town, story)
    except NobodyToTellAbout:
        return False
    return True


Staged = tuple[list[dict[str, Any]], set[str], dict[str, str], int]


def _story(town: Town, scene: Scene, after: Any) -> Staged:
    """A story about one payment; its truth is what the story is about, which the console has words for."""
    event = dict(best_probe(town, scene.name, on=after).event)
    return [event], {event["id"]} if scene.is_fraud else set(), {}, event["amount"]


def _campaign(town: Town, scene: Scene, after: Any) -> Staged:
    """The next campaign of a kind that begins in the town."""
    typology = next(one for one in TYPOLOGIES if one.name == scene.name)
    first = town.parameters.day_of(after)
    for day in range(first, first + DAYS_AHEAD_MAX):
        wave = draw_wave(town, day, TYPOLOGIES, {typology.form})
        found = [one for one in wave.campaigns if one.typology == scene.name]
        if found:
            acts = wave.acts.take(wave.acts["campaign"] == found[0].number).in_order()
            frauds = set(event_ids(acts["key"][acts["fraud"]]).to_list())
            rows = [row for row in Pen(town).rows(acts) if row["kind"] not in AFTERWARDS]
            told = {"en": found[0].summary, "ko": found[0].summary_ko}
            return rows, frauds, told, found[0].loss_won
    raise NotAllowed(f"no {scene.name} begins in this town within {DAYS_AHEAD_MAX} days")
