"""Which events teach and which ones judge: folds in time, one split in time, or one random split, each with rehearsals.

A round is one honest run: train on what was known at its moment, judge what came later (or, in a random split, the
rest). Every choice (plan, trees, label features, calibration, threshold) is made on rehearsals: rounds of the same kind
that lie wholly inside what was known at the moment of training. `check_honest` proves it for each round, and the dates
go into the report.

Folds copy chapter 5 of the Fraud Detection Handbook (Le Borgne et al., 2022): train, wait for the labels, judge; the
rehearsals of a fold are the same scheme moved back until the labels of the last judged week have arrived.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from haechi.learning.dataset import DAY_US, Events, Index, Mask
from haechi.learning.errors import BadProtocol, LeakFound

REHEARSALS_MAX = 4
LEAST_TO_LEARN = 2
TIME_REHEARSALS = ((0.5, 0.75), (0.75, 1.0))
RANDOM_REHEARSALS = 4
_UNITS_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": DAY_US, "w": 7 * DAY_US}


@dataclass(frozen=True)
class Round:
    """Rows to learn from, rows to judge, the labels that features may see, and the moment of training."""

    name: str
    train: Index
    test: Index
    day: Index | None
    visible: Mask | None
    moment_us: int
    drop_found: bool = False
    in_time: bool = True

    def known_by(self, events: Events, moment_us: int) -> Round:
        """The same round, judging only rows whose label was known at a moment."""
        known = events.known_at_us[self.test] <= moment_us
        if known.all():
            return self
        # Another name, since rows and scores are remembered by it.
        name, day = f"{self.name}, as known on {stamp(moment_us)}", self.day
        return replace(self, name=name, test=self.test[known], day=day[known] if day is not None else None)

    def lacks(self, events: Events) -> str:
        """What the round is missing to teach and to judge anything; empty when nothing is."""
        for rows, verb, least in ((self.train, "learn from", LEAST_TO_LEARN), (self.test, "judge", 1)):
            frauds = int((events.y[rows] == 1).sum())
            if not len(rows):
                return f"no events to {verb}"
            if frauds < least:
                return f"{frauds or 'no'} {'fraud' if frauds == 1 else 'frauds'} to {verb}"
            if len(rows) - frauds < least:
                return f"too few legitimate events to {verb}"
        return ""

    def newest_label_us(self, events: Events) -> int:
        """When the youngest label that training uses became known."""
        return int(events.known_at_us[self.train].max(initial=np.iinfo(np.int64).min))


@dataclass(frozen=True)
class Folds:
    """Train, wait, judge; then the same again one judged span later."""

    count: int
    start_us: int
    train_us: int
    delay_us: int
    test_us: int
    drop_known: bool = False

    @property
    def name(self) -> str:
        """How the report calls it."""
        return "folds"

    def rounds(self, events: Events) -> list[Round]:
        """The judged folds, earliest first."""
        return [self._round(events, self.start_us + i * self.test_us) for i in range(self.count)]

    def rehearsals(self, events: Events, outer: Round) -> list[Round]:
        """The same scheme moved back, newest first, as long as there are events to learn from."""
        found: list[Round] = []
        start = outer.moment_us - (self.train_us + 2 * self.delay_us + self.test_us)
        first = int(events.time_us[0])
        while len(found) < REHEARSALS_MAX and start >= first:
            found.append(self._round(events, start).known_by(events, outer.moment_us))
            start -= self.test_us
        if not found:
            raise BadProtocol(
                f"fold {outer.name} has no room for a rehearsal before it: start at least "
                f"{(self.delay_us + self.test_us) // DAY_US} days after the first event"
            )
        return found

    def _round(self, events: Events, start_us: int) -> Round:
        moment = start_us + self.train_us + self.delay_us
        times = events.time_us
        span = np.arange(*np.searchsorted(times, [start_us, start_us + self.train_us]))
        train = span[(events.y[span] >= 0) & (events.known_at_us[span] <= moment)]
        test = np.arange(*np.searchsorted(times, [moment, moment + self.test_us]))
        test = test[events.y[test] >= 0]
        day = (times[test] - moment) // DAY_US
        if self.drop_known:
            kept = ~self._known_before(events, moment, test, day)
            test, day = test[kept], day[kept]
        name = str(np.datetime64(start_us, "us").astype("datetime64[m]"))
        return Round(name, train, test, day, None, moment, self.drop_known)

    def _known_before(self, events: Events, moment_us: int, test: Index, day: Index) -> Mask:
        """Recent: not before the last part of the training span that is as long as the judged span.

        In the Handbook both are a week; with a longer training span the same events are judged, so that figures can be
        compared.
        """
        recent_us = moment_us - self.delay_us - min(self.train_us, self.test_us)
        return known_before(events, recent_us, moment_us, test, day)


def known_before(events: Events, recent_us: int, moment_us: int, test: Index, day: Index) -> Mask:
    """Which judged events belong to a subject with a fraud since `recent_us` that was known before their day.

    `day` counts the days since `moment_us`, the start of what is judged.
    """
    if events.subject is None:
        raise BadProtocol("--drop-known needs a subject: name an entity in the schema")
    subject = events.entities[events.subject]
    until_us = moment_us + (int(day.max(initial=0)) + 1) * DAY_US
    since = np.arange(*np.searchsorted(events.time_us, [recent_us, until_us]))
    frauds = since[(events.y[since] == 1) & (subject[since] >= 0)]
    first_known = np.full(int(subject.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_known, subject[frauds], events.known_at_us[frauds])
    known_at = np.where(subject[test] >= 0, first_known[subject[test]], np.iinfo(np.int64).max)
    return np.asarray(known_at < moment_us + day * DAY_US)


@dataclass(frozen=True)
class TimeSplit:
    """The first share of the labelled events teaches, the rest judges; labels stop at the border."""

    share: float

    @property
    def name(self) -> str:
        """How the report calls it."""
        return f"time:{self.share:g}"

    def rounds(self, events: Events) -> list[Round]:
        """The one split."""
        return [_time_round(events, events.labelled, self.share, 1.0, self.name)]

    def rehearsals(self, events: Events, outer: Round) -> list[Round]:
        """Splits of the training part, newest first; each one's labels stop at its own border."""
        parts = [_time_round(events, outer.train, a, b, f"{a:g}-{b:g} of training") for a, b in TIME_REHEARSALS]
        return parts[::-1]


