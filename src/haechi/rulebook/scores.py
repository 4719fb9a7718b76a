"""What the champion says in life: how scores lie, by day, and what a threshold would alert, catch and miss.

Scores are counted in buckets that are even on a logarithmic axis, so that a bank's rare high ones are told apart.
Frauds and honest events are those that somebody told us of since; money is in minor units of the home's currency.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log10
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from haechi.rulebook.counting import Counting
from haechi.stores import DECIDED, LABEL, Entry, Journal
from haechi.stores.entry import label_of

__all__ = ["BUCKETS", "At", "ScoreFigures", "bucket_of", "floor_of"]

BUCKETS = 100
DECADES = 5  # from 0.00001 to 1
EVENTS_MAX = 200_000
DAYS_MAX = 400
DAY_US = 86_400_000_000
Counts = npt.NDArray[np.int64]


class _Said(msgspec.Struct):
    score: float = 0.0
    action: str = ""


class At(NamedTuple):
    """What a threshold does: alerts in all, known frauds and honest events among them and below, and their money."""

    alerts: int
    frauds: int
    honest: int
    money: int
    frauds_below: int
    money_below: int


def bucket_of(score: float) -> int:
    """The bucket of a probability."""
    if score <= 10.0**-DECADES:
        return 0
    return min(BUCKETS - 1, int((log10(score) + DECADES) / DECADES * BUCKETS))


def floor_of(bucket: int) -> float:
    """The lowest probability of a bucket."""
    return 0.0 if bucket == 0 else float(10.0 ** (bucket * DECADES / BUCKETS - DECADES))


class ScoreFigures(Counting):
    """Counts for one home; every call may come from any thread."""

    def __init__(
        self, journal: Journal, amount_of: Callable[[bytes], tuple[int, str]], currency: str,
        clock_ns: Callable[[], int],
    ) -> None:  # fmt: skip
        super().__init__(journal, clock_ns)
        self._amount_of, self.currency = amount_of, currency
        self._decode = msgspec.json.Decoder(_Said).decode
        self._events: dict[str, tuple[int, int]] = {}  # event -> bucket, amount
        self._said: dict[str, bool] = {}
        self.all, self.frauds, self.honest = (np.zeros(BUCKETS, np.int64) for _ in range(3))
        self.money = np.zeros(BUCKETS, np.int64)
        self.days: dict[int, Counts] = {}
        self.stopped = 0

    @property
    def span_days(self) -> float:
        """How many days were counted, at least one."""
        return max((self.through_us - self.since_us) / DAY_US, 1.0)

    def count(self, entry: Entry) -> None:
        """Count one entry."""
        if entry.type == LABEL:
            label = label_of(entry)
            self._label(label.event_id, fraud=label.fraud)
        elif entry.type == DECIDED and entry.decision is not None:
            self._decided(entry, self._decode(entry.decision))

    def at(self, bucket: int) -> At:
        """What alerting from this bucket on would do."""
        return At(
            int(self.all[bucket:].sum()), int(self.frauds[bucket:].sum()), int(self.honest[bucket:].sum()),
            int(self.money[bucket:].sum()), int(self.frauds[:bucket].sum()), int(self.money[:bucket].sum()),
        )  # fmt: skip

    def lately(self, days: int = 7) -> Counts:
        """Counts of the newest days alone."""
        last = max(self.days, default=0)
        found = [counts for day, counts in self.days.items() if day > last - days]
        return np.sum(found, axis=0) if found else np.zeros(BUCKETS, np.int64)

    def _decided(self, entry: Entry, said: _Said) -> None:
        self.seen(entry.time_us)
        bucket, (amount, currency) = bucket_of(said.score), self._amount_of(entry.body)
        self.all[bucket] += 1
        self.stopped += said.action in ("hold", "block")
        day = entry.time_us // DAY_US
        if day not in self.days:
            if len(self.days) >= DAYS_MAX:
                del self.days[min(self.days)]
            self.days[day] = np.zeros(BUCKETS, np.int64)
        self.days[day][bucket] += 1
        self._events[entry.event_id] = (bucket, amount if currency == self.currency else 0)
        if len(self._events) > EVENTS_MAX:  # the oldest is forgotten: a label so late is not counted any more
            oldest = next(iter(self._events))
            del self._events[oldest]
            self._said.pop(oldest, None)

    def _label(self, event_id: str, *, fraud: bool) -> None:
        if event_id not in self._events or self._said.get(event_id) == fraud:
            return
        bucket, amount = self._events[event_id]
        before = self._said.get(event_id)
        self._said[event_id] = fraud
        for said, by in ((before, -1), (fraud, 1)):
            if said is not None:
                (self.frauds if said else self.honest)[bucket] += by
                self.money[bucket] += by * amount * said
