"""Early warning: events that surprise although no model suspects them, gathered by what is surprising about them.

A new way of cheating shows before anybody reports it: more events than usual are unusual in the same way, and the
supervised model, which has never seen the like, thinks nothing of them. Which views are surprised (a new payee, a new
device, an odd hour ...) makes the kind; a kind that grows beyond its quiet days is told with its newest examples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from haechi.features import Spec

__all__ = ["Novelty"]

PREFIX = "behaviour.surprise_"
ALL = f"{PREFIX}all"
BITS_MIN = 6.0  # a view is surprised when the like happens once in 64 times
TOGETHER_MIN = 10.0  # and the whole once in a thousand
VIEWS_MAX = 2


class Novelty:
    """Names the kind of surprise of each event; '' for ordinary events and for those that the model suspects."""

    def __init__(self, spec: Spec) -> None:
        views = ("habit", "counterpart", "burst", "drain", "all", "run", "heat")
        self._kinds = [n.removeprefix(PREFIX) for n in spec.names if n.startswith(PREFIX)]
        self._kinds = [kind for kind in self._kinds if kind not in views]
        self._columns = np.array([spec.index(PREFIX + kind) for kind in self._kinds], np.int64)
        self._all = spec.index(ALL) if ALL in spec.names else -1

    def kinds(
        self, rows: npt.NDArray[np.float32], probability: npt.NDArray[np.float64], suspected_from: float,
        event_kinds: Sequence[str],
    ) -> list[str]:  # fmt: skip
        """One word an event: the event's kind and the views that are surprised most, at most two."""
        found = [""] * len(rows)
        if not len(self._columns):
            return found
        bits = np.nan_to_num(rows[:, self._columns], nan=0.0)
        whole = bits.sum(1) if self._all < 0 else np.nan_to_num(rows[:, self._all], nan=0.0)
        odd = (whole >= TOGETHER_MIN) & (bits.max(1) >= BITS_MIN) & ~(probability >= suspected_from)
        for i in np.flatnonzero(odd).tolist():
            order = np.argsort(-bits[i], kind="stable")[:VIEWS_MAX]
            loud = sorted(self._kinds[at] for at in order.tolist() if bits[i, at] >= BITS_MIN)
            found[i] = f"{event_kinds[i]}: {' + '.join(loud)}"
        return found