def _time_round(events: Events, rows: Index, share: float, end: float, name: str) -> Round:
    """Train on the first share of some labelled rows, judge those up to another share."""
    if not 0.0 < share < 1.0 or len(rows) < 2:
        raise BadProtocol(f"a share between 0 and 1 of at least two labelled events is needed, not {share:g}")
    border = int(events.time_us[rows[int(share * len(rows))]])
    upto = rows[: max(int(end * len(rows)), 1)]
    train = rows[(events.time_us[rows] < border) & (events.known_at_us[rows] <= border)]
    test = upto[events.time_us[upto] >= border]
    visible = events.known_at_us <= border
    day = events.day[test] if events.day is not None else None
    return Round(name, train, test, day, visible, border)


@dataclass(frozen=True)
class RandomSplit:
    """A drawn share of the labelled events teaches, the rest judges; only drawn labels are ever visible."""

    share: float
    seed: int

    @property
    def name(self) -> str:
        """How the report calls it."""
        return f"random:{self.share:g} seed {self.seed}"

    def rounds(self, events: Events) -> list[Round]:
        """The one split, frauds and legitimate events drawn in equal shares."""
        if not 0.0 < self.share < 1.0:
            raise BadProtocol(f"a share between 0 and 1 is needed, not {self.share:g}")
        rng = np.random.default_rng(self.seed)
        rows = events.labelled
        drawn = np.zeros(len(rows), dtype=bool)
        for outcome in (0, 1):
            same = rng.permutation(np.flatnonzero(events.y[rows] == outcome))
            drawn[same[: round(self.share * len(same))]] = True
        return [_random_round(events, rows[drawn], rows[~drawn], self.name)]

    def rehearsals(self, events: Events, outer: Round) -> list[Round]:
        """The training part in equal random parts, each judged once by a model of the others."""
        rng = np.random.default_rng(self.seed + 1)
        part = rng.permutation(len(outer.train)) % RANDOM_REHEARSALS
        return [
            _random_round(events, outer.train[part != i], outer.train[part == i], f"part {i + 1} of training")
            for i in range(RANDOM_REHEARSALS)
        ]


