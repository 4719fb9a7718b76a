"""The behaviour detector: how unlike its customer an event is, read off the row; needs no label and no training.

One detector for each view, so that policy can give each its own budget and action: `behaviour` is everything with what
happened in the last hours, `behaviour.habit` hour and amount, `behaviour.school` the same of pupils on school days,
`behaviour.counterpart` the other party and the device, `behaviour.burst` pace and small amounts, `behaviour.drain` what
goes to new payees, the more after a risky call. A signal says how rare the event is ("one in so many", calibrated);
what that means for the risk is policy's (decision/rarity.py).
"""

from __future__ import annotations

from math import exp2, isnan, log2
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.detectors.asked import Asked
from haechi.detectors.frequency import BITS_MIN
from haechi.detectors.usual import ALL_KINDS, families, pair, together, whole
from haechi.events import Event, Reason, Signal
from haechi.events.wording import Text
from haechi.features import Known, Spec
from haechi.features.jit import brief

__all__ = ["VIEWS", "Behaviour", "behaviours"]

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

# The view's name, its column, and the kinds that belong to it (none named: all).
VIEWS: dict[str, tuple[str, frozenset[str]]] = {
    "behaviour": ("surprise_run", frozenset()),
    "behaviour.habit": ("surprise_habit", frozenset({"hour", "amount", "habit"})),
    "behaviour.school": ("school_habit", frozenset({"hour", "amount", "habit"})),
    "behaviour.counterpart": ("surprise_counterpart", frozenset({"party", "device"})),
    "behaviour.burst": ("surprise_burst", frozenset({"gap", "tempo", "small"})),
    "behaviour.drain": ("surprise_drain", frozenset({"outflow", "amount", "party", "heard", "passed"})),
}
_PARTS: dict[str, Text] = {
    "behaviour": ALL_KINDS,
    "behaviour.counterpart": {"en": "the other party and the device", "ko": "거래 상대와 기기를"},
    "behaviour.burst": {"en": "pace and small amounts", "ko": "거래 간격과 소액 여부를"},
    "behaviour.drain": {"en": "amounts to new payees", "ko": "새 계좌로 보낸 금액들을"},
}
VERSION = "1"
PREFIX = "behaviour."
SCHOOL = "behaviour.school"
PAIR = {"behaviour.hour", "behaviour.amount"}
ONE_IN_MIN = 20.0
# What a fresh calibration can prove: no one is rarer than the events that were seen.
BITS_MAX = 20.0


