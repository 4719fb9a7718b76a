"""The behaviour detector: how unlike its customer an event is, read off the row; needs no label and no training.

One detector for each view, so that policy can give each its own budget and action: `behaviour` is everything with what
happened in the last hours, `behaviour.habit` hour and amount, `behaviour.school` the same of pupils on school days,
`behaviour.counterpart` the other party and the device, `behaviour.burst` pace and small amounts, `behaviour.drain` what
goes to new payees. A signal says how rare the event is ("one in so many", calibrated); what that
means for the risk is policy's (decision/rarity.py).
"""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.detectors.frequency import BITS_MIN
from haechi.detectors.usual import ALL_KINDS, PUPILS, Asked, families, together, whole
from haechi.events import Event, Reason, Signal
from haechi.events.wording import Text
from haechi.features import Known, Spec

__all__ = ["VIEWS", "Behaviour", "behaviours"]

# The view's name, its column, and the kinds that belong to it (none named: all).
VIEWS: dict[str, tuple[str, frozenset[str]]] = {
    "behaviour": ("surprise_run", frozenset()),
    "behaviour.habit": ("surprise_habit", frozenset({"hour", "amount", "habit"})),
    "behaviour.school": ("surprise_habit", frozenset({"hour", "amount", "habit"})),
    "behaviour.counterpart": ("surprise_counterpart", frozenset({"party", "device"})),
    "behaviour.burst": ("surprise_burst", frozenset({"gap", "tempo", "small"})),
    "behaviour.drain": ("surprise_drain", frozenset({"outflow", "amount", "party"})),
}
_PARTS: dict[str, Text] = {
    "behaviour": ALL_KINDS,
    "behaviour.habit": {"en": "hour and amount", "ko": "시각과 금액을"},
    "behaviour.school": {"en": "hour and amount", "ko": "시각과 금액을"},
    "behaviour.counterpart": {"en": "the other party and the device", "ko": "거래 상대와 기기를"},
    "behaviour.burst": {"en": "pace and small amounts", "ko": "빠르기와 소액을"},
    "behaviour.drain": {"en": "amounts to new payees", "ko": "새로운 받는 계좌로 보낸 금액을"},
}
VERSION = "1"
PREFIX = "behaviour."
SCHOOL, SCHOOL_DAY = "behaviour.school", 0.0
PAIR = {"hour", "amount"}
ONE_IN_MIN = 20.0
# What a fresh calibration can prove: no one is rarer than the events that were seen.
BITS_MAX = 20.0


class Behaviour:
    """Judges by one view of the surprise in the row."""

    def __init__(self, spec: Spec, view: str = "behaviour") -> None:
        """`spec` must emit behaviour."""
        column, self._kinds = VIEWS[view]
        self.name, self.version = view, f"{VERSION}-{spec.hash}"
        self._at = spec.index(PREFIX + column)
        # A pupil's school day shows in her age and in the class of the day.
        self._school = (spec.index(_age(spec)), spec.index(f"{PREFIX}day_class")) if view == SCHOOL else None
        self._timezone = spec.timezone
        self._category = spec.behaviour.category if spec.behaviour else ""
        self._has_peers = any(e.role == "peers" for e in spec.entities)
        subject = spec.subject.name if spec.subject else ""
        named = {n: n.removeprefix(PREFIX) for n in spec.names if n.startswith(PREFIX)}
        named |= {"amount": "amount", "hour": "hour", f"{subject}.gap_s": "gap_s"}
        named |= {f"{subject}.age_years": "age_years", f"{subject}.km_per_hour": "km_per_hour"}
        self._named = [(short, spec.index(n)) for n, short in named.items() if n in spec.positions]
        self._seen = spec.index("behaviour.history")

    def judge(self, event: Event, known: Known) -> Signal:
        """How rare the event is in this view; an event that is no behaviour is as common as anything."""
        return self.judge_row(known)

    def judge_row(self, known: Known) -> Signal:
        """The same: the row is all that it looks at."""
        return self._signal(float(known.row[self._at]) if self._concerns(known.row) else 0.0)

    def judge_rows(self, rows: npt.NDArray[np.float32]) -> list[Signal]:
        """The same of many rows at once."""
        bits = np.where(self._concerns(rows), rows[:, self._at], np.float32(0.0))
        return [self._signal(one) for one in bits.tolist()]

    def _concerns(self, rows: npt.NDArray[np.float32]) -> Any:
        """Whether the view is about such an event at all: of one row, or of each of many."""
        if self._school is None:
            return True
        age, day = rows[..., self._school[0]], rows[..., self._school[1]]
        return (age >= PUPILS[0]) & (age < PUPILS[1]) & (day == SCHOOL_DAY)

    def _signal(self, bits: float) -> Signal:
        rare = 2.0 ** min(bits, BITS_MAX) if bits > 0.0 else 1.0  # NaN too
        return Signal(self.name, 1.0 - 1.0 / rare, self.version, one_in=rare)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """What is unusual, family by family, the strongest first; a part that is not rare leaves it to the whole."""
        if signal.one_in <= (ONE_IN_MIN if self._kinds else 1.0) or np.isnan(known.row[self._seen]):
            return ()
        asked = self.asked(event, known)
        every = families(asked)
        found = [r for r in every if not self._kinds or r.code.removeprefix(PREFIX) in self._kinds]
        apart = {r.code.removeprefix(PREFIX) for r in found if r.weight >= BITS_MIN}
        if not apart or (self._kinds > PAIR and not apart >= PAIR):
            # Hour and amount may each be short of a reason and odd together: then one sentence names both.
            both = together(asked)
            found = [both, *(r for r in found if r.code.removeprefix(PREFIX) not in PAIR)] if both else found
        if signal.one_in > ONE_IN_MIN and not any(r.usual for r in found):
            # What other kinds have to tell helps more than that these kinds are rare together.
            told = [r for r in every if r.usual][:1]
            found = [*(told or [whole(log2(signal.one_in), _PARTS[self.name])]), *found]
        return tuple(found[:top])

    def asked(self, event: Event, known: Known) -> Asked:
        """The numbers that sentences are made from."""
        row = known.row
        of = {short: float(row[at]) for short, at in self._named}
        of.setdefault("hour", float("nan"))
        of.setdefault("amount", float("nan"))
        category = event.categories.get(self._category, "") if self._category else ""
        return Asked(event, of, self._timezone, self._has_peers, category)


def behaviours(spec: Spec) -> tuple[Behaviour, ...]:
    """Every view, for a memory that works behaviour out; none otherwise."""
    wanted = {PREFIX + column for column, _ in VIEWS.values()} | {"behaviour.history"}
    if spec.behaviour is None or not wanted <= set(spec.names):
        return ()
    knows_pupils = {_age(spec), f"{PREFIX}day_class"} <= set(spec.names)
    return tuple(Behaviour(spec, view) for view in VIEWS if view != SCHOOL or knows_pupils)


def _age(spec: Spec) -> str:
    return f"{spec.subject.name if spec.subject else ''}.age_years"
