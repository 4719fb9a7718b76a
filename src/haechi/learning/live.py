"""How a model is used: it learns from every label known at its moment and judges what comes next, labels flowing on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haechi.learning.dataset import Events, Index
from haechi.learning.errors import BadProtocol
from haechi.learning.protocol import LEAST_TO_LEARN, Round

REHEARSALS = 3
# Each rehearsal judges this share of the history.
JUDGED_SHARE = 0.1
# Nearly all labels have arrived after this share of their delays.
DELAY_QUANTILE = 0.95


@dataclass(frozen=True)
class Live:
    """Train now on all that is known; rehearse the same on earlier moments."""

    until_us: int

    @property
    def name(self) -> str:
        """How the report calls it."""
        return "live"

    def training(self, events: Events) -> Index:
        """Every event whose label is known by now."""
        known = events.labelled
        return known[(events.known_at_us[known] <= self.until_us) & (events.time_us[known] <= self.until_us)]

    def rehearsals(self, events: Events) -> list[Round]:
        """Earlier moments, newest first: what was known then teaches, what followed (and is known now) judges."""
        known = self.training(events)
        if not len(known):
            raise BadProtocol("no event has a known label yet: import labels, or train later")
        delays = events.known_at_us[known] - events.time_us[known]
        delay = int(np.quantile(delays, DELAY_QUANTILE, method="higher"))
        history = self.until_us - int(events.time_us[0])
        span = int(JUDGED_SHARE * max(history - delay, 0))
        ends = [self.until_us - delay - i * span for i in range(REHEARSALS)]
        rounds = [self._round(events, known, end - span, end) for end in ends]
        found = [r for r in rounds if not r.lacks(events)]
        if not found:
            raise BadProtocol(
                f"{len(known)} known labels over {history // 86_400_000_000} days are too few to rehearse with: "
                f"a tenth of the history must hold a fraud to judge, what lies before it {LEAST_TO_LEARN} to learn from"
            )
        return found

    def _round(self, events: Events, known: Index, moment_us: int, end_us: int) -> Round:
        train = known[(events.known_at_us[known] <= moment_us) & (events.time_us[known] < moment_us)]
        test = known[(events.time_us[known] >= moment_us) & (events.time_us[known] < end_us)]
        day = events.day[test] if events.day is not None else None
        return Round(str(np.datetime64(moment_us, "us").astype("datetime64[m]")), train, test, day, None, moment_us)
