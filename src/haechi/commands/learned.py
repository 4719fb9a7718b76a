"""What a server tells about learning: label delays, data sets and their cards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from haechi.api import Figure
from haechi.api.errors import NotFound
from haechi.learning.errors import DataSetNotFound
from haechi.learning.frozen import DataSets
from haechi.learning.labels import delays, revised, table_of
from haechi.stores import Home, Journal, LabelRow

__all__ = ["LabelDelays", "Learned"]

NEWEST = 10_000  # labels that delays are taken from
KEPT = 2_000  # delays kept for each source and typology
GROUPS_MAX = 200  # a typology too many is counted with the unnamed ones
QUANTILES = (0.5, 0.9)


class LabelDelays:
    """How long the newest frauds took to be told, by source and typology."""

    def __init__(self, labels: Iterable[LabelRow]) -> None:
        """Begin with what was told before; `labels` come in any order."""
        self._seconds: dict[tuple[str, str], deque[float]] = {}
        for one in labels:
            self.add(one)

    def add(self, label: LabelRow) -> None:
        """Count one more fraud; other labels, and those without the event's time, tell no delay."""
        if not label.fraud or not label.event_us:
            return
        key = label.found_by, label.typology
        if key not in self._seconds and len(self._seconds) >= GROUPS_MAX:
            key = label.found_by, ""
        seconds = max(label.known_at_us - label.event_us, 0) / 1e6
        self._seconds.setdefault(key, deque(maxlen=KEPT)).append(seconds)

    def figures(self) -> Iterator[Figure]:
        """Median and 90 % for Prometheus."""
        for (kind, typology), seconds in sorted(self._seconds.items()):
            for q in QUANTILES:
                labels = (("source", kind), ("typology", typology), ("quantile", f"{q:g}"))
                value = float(np.quantile(np.array(seconds), q, method="higher"))
                yield Figure("haechi_label_delay_seconds", "From a fraud to its label.", "gauge", value, labels)


class Learned:
    """The learning desk of one home; its calls come from threads."""

    def __init__(self, home: Home, journal: Journal) -> None:
        self._journal, self._sets = journal, DataSets(home.datasets)

    def label_delays(self) -> dict[str, Any]:
        """Delays of the newest labels, by source and typology; "all" is all of them."""
        table = table_of(reversed(self._journal.newest_labels(NEWEST)))
        return {
            "labels": table.height,
            "newest": NEWEST,
            "revised": revised(table),
            "delays": [one._asdict() for one in delays(table)],
        }

    def datasets(self) -> dict[str, Any]:
        """Every data set's card, without its columns."""
        return {"datasets": [{k: v for k, v in one.card.items() if k != "columns"} for one in self._sets.all()]}

    def dataset(self, name: str) -> dict[str, Any]:
        """One card in full."""
        try:
            return self._sets.find(name).card
        except DataSetNotFound as error:
            raise NotFound(str(error)) from None