class Told:
    """What every view asks about an event, worked out once: the numbers of sentences, and the reasons in families."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._last: tuple[Event, Known, Asked, list[Reason]] | None = None

    def of(self, event: Event, known: Known, view: Behaviour) -> tuple[Asked, list[Reason]]:
        """The same for the same event and row; only the latest is kept."""
        last = self._last  # taken once: another thread may put its own there
        if last is None or last[0] is not event or last[1] is not known:
            asked = view.asked(event, known)
            last = self._last = event, known, asked, families(asked)
        return last[2], last[3]


class Behaviour:
    """Judges by one view of the surprise in the row."""

    def __init__(self, spec: Spec, view: str = "behaviour", told: Told | None = None) -> None:
        """`spec` must emit behaviour; views of one spec may share what they tell."""
        self._told = told or Told()
        column, kinds = VIEWS[view]
        self._kinds = frozenset(PREFIX + kind for kind in kinds)
        self.name, self.version = view, f"{VERSION}-{spec.hash}"
        self._at = spec.index(PREFIX + column)
        self._timezone = spec.timezone
        self._category = spec.behaviour.category if spec.behaviour else ""
        self._has_peers = any(e.role == "peers" for e in spec.entities)
        subject = spec.subject.name if spec.subject else ""
        named = {n: n.removeprefix(PREFIX) for n in spec.names if n.startswith(PREFIX)}
        named |= {"amount": "amount", "hour": "hour", f"{subject}.gap_s": "gap_s"}
        named |= {f"{subject}.{n}": n for n in ("age_years", "km", "km_per_hour")}
        named |= {f"{subject}.age_s": "known_s", "peers.age_s": "peers_known_s"}
        named |= {f"{name}.gap_s": f"{name}_gap_s" for name in ("account", "card")} | _met(spec)
        at = {short: spec.index(n) for n, short in named.items() if n in spec.positions}
        self._named, self._columns = tuple(at), np.array(list(at.values()), np.intp)
        self._seen = spec.index("behaviour.history")

    def judge(self, event: Event, known: Known) -> Signal:
        """How rare the event is in this view; an event that is no behaviour is as common as anything."""
        return self.judge_row(known)

    def judge_row(self, known: Known) -> Signal:
        """The same: the row is all that it looks at."""
        bits = known.row.item(self._at)
        one_in = exp2(min(bits, BITS_MAX)) if bits > 0.0 else 1.0
        return Signal(self.name, 1.0 - 1.0 / one_in, self.version, one_in=one_in)

    def judge_rows(self, rows: Rows, scores: Floats, one_in: Floats) -> None:
        """The same of many rows at once, written into columns."""
        rarities(rows, self._at, scores, one_in)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """What is unusual, family by family, the strongest first; a part that is not rare leaves it to the whole."""
        if signal.one_in <= (ONE_IN_MIN if self._kinds else 1.0) or isnan(known.row.item(self._seen)):
            return ()
        asked, every = self._told.of(event, known, self)
        found = [r for r in every if r.code in self._kinds] if self._kinds else every
        apart = {r.code for r in found if r.weight >= BITS_MIN}
        if not apart or (self._kinds > PAIR and not apart >= PAIR):
            # Hour and amount may each be short of a reason and odd together: then one sentence names both.
            both = together(asked)
            found = [both, *(r for r in found if r.code not in PAIR)] if both else found
        if signal.one_in > ONE_IN_MIN and not any(r.usual for r in found):
            # What other kinds have to tell helps more than that these kinds are rare together.
            told = [r for r in every if r.usual][:1]
            found = [*(told or [self._all_in_all(asked, log2(signal.one_in))]), *found]
        return tuple(found[:top])

    def _all_in_all(self, asked: Asked, bits: float) -> Reason:
        if self._kinds > PAIR and not isnan(asked.amount + asked.hour):
            return pair(asked, bits)
        return whole(bits, _PARTS.get(self.name, ALL_KINDS))

    def asked(self, event: Event, known: Known) -> Asked:
        """The numbers that sentences are made from."""
        of = dict(zip(self._named, known.row[self._columns].tolist(), strict=True))
        of.setdefault("hour", float("nan"))
        of.setdefault("amount", float("nan"))
        category = event.categories.get(self._category, "") if self._category else ""
        return Asked(event, of, self._timezone, self._has_peers, category)


def behaviours(spec: Spec) -> tuple[Behaviour, ...]:
    """Every view, for a memory that works behaviour out; none otherwise."""
    wanted = {PREFIX + column for column, _ in VIEWS.values()} | {"behaviour.history"}
    if spec.behaviour is None or not wanted <= set(spec.names):
        return ()
    told = Told()
    return tuple(Behaviour(spec, view, told) for view in VIEWS if view != SCHOOL or _age(spec) in spec.names)


@brief
def rarities(rows: Any, at: int, scores: Any, one_in: Any) -> None:
    """What Behaviour.judge_row says, bit by bit: one in so many by the bits of a column, and its rank.

    What is not known is as common as anything.
    """
    for i in range(len(rows)):
        bits = np.float64(rows[i, at])
        one_in[i] = exp2(min(bits, BITS_MAX)) if bits > 0.0 else 1.0
        scores[i] = 1.0 - 1.0 / one_in[i]


def _met(spec: Spec) -> dict[str, str]:
    """How well customer and party know each other, and how many others do, where the recipe asks."""
    part, subject = spec.behaviour, spec.subject
    found: dict[str, str] = {}
    if part is None or subject is None:
        return found
    for who, name in (("payee", part.payee), ("merchant", part.merchant), ("device", part.device)):
        if name:
            found |= {f"{subject.name}.{name}.{n}": f"{who}_{n}" for n in ("new", "gap_days", "seen")}
            found |= {f"{name}.{n}": f"{who}_{n}" for n in ("subjects_2d", "subjects_met")}
    return found


def _age(spec: Spec) -> str:
    return f"{spec.subject.name if spec.subject else ''}.age_years"
