"""The keeper counts what is decided into hours and days, and says at the end of each day what has moved.

Everything is event time: a replayed month gives the figures that the month gave. Late events count where the clock is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.learning.life.policy import WatchPart
from haechi.learning.watch.drift import js_each, psi_each
from haechi.learning.watch.quiet import Quiet, calm
from haechi.learning.watch.rarity import DAYS, LIMITS, Rarities
from haechi.learning.watch.reference import BINS, Reference, tally
from haechi.learning.watch.said import SCORE_BINS, moved, spread
from haechi.learning.watch.windows import LATENCY_BOUNDS_US, SPANS, AlarmStore, Surprise, Window, WindowStore
from haechi.stores import Tables

__all__ = ["Keeper", "Seen", "Told"]

FIRST_EVENTS = 20_000  # where a model has no reference, so many live events become one
SURPRISES_MAX, EXAMPLES_MAX = 256, 10
OTHERS = "others"
HOURS_UNSAVED_MAX = 24
SAVED_AT_ONCE = 4  # while windows are written, decisions are not
PSI_FLOOR = 1e-4
EVENTS_MIN = 200  # a window with fewer tells nothing
ALARM, PARTIAL = "alarm:", "partial"
DATA = frozenset({"inputs", "missing", "alert_rate"})  # alarms by which wrong data shows itself
ALARMS = 7  # kinds of alarms, which share what is allowed
KEPT = "kept"  # a day's figure: how the promises of the day that is ripe by then were kept


@dataclass(frozen=True)
class Seen:
    """A few decisions, in order: rows float32 [n, features], and columns of n; surprise is '' for ordinary events."""

    ids: Sequence[str]
    time_us: npt.NDArray[np.int64]
    rows: npt.NDArray[np.float32]
    action: npt.NDArray[np.uint8]
    took_us: npt.NDArray[np.int64]
    surprise: Sequence[str]
    said: npt.NDArray[np.float64] | None = None  # probabilities of the champion
    model: str = ""  # its name


@dataclass(frozen=True)
class Told:
    """One alarm that was raised or is over."""

    name: str
    raised: bool
    value: float
    threshold: float
    content: dict[str, Any]


class Keeper:
    """What one home watches of its inputs and its decisions; one thread calls it."""

    def __init__(
        self, tables: Tables, names: tuple[str, ...], settings: WatchPart,
        kept: Callable[[int], float] = lambda day_us: float("nan"), rest: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """`kept`: how the champion's promises of the day that begins then were kept, in standard deviations.

        `rest` is called between two pieces of a longer work, so that others come to theirs.
        """
        self._kept, self._rest, self._model = kept, rest, ""
        self._store, self.alarms = WindowStore(tables), AlarmStore(tables)
        self._names, self._settings, self._rarities = names, settings, Rarities(names)
        self.reference: Reference | None = None
        self._first: list[npt.NDArray[np.float32]] = []
        self._open: dict[str, Window] = {}
        self._over: list[Window] = []  # hours that ended since the last save
        self._dirty = False
        self._past: list[Window] | None = None  # days that are over and told enough; read when the next one is over
        self._moved: dict[int, npt.NDArray[np.float64]] = {}  # how far each of them lies from the reference
        self.now_us = 0

    def use(self, reference: Reference | None) -> None:
        """Compare with this reference from now on; None: the first live events make one."""
        self.reference = reference
        self._moved = {}
        if reference is None:
            return
        for span in SPANS:
            newest = self._store.last(span, 1)
            if newest and newest[0].bins == reference.bins_hash and span not in self._open:
                self._open[span] = newest[0]
                self.now_us = max(self.now_us, newest[0].start_us)

    def add(self, seen: Seen) -> list[Told]:
        """Count decisions; says which alarms were raised or ended because a day was over."""
        if self.reference is None and not self._begin(seen.rows):
            return []
        self._model = seen.model or self._model
        told: list[Told] = []
        hours = seen.time_us // SPANS["hour"]
        for hour in np.unique(hours):
            told += self._count(seen, np.flatnonzero(hours == hour), int(hour) * SPANS["hour"])
        return told

    def save(self) -> None:
        """Keep what is open."""
        if self._dirty:
            kept = self._settings
            oldest = {
                "hour": self.now_us - kept.hours_kept * SPANS["hour"],
                "day": self.now_us - kept.days_kept * SPANS["day"],
            }  # fmt: skip
            waiting = [*self._over, *self._open.values()]
            for at in range(0, len(waiting), SAVED_AT_ONCE):
                self._store.save(waiting[at : at + SAVED_AT_ONCE], oldest)
                self._rest()
            self._over, self._dirty = [], False

    def windows(self, span: str, count: int) -> list[Window]:
        """The newest windows, oldest first, the open one last."""
        here = [w for w in [*self._over, *self._open.values()] if w.span == span]
        starts = {w.start_us for w in here}
        return ([w for w in self._store.last(span, count) if w.start_us not in starts] + here)[-count:]

    def drift(self, window: Window) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """PSI and Jensen-Shannon divergence of each feature in a window, against the reference; NaN with few events."""
        assert self.reference is not None
        if window.bins != self.reference.bins_hash or window.events < EVENTS_MIN:
            nothing = np.full(len(self._names), np.nan)
            return nothing, nothing
        pair = self.reference.counts.astype(np.float64), window.features.astype(np.float64)
        return psi_each(*pair), js_each(*pair)

    def _begin(self, rows: npt.NDArray[np.float32]) -> bool:
        self._first.append(rows.copy())
        if sum(len(part) for part in self._first) < FIRST_EVENTS:
            return False
        self.use(Reference.of(np.concatenate(self._first), self._names, since="the first live events"))
        self._first = []
        return True

    def _count(self, seen: Seen, part: npt.NDArray[np.int64], hour_us: int) -> list[Told]:
        assert self.reference is not None
        told: list[Told] = []
        self.now_us = max(self.now_us, hour_us)
        counts = np.zeros((len(self._names), BINS + 1), np.int64)
        rows = seen.rows if len(part) == len(seen.rows) else seen.rows[part]
        tally(rows, self.reference.edges, counts)
        for span, size in SPANS.items():
            start = self.now_us // size * size
            window = self._open.get(span)
            if window is None or window.start_us < start or window.bins != self.reference.bins_hash:
                if window is not None and window.start_us < start:
                    told += self._end(self._open.pop(span))
                begun = Window.empty(span, start, self.reference.bins_hash, len(self._names))
                if window is None or window.bins != begun.bins:
                    begun.figures[PARTIAL] = 1.0  # what came before it was counted otherwise, or not at all
                window = self._open[span] = begun
            window.features += counts
            _into(window, seen, part)
        self._rarities.count(rows, self._open["day"].figures)
        self._dirty = True
        return told

    def _end(self, window: Window) -> list[Told]:
        """An hour or a day is over; hours are kept with their day or the next save: each alone would be a commit."""
        self._over.append(window)
        self._dirty = True
        if window.span != "day" and len(self._over) < HOURS_UNSAVED_MAX:
            return []
        told = self._close(window) if window.span == "day" else []
        self.save()
        return told

    def _close(self, day: Window) -> list[Told]:
        """A day is over: what has moved, by the measure of the quiet days before it."""
        if not _tells(day):
            return []
        late = self._kept(day.start_us - self._settings.mature_days * SPANS["day"])
        if not np.isnan(late):
            day.figures[KEPT] = late
        history = self._before(day)
        told: list[Told] = []
        for name, series in self._series(history, day).items():
            self._rest()
            told += self._judge(name, day, history, *series)
        self._rest()
        return told + self._hold_to_promise(day, history)

    def _before(self, day: Window) -> list[Window]:
        """The days that are kept before this one, which is the newest of them from now on."""
        kept = self._settings.days_kept
        if self._past is None:
            self._past = self._store.last("day", kept, day.start_us)
        history = [w for w in self._past[-kept:] if _tells(w)]
        self._past = [*self._past[-kept:], day]
        self._moved = {w.start_us: self._moved[w.start_us] for w in history if w.start_us in self._moved}
        return history

    def _log_psi(self, day: Window) -> npt.NDArray[np.float64]:
        if day.start_us not in self._moved:
            self._moved[day.start_us] = np.log(self.drift(day)[0] + PSI_FLOOR)
        return self._moved[day.start_us]

    def _series(self, history: list[Window], day: Window) -> dict[str, tuple[Any, Any, list[str], float]]:
        """For each alarm: values of the days before, of this day, the names of the series, and the least spread."""
        every = [*history, day]
        psi = np.array([self._log_psi(w) for w in every])
        missing = np.array([np.sqrt(w.missing()) for w in every])
        rate = np.array([[2 * np.sqrt(w.actions[2:].sum() + 0.375) / np.sqrt(w.events)] for w in every])
        slow = np.log2(np.array([[w.latency_us(0.99) + 1.0] for w in every]))
        kinds = sorted({kind for w in every for kind in w.surprises})
        count = np.array([
            [2 * np.sqrt(w.surprises[k].count + 0.375) if k in w.surprises else 2 * np.sqrt(0.375) for k in kinds]
            for w in every
        ]).reshape(len(every), len(kinds))  # fmt: skip
        names = list(self._names)
        said = np.log(moved([w.scores.get(self._model) for w in every]) + PSI_FLOOR)[:, None]
        kept = np.array([[sign * w.figures.get(KEPT, np.nan) for sign in (1, -1)] for w in every])
        return {
            "inputs": (psi[:-1], psi[-1], names, 0.1), "missing": (missing[:-1], missing[-1], names, 0.01),
            "alert_rate": (rate[:-1], rate[-1], ["alert_rate"], 0.01),
            "latency": (slow[:-1], slow[-1], ["p99_us"], 0.5),
            "scores": (said[:-1], said[-1], ["spread"], 0.1),
            "calibration": (kept[:-1], kept[-1], ["too_low", "too_high"], 1.0),
            "new_typology": (count[:-1], count[-1], kinds, 1.0),
        }  # fmt: skip

    def _judge(
        self, name: str, day: Window, history: list[Window], before: Any, now: Any, names: list[str], spread_min: float
    ) -> list[Told]:
        height, others = np.array([_loud(w, name) for w in history]).reshape(-1, 2).T
        # Whether yesterday's alarm stands alone is not known yet: it does not teach what is quiet.
        quiet_days = before[calm(np.append(height, 1.0), np.append(others > 0, False))[:-1]]
        if names:
            quiet_days = quiet_days[~np.isnan(quiet_days).all(axis=1)]
        if len(quiet_days) < self._settings.quiet_days or not names or np.isnan(now).all():
            return []
        month = self._settings.false_alarms_per_month / ALARMS
        quiet = Quiet.learn(quiet_days, alarms_per_month=month, spread_min=spread_min)
        value, at = quiet.deviation(now)
        day.figures |= {f"value:{name}": value, f"threshold:{name}": quiet.threshold}
        end_us = day.start_us + SPANS["day"]
        if value <= quiet.threshold:
            over = self.alarms.end(name, end_us)
            return [Told(name, False, value, quiet.threshold, {})] if over else []
        day.figures[f"{ALARM}{name}"] = 1.0
        content = self._content(name, day, names, quiet.deviations(now), at)
        raised = self.alarms.raise_(name, value, quiet.threshold, end_us, content)
        return [Told(name, True, value, quiet.threshold, content)] if raised else []

    def _hold_to_promise(self, day: Window, history: list[Window]) -> list[Told]:
        """Whether behaviour has called as many events rare as it promises, over the last week."""
        if len(history) < self._settings.quiet_days:
            return []
        ratios = Rarities.ratios([w.figures for w in (*history[1 - DAYS :], day)])
        astray = Rarities.astray(ratios)
        end_us = day.start_us + SPANS["day"]
        if not astray:
            over = self.alarms.end("rarity", end_us)
            return [Told("rarity", False, 1.0, LIMITS[1], {})] if over else []
        value = ratios[astray[0]]
        limit = LIMITS[value > 1.0]
        content = {"day_us": day.start_us, "moved": [{"name": name, "by": ratios[name]} for name in astray[:5]]}
        raised = self.alarms.raise_("rarity", value, limit, end_us, content)
        return [Told("rarity", True, value, limit, content)] if raised else []

    def _content(self, name: str, day: Window, names: list[str], z: Any, at: int) -> dict[str, Any]:
        """What a person needs to look into it: the series that moved most, or examples."""
        order = [i for i in np.argsort(-np.nan_to_num(z, nan=-np.inf))[:5].tolist() if np.isfinite(z[i])]
        found: dict[str, Any] = {
            "day_us": day.start_us,
            "moved": [{"name": names[i], "by": float(z[i])} for i in order],
        }
        if name == "new_typology":
            kind = names[at]
            found |= {"kind": kind, "count": day.surprises[kind].count, "examples": day.surprises[kind].examples}
        return found


def _tells(day: Window) -> bool:
    """Whether a day is whole, and saw enough to be held against others."""
    return day.events >= EVENTS_MIN and PARTIAL not in day.figures


def _loud(day: Window, name: str) -> tuple[float, bool]:
    """By how many times its limit a series was moved on a day, 0 where it was quiet; and whether another one was."""
    raised = {one for one in DATA if day.figures.get(f"{ALARM}{one}", 0.0) > 0}
    over = day.figures.get(f"value:{name}", 0.0) / max(day.figures.get(f"threshold:{name}", 0.0), 1e-9)
    return over if day.figures.get(f"{ALARM}{name}", 0.0) > 0 else 0.0, bool(raised - {name})


def _into(window: Window, seen: Seen, part: npt.NDArray[np.int64]) -> None:
    """Count some decisions into a window, all but their features."""
    window.actions += np.bincount(seen.action[part], minlength=4)[:4]
    at = np.searchsorted(LATENCY_BOUNDS_US, seen.took_us[part])
    window.latency += np.bincount(at, minlength=len(LATENCY_BOUNDS_US) + 1)
    window.events += len(part)
    if seen.said is not None:
        known = window.scores.get(seen.model, [0] * SCORE_BINS)
        window.scores[seen.model] = (np.array(known) + spread(seen.said[part])).tolist()
    for i in (i for i in part.tolist() if seen.surprise[i]):
        kind = seen.surprise[i]
        if kind not in window.surprises and len(window.surprises) >= SURPRISES_MAX:
            kind = OTHERS
        one = window.surprises.setdefault(kind, Surprise(0, []))
        one.count += 1
        one.examples = [*one.examples[1 - EXAMPLES_MAX :], seen.ids[i]]
