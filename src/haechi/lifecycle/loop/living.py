"""Weeks go by: what is known each week, the model that it makes, its gates, and what it would have caught.

Nobody looks ahead. A week is scored by models that were made before it. Labels are those that had become known. An
analyst works through the champion's alerts of each day, and through the examples of what surprises without being
suspected; what she says is known the day after. Each week's challenger is held against the champion in force by the
gates of the house, on the days that neither has learned from: when it is made, and again after a week in shadow. The
newest that passes decides from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import numpy as np
from scipy.special import expit, logit

from haechi.detectors.artifact import Artifact
from haechi.learning.asking.choose import Candidate, choose
from haechi.learning.dataset import DAY_US, Index, Mask, Rows
from haechi.learning.errors import BadProtocol, LearningError
from haechi.learning.evaluate import Settings
from haechi.learning.life.errors import LifeError
from haechi.learning.life.gates import Gate, Proof, gates
from haechi.learning.life.judged import alerted
from haechi.learning.life.policy import AskingPart, GatePart
from haechi.learning.train import train
from haechi.learning.watch.scorer import Scorer
from haechi.lifecycle.judging import judge
from haechi.lifecycle.loop.ground import Ground, Known, joined

__all__ = ["Loop", "Plan", "Week", "Weekly", "World"]

REVIEW_DAYS, ANSWER_DAYS = 1, 1
SHADOWS = 2  # this week's challenger and the last one's
P_MIN = 1e-9
CHOSEN_MAX = 10_000  # customers, of whom the budget takes the first


@dataclass(frozen=True)
class Plan:
    """How the loop is lived; times in days."""

    first: int = 30  # before the first model is trained: the longest window of its features is full by then
    every: int = 7
    budget: int = 20  # alerts a day that analysts work through
    warnings: int = 5  # examples a day of what surprises without being suspected
    warn_times: float = 3.0  # a kind of surprise is growing when it comes so many times as often as before
    asked: int = 10  # customers a day who are asked "was this you?"
    answers: float = 0.6  # of them who answer
    seed: int = 0
    plans_max: int = 1
    gates: GatePart = field(
        default_factory=lambda: GatePart(frauds_min=5, slice_frauds_min=10, calibration_error_max=0.02)
    )


@dataclass(frozen=True)
class Week:
    """One week: who decided, what was trained at its end, and what the gates said of it."""

    start_us: int
    champion: str
    challenger: str  # that was held to the gates: the one that passed, or else the one that waited longest
    gates: list[Gate] = field(default_factory=list)
    promoted: bool = False
    known_frauds: int = 0
    why: str = ""


@dataclass(frozen=True)
class Weekly:
    """What came out: scores of the loop and of the frozen first model, calibrated, for every event after the first."""

    begin: int  # the first event that was scored
    loop: np.ndarray
    frozen: np.ndarray
    replaced: np.ndarray  # in the week after a promotion: what the champion before would have said; else NaN
    caught: Mask
    caught_frozen: Mask  # with the examples' budget added to its own
    found: Mask  # caught, or found among examples of surprises or by a customer's answer
    known_at_us: Index
    weeks: list[Week]
    budget: int
    aged: list[tuple[int, np.ndarray]]  # when a model was trained, and what it says of the last third


class World(Protocol):
    """Where the loop lives: days that are told one by one, each once what was stopped on the last one is known."""

    @property
    def span_us(self) -> tuple[int, int]:
        """From the first day's beginning to the last one's end."""
        ...

    def days(self, until_us: int) -> Iterator[Ground]:
        """What was decided on each day up to a moment that was not told yet."""
        ...

    def stopped(self, day: Ground, alerts: Mask) -> None:
        """Somebody was alerted to these events of a day."""
        ...


@dataclass(frozen=True)
class _Said:
    """What was said of the events of some days, and what was alerted on."""

    loop: np.ndarray
    frozen: np.ndarray
    replaced: np.ndarray
    caught: Mask
    caught_frozen: Mask


class Loop:
    """Lives through a world once."""

    def __init__(
        self, world: World, plan: Plan, tell: Callable[[str, float], None] = lambda stage, share: None
    ) -> None:
        self.world, self.plan, self._tell = world, plan, tell
        self.ground: Ground  # what was seen so far
        self._y, self._known = np.zeros(0, np.int8), np.zeros(0, np.int64)
        self._rng = np.random.default_rng([plan.seed, 89])
        self._rested: dict[str, int] = {}
        self._drawn: Mask = np.zeros(0, bool)
        self._label_features: bool | None = None
        self._waiting: list[Artifact] = []  # challengers in shadow, the newest first
        self._made: list[tuple[int, Artifact]] = []
        self._found: Mask = np.zeros(0, bool)  # alerts, examples of surprises, and answers of customers

    def live(self) -> Weekly:
        """Go through all weeks; what was seen stands in `ground` behind it."""
        plan, (first_us, last_us) = self.plan, self.world.span_us
        moment = first_us + plan.first * DAY_US
        if moment >= last_us:
            raise BadProtocol(
                f"{plan.first} days teach the first model and the town has {(last_us - first_us) // DAY_US}: name "
                "fewer (--first), or write a longer town"
            )
        self.see(list(self._days(moment)))
        begin, first = len(self.ground.events), self._fit(moment)
        champion, before, weeks, said = first, None, list[Week](), list[_Said]()
        while moment < last_us:
            end = min(moment + plan.every * DAY_US, last_us + 1)
            days, told = [], list[_Said]()
            for day in self._days(end):
                days.append(day)
                told.append(self._lived(day, champion, before, first))
                self.world.stopped(day, told[-1].caught)
            week, at = _together(told), self.see(days)
            said.append(week)
            self._work(at, week.caught, week.loop)
            newest, what = self._learned(moment, end, champion)
            weeks.append(what)
            champion, before, moment = newest, champion if what.promoted else None, end
        nothing = np.full(begin, np.nan)
        nobody = np.zeros(begin, bool)
        every = _together([_Said(nothing, nothing, nothing, nobody, nobody), *said])
        return Weekly(
            begin, every.loop, every.frozen, every.replaced, every.caught, every.caught_frozen, self._found,
            self._known, weeks, plan.budget, self._aged(),
        )  # fmt: skip

    def _days(self, until_us: int) -> Iterator[Ground]:
        first_us, last_us = self.world.span_us
        for day in self.world.days(until_us):
            yield day
            self._tell("living", (int(day.events.time_us[-1]) - first_us) / (last_us - first_us))

    def see(self, days: list[Ground]) -> Index:
        """Take up what happened on some days; where their events stand among all that were seen."""
        new = joined(days)
        began, n, weight = len(self._y), len(new.events), new.weight
        self.ground = joined([self.ground, new]) if began else new
        self._y = np.concatenate([self._y, new.events.y])
        self._known = np.concatenate([self._known, new.events.known_at_us])
        self._found = np.concatenate([self._found, np.zeros(n, bool)])
        # A world keeps all frauds, and of the rest a draw: to a bank, a fraud that nobody reports is of the rest.
        self._drawn = np.concatenate([self._drawn, self._rng.random(n) < weight / weight.max()])
        return np.arange(began, began + n)

    def _lived(self, day: Ground, champion: Artifact, before: Artifact | None, first: Artifact) -> _Said:
        """One day by the champion, by the model that it replaced the week before, and by the first one."""
        loop, frozen = (self._say(model, day.matrix) for model in (champion, first))
        replaced = np.full(len(loop), np.nan) if before is None else self._say(before, day.matrix)
        plan = self.plan
        return _Said(
            loop, frozen, replaced, self._alerts(day, loop, plan.budget),
            self._alerts(day, frozen, plan.budget + plan.warnings),
        )  # fmt: skip

    def _aged(self) -> list[tuple[int, np.ndarray]]:
        """What each model that was made before the last third says of it, had it never been replaced."""
        third = self.ground.last_third
        began = int(self.ground.events.time_us[third[0]])
        return [(moment, self._say(one, self.ground.matrix[third])) for moment, one in self._made if moment <= began]

    def _learned(self, start: int, end: int, champion: Artifact) -> tuple[Artifact, Week]:
        """Train on what is known at the end of a week, hold the newest models against the champion of that week."""
        known = int(((self._y == 1) & (self._known <= end)).sum())
        made, why = list[Artifact](), ""
        try:
            made = [self._fit(end)]
        except LearningError as error:
            why = str(error)
        self._waiting = [*made, *self._waiting][:SHADOWS]
        tried = [(one, self._gates(one, champion, end)) for one in self._waiting if one.version != champion.version]
        for one, found in tried:
            if all(gate.passed for gate in found):
                versions = [other.version for other in self._waiting]
                self._waiting = self._waiting[: versions.index(one.version)]  # those that know more
                return one, Week(start, champion.version, one.version, found, True, known)
        version, found = (tried[-1][0].version, tried[-1][1]) if tried else ("", [])
        failed = ", ".join(gate.name for gate in found if not gate.passed)
        return champion, Week(start, champion.version, version, found, False, known, why or failed)

    def _teaching(self, moment: int) -> Mask:
        """Which events may teach: every fraud that is known by then, and of all others the same even draw."""
        known: Mask = (self._y == 1) & (self._known <= moment)
        return self._drawn | known

    def _fit(self, moment: int) -> Artifact:
        y = np.where(self._teaching(moment), self._y, np.int8(-1)).astype(np.int8)
        source = Known(self.ground, moment, y, self._known)
        settings = Settings(
            seed=self.plan.seed, plans_max=self.plan.plans_max, label_features=self._label_features, rehearsals_max=1,
            baseline=self.plan.plans_max > 1,  # one plan is a first look at trees; all of them is what a home does
        )  # fmt: skip
        model = train(source, until_us=moment, settings=settings).artifact
        self._made.append((moment, model))
        self._label_features = bool(model.settings["label_features"])  # the first rehearsal decides for all
        return model

    def _say(self, model: Artifact, rows: Rows) -> np.ndarray:
        """Probabilities as they are among all events: training saw the drawn ones only, which raises the odds."""
        p = np.clip(Scorer(model, self.ground.spec).probabilities(rows), P_MIN, 1 - P_MIN)
        return np.asarray(expit(logit(p) - np.log(self.ground.weight.max())))

    @staticmethod
    def _alerts(day: Ground, score: np.ndarray, budget: int) -> Mask:
        assert day.events.day is not None
        return alerted(score, day.events.day, day.weight, budget)

    def _work(self, at: Index, alerts: Mask, score: np.ndarray) -> None:
        """What people find out in a week beside what is reported: alerts, examples of surprises, customers asked."""
        looked = at[alerts]
        self._find_out(looked, REVIEW_DAYS)
        self._find_out(self._warned(at, alerts), REVIEW_DAYS)
        self._ask(at, alerts, score)

    def _find_out(self, at: Index, days: int) -> None:
        """What is looked at is known some days later, unless it was known sooner."""
        self._found[at] = True
        known = self.ground.events.time_us[at] + days * DAY_US
        sooner = at[known < self._known[at]]
        self._y[sooner] = self.ground.truth[sooner]
        self._known[at] = np.minimum(self._known[at], known)

    def _warned(self, at: Index, alerts: Mask) -> Index:
        """The newest examples of kinds of surprise that come more often than they used to."""
        g, plan = self.ground, self.plan
        assert g.events.day is not None
        kinds = np.array(g.surprise, object)
        found: list[int] = []
        for day in np.unique(g.events.day[at]):
            today = at[(g.events.day[at] == day) & ~alerts & (kinds[at] != "")]
            past = np.flatnonzero((g.events.day < day) & (g.events.day >= day - 28) & (kinds != ""))
            usual = _counts(kinds[past], g.weight[past]) if len(past) else {}
            now = _counts(kinds[today], g.weight[today])
            growth = {kind: count / (usual.get(kind, 0.0) / 28 + 1.0) for kind, count in now.items()}
            loud = sorted((k for k, v in growth.items() if v >= plan.warn_times), key=lambda k: -growth[k])
            shown = [today[kinds[today] == kind][::-1] for kind in loud]
            found += self._within(np.concatenate(shown), plan.warnings).tolist() if shown else []
        return np.array(found, np.int64)

    def _within(self, at: Index, budget: int) -> Index:
        """The first of these that a budget of events holds: a row uses as much of it as it stands for.

        Where one row stands for more than the whole budget, chance says how often there is room for it.
        """
        weight = self.ground.weight[at]
        before = np.cumsum(weight) - weight + self._rng.random() * self.ground.weight.max()
        fits: Mask = before < budget
        return at[fits]

    def _ask(self, at: Index, alerts: Mask, score: np.ndarray) -> None:
        """Ask customers about events that were let through, within the budget of bother; some of them answer."""
        g, plan = self.ground, self.plan
        if not plan.asked or not len(at):
            return
        assert g.events.day is not None
        subject = g.events.entities[g.events.subject or ""]
        part = AskingPart(per_day=CHOSEN_MAX)
        for day in np.unique(g.events.day[at]):
            here = np.flatnonzero((g.events.day[at] == day) & ~alerts)
            candidates = [
                Candidate(str(at[i]), str(subject[at[i]]), int(g.events.time_us[at[i]]), float(score[i]),
                          bool(g.surprise[at[i]]))
                for i in here.tolist() if score[i] > 1e-4 or g.surprise[at[i]]
            ]  # fmt: skip
            rested = {who for who, when in self._rested.items() if day - when < part.days_between}
            telling = [int(one.event_id) for one in choose(candidates, part, asked_today=0, rested=rested)]
            chosen = self._within(np.array(telling, np.int64), plan.asked)
            self._rested |= {str(subject[i]): int(day) for i in chosen}
            self._find_out(chosen[self._rng.random(len(chosen)) < plan.answers], ANSWER_DAYS)

    def _gates(self, challenger: Artifact, champion: Artifact, end: int) -> list[Gate]:
        """The gates of the house, without those that would time this machine."""
        part = msgspec.structs.replace(self.plan.gates, alert_budget_per_day=self.plan.budget)
        source = Known(self.ground, end, self._y, self._known)
        n = len(source.events)
        try:
            judged = judge(
                source, self.ground.spec, challenger, champion, part, looked=self._found[:n],
                weight=self.ground.weight[:n], say=self._say, seed=self.plan.seed,
            )  # fmt: skip
        except LifeError as error:
            return [Gate("judged", 0.0, 1.0, False, {"means": str(error)})]
        return gates(judged, Proof(1.0, 1.0, 0), part, seed=self.plan.seed)


def _together(parts: list[_Said]) -> _Said:
    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    return _Said(*(all_of(name) for name in ("loop", "frozen", "replaced", "caught", "caught_frozen")))


def _counts(kinds: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    words, at = np.unique(kinds.astype(str), return_inverse=True)
    return dict(zip(words.tolist(), np.bincount(at, weight, len(words)).tolist(), strict=True))
