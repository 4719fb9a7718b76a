"""How a model is used: it learns from the labels known at its moment and judges what comes next, labels flowing on.

The youngest events do not teach. Fraud is reported within hours, and that nobody complained is known only days later:
of the last days nothing is labelled but frauds, and a model would learn that whatever looks like now is one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haechi.learning.dataset import Events, Index
from haechi.learning.errors import BadProtocol
from haechi.learning.protocol import LEAST_TO_LEARN, Round

# Each rehearsal judges this share of the history.
JUDGED_SHARE = 0.1
# Nearly all labels have arrived after this share of their delays.
DELAY_QUANTILE = 0.95
# Most harmless events are known to be harmless after this share of their labels' delays: from then on both teach.
# Without it, on a town of 4,000 people, AP of the next weeks was .310 and .355 at two moments; with it .333, .415.
HARMLESS_QUANTILE = 0.75


@dataclass(frozen=True)
class Live:
    """Train now on all that is known of events old enough; rehearse the same on earlier moments."""

    until_us: int
    rehearsals_max: int = 3

    @property
    def name(self) -> str:
        """How the report calls it."""
        return "live"

    def training(self, events: Events) -> Index:
        """Every event whose label is known by now and whose like, had they been harmless, would be known too."""
        known = self._known(events)
        return self._taught(events, known, self.until_us, _young(events, known))

    def _known(self, events: Events) -> Index:
        known = events.labelled
        return known[(events.known_at_us[known] <= self.until_us) & (events.time_us[known] <= self.until_us)]

    @staticmethod
    def _taught(events: Events, known: Index, moment_us: int, young_us: int) -> Index:
        return known[(events.known_at_us[known] <= moment_us) & (events.time_us[known] < moment_us - young_us)]

    def rehearsals(self, events: Events) -> list[Round]:
        """Earlier moments, newest first: what was known then teaches, what followed (and is known now) judges."""
        known = self._known(events)
        if not len(known):
            raise BadProtocol("no event has a known label yet: import labels, or train later")
        delay = _delay(events, known)
        history = self.until_us - int(events.time_us[0])
        span = int(JUDGED_SHARE * max(history - delay, 0))
        ends = [self.until_us - delay - i * span for i in range(self.rehearsals_max)]
        young = _young(events, known)
        rounds = [self._round(events, known, end - span, end, young) for end in ends]
        found = [r for r in rounds if not r.lacks(events)]
        if not found:
            raise BadProtocol(
                f"{len(known)} known labels over {history // 86_400_000_000} days are too few to rehearse with: "
                f"a tenth of the history must hold a fraud to judge, what lies before it {LEAST_TO_LEARN} to learn from"
            )
        return found

    def _round(self, events: Events, known: Index, moment_us: int, end_us: int, young_us: int) -> Round:
        train = self._taught(events, known, moment_us, young_us)
        test = known[(events.time_us[known] >= moment_us) & (events.time_us[known] < end_us)]
        day = events.day[test] if events.day is not None else None
        return Round(str(np.datetime64(moment_us, "us").astype("datetime64[m]")), train, test, day, None, moment_us)


def _delay(events: Events, known: Index) -> int:
    """How long nearly all labels take."""
    if not len(known):
        return 0
    delays = events.known_at_us[known] - events.time_us[known]
    return int(np.quantile(delays, DELAY_QUANTILE, method="higher"))


def _young(events: Events, known: Index) -> int:
    """Up to which age hardly any event is known to be harmless yet."""
    harmless = known[events.y[known] == 0]
    if not len(harmless):
        return 0
    delays = events.known_at_us[harmless] - events.time_us[harmless]
    return int(np.quantile(delays, HARMLESS_QUANTILE, method="higher"))
