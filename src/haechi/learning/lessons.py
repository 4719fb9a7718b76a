"""A lesson is a round with its feature rows: thinned and weighted rows to learn from, whole rows to judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt

from haechi.detectors.boosting import Plan, check_trainable, plans, thin
from haechi.learning.dataset import Events, Index, Labels, Rows, Source
from haechi.learning.protocol import Round

Weights = npt.NDArray[np.float64]

BYTES_MAX = 2 << 30
DRIFT_RATIO = 1.5
DRIFT_SIGMA = 4.0
HALF_LIFE_SHARE = 0.3


@dataclass(frozen=True)
class Lesson:
    """Rows to learn from, each standing for some events, and rows to judge."""

    name: str
    train_rows: Rows
    train_y: Labels
    weights: Weights
    test_rows: Rows
    test_y: Labels
    plans: tuple[Plan, ...]
    recency: float | None


class Lessons:
    """Fetches the feature rows of rounds: rounds that see the same labels share one replay."""

    def __init__(
        self, source: Source, rounds: Sequence[Round], *, seed: int, recency: float | None, plans_max: int = 3
    ) -> None:
        self.source, self.seed, self.recency, self.plans_max = source, seed, recency, plans_max
        self.seconds = 0.0
        self._samples = {r.name: self._sample(r) for r in rounds}
        shared = [r for r in rounds if r.visible is None]
        self._shared_keep = _union([self._samples[r.name][0] for r in shared] + [r.test for r in shared])
        self._shared: Rows | None = None
        self._own: dict[str, tuple[Index, Rows]] = {}

    def of(self, one: Round) -> Lesson:
        """The lesson of a round."""
        keep, rows = self._rows(one)
        train, weights, recency = self._samples[one.name]
        y = self.source.events.y
        positives, width = int((y[one.train] == 1).sum()), rows.shape[1]
        return Lesson(
            name=one.name,
            train_rows=rows[np.searchsorted(keep, train)],
            train_y=y[train],
            weights=weights,
            test_rows=rows[np.searchsorted(keep, one.test)],
            test_y=y[one.test],
            plans=plans(positives, len(train), width)[: self.plans_max],
            recency=recency,
        )

    def _sample(self, one: Round) -> tuple[Index, Weights, float | None]:
        """Thinned training rows, how many events each stands for, and the half-life used, if any."""
        events = self.source.events
        check_trainable(events.y[one.train])
        kept, weights = thin(events.y[one.train], seed=self.seed)
        train = one.train[kept]
        if events.weight is not None:
            weights = weights * events.weight[train]
        recency = self.recency
        if recency is None:
            recency = drift_half_life(events, one.train) if one.in_time else 0.0
        if recency:
            weights = weights * recency_weights(events.time_us[train], recency)
        return train, weights, recency or None

    def _rows(self, one: Round) -> tuple[Index, Rows]:
        if one.visible is None:
            if self._shared is None:
                self._shared = self._replay(self._shared_keep, one)
            return self._shared_keep, self._shared
        if one.name not in self._own:
            keep = _union([self._samples[one.name][0], one.test])
            self._own[one.name] = (keep, self._replay(keep, one))
            self._forget()
        return self._own[one.name]

    def _replay(self, keep: Index, one: Round) -> Rows:
        start = perf_counter()
        rows = self.source.rows(keep, one.visible)
        self.seconds += perf_counter() - start
        return rows

    def _forget(self) -> None:
        """Drop the oldest rows when together they take too much room; they are replayed again when needed."""
        while len(self._own) > 1 and sum(rows.nbytes for _, rows in self._own.values()) > BYTES_MAX:
            del self._own[next(iter(self._own))]


def recency_weights(time_us: Index, half_life_share: float) -> Weights:
    """Weights that halve with every so large a share of the training span, scaled to a mean of one."""
    span = max(int(time_us[-1]) - int(time_us[0]), 1)
    age = (int(time_us[-1]) - time_us) / span
    weights = 0.5 ** (age / half_life_share)
    return np.asarray(weights / weights.mean())


def drift_half_life(events: Events, train: Index) -> float:
    """The default half-life where the fraud rate has moved inside the training span; 0 where it has not.

    Moved means: the last quarter of the labelled rows has a rate other than the rest by half or more, beyond chance.
    """
    y = events.y[train] == 1
    border = 3 * len(y) // 4
    before, after = y[:border], y[border:]
    if not len(before) or not len(after):
        return 0.0
    low, high = sorted([float(before.mean()), float(after.mean())])
    pooled = float(y.mean())
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(before) + 1 / len(after)))
    return HALF_LIFE_SHARE if high > DRIFT_RATIO * low and high - low > DRIFT_SIGMA * error else 0.0


def _union(parts: Sequence[Index]) -> Index:
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)