def _random_round(events: Events, train: Index, test: Index, name: str) -> Round:
    """Only the labels of the training rows are visible; time does not order a random split."""
    visible = np.zeros(len(events), dtype=bool)
    visible[train] = True
    day = events.day[test] if events.day is not None else None
    end = int(events.known_at_us[np.concatenate([train, test])].max(initial=0))
    return Round(name, train, test, day, visible, end, in_time=False)


Protocol = Folds | TimeSplit | RandomSplit


def check_honest(events: Events, outer: Round, rehearsals: Sequence[Round]) -> dict[str, object]:
    """Raise LeakFound unless nothing used before judging was younger than the moment of training; return the proof."""
    _check_times(events, outer)
    judged = np.zeros(len(events), dtype=bool)
    judged[outer.test] = True
    for rehearsal in rehearsals:
        _check_times(events, rehearsal)
        used = np.concatenate([rehearsal.train, rehearsal.test])
        if judged[used].any():
            raise LeakFound(f"rehearsal {rehearsal.name} holds events that {outer.name} judges")
        newest = int(events.known_at_us[used].max(initial=0))
        if newest > outer.moment_us:
            raise LeakFound(f"rehearsal {rehearsal.name} uses a label that was not known when {outer.name} trained")
    return {
        "training_moment": stamp(outer.moment_us),
        "newest_label_in_training": stamp(outer.newest_label_us(events)),
        "judged": _span(events, outer.test),
        "rehearsals": [
            {
                "name": r.name,
                "train": _span(events, r.train),
                "judged": _span(events, r.test),
                "training_moment": stamp(r.moment_us),
                "newest_label": stamp(int(events.known_at_us[np.concatenate([r.train, r.test])].max(initial=0))),
            }
            for r in rehearsals
        ],
    }


def usable(events: Events, outer: Round, rehearsals: Sequence[Round]) -> list[Round]:
    """The rehearsals with frauds on both sides; raises BadProtocol when the round itself or all of them lack some."""
    if missing := outer.lacks(events):
        raise BadProtocol(f"round {outer.name} has {missing}: widen its spans, or choose other ones")
    found = [r for r in rehearsals if not r.lacks(events)]
    if not found:
        raise BadProtocol(
            f"round {outer.name} cannot be rehearsed: its newest rehearsal has {rehearsals[0].lacks(events)}; "
            "widen the spans, or start later"
        )
    return found


def _check_times(events: Events, one: Round) -> None:
    if np.intersect1d(one.train, one.test).size:
        raise LeakFound(f"round {one.name} judges events that it learned from")
    if len(one.train) and one.newest_label_us(events) > one.moment_us:
        raise LeakFound(f"round {one.name} learns from a label that was not known yet")


def _span(events: Events, rows: Index) -> list[str]:
    times = events.time_us[rows]
    return [stamp(int(times.min())), stamp(int(times.max()))] if len(rows) else []


def stamp(time_us: int) -> str:
    """A time as ISO 8601 in UTC, to the second."""
    return str(np.datetime64(time_us, "us").astype("datetime64[s]")) + "Z"


def read_duration(text: str) -> int:
    """Microseconds of "7d", "12h", "90m", "30s" or "2w"."""
    found = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    if not found or int(found[1]) == 0:
        raise BadProtocol(f"{text!r} is no duration: write a whole number and s, m, h, d or w, such as 7d")
    return int(found[1]) * _UNITS_US[found[2]]


def read_split(text: str, *, seed: int) -> TimeSplit | RandomSplit:
    """The split that "time:0.8" or "random:0.4" means."""
    found = re.fullmatch(r"(time|random):(0?\.\d{1,6})", text.strip())
    if not found:
        raise BadProtocol(f"{text!r} is no split: write time:SHARE or random:SHARE, such as time:0.8")
    share = float(found[2])
    return TimeSplit(share) if found[1] == "time" else RandomSplit(share, seed)
