"""A history as a stream: train, judge what comes until the next training, train again; the prequential protocol.

Every event is judged before its label can teach, by models that only knew what was known then (Dawid, Statistical
theory: the prequential approach, JRSS A 1984; Gama et al., On evaluating stream learning algorithms, Machine Learning
2013). The same run shows what retraining is worth: the first model is kept beside, and one that is replaced four times
as seldom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from haechi.learning.dataset import DAY_US, Events, Index
from haechi.learning.errors import BadProtocol
from haechi.learning.protocol import REHEARSALS_MAX, Round, known_before, read_duration, stamp

# Rehearsals are whole: nearly all labels of what they judge have arrived.
DELAY_QUANTILE = 0.95
ROUNDS_MAX = 1_000


@dataclass(frozen=True)
class Retrain:
    """Train every so often from a moment on, on all that is known by then or on a span of it."""

    every_us: int
    start_us: int
    train_us: int | None = None
    drop_known: bool = False

    @property
    def name(self) -> str:
        """How the report calls it."""
        return "retrain"

    def rounds(self, events: Events) -> list[Round]:
        """One round for each training, earliest first; the last one may judge a shorter span."""
        last = int(events.time_us[-1])
        moments = range(self.start_us, last + 1, self.every_us)
        if not 1 <= len(moments) <= ROUNDS_MAX:
            raise BadProtocol(
                f"{len(moments)} trainings between the start and the last event: 1 to {ROUNDS_MAX} are possible; "
                "start earlier or train less often"
            )
        found = [self._round(events, moment) for moment in moments]
        return found if len(found[-1].test) else found[:-1]

    def rehearsals(self, events: Events, outer: Round) -> list[Round]:
        """The trainings before this one whose judged labels are known by now, newest first."""
        known = events.labelled
        delays = events.known_at_us[known] - events.time_us[known]
        delay = int(np.quantile(delays, DELAY_QUANTILE, method="higher"))
        found: list[Round] = []
        moment = outer.moment_us - self.every_us * (1 + -(-delay // self.every_us))
        while len(found) < REHEARSALS_MAX and moment > int(events.time_us[0]):
            one = self._round(events, moment).known_by(events, outer.moment_us)
            if one.lacks(events):
                break
            found.append(one)
            moment -= self.every_us
        if not found:
            raise BadProtocol(
                f"the training of {outer.name} cannot be rehearsed: start later, when there are frauds to learn "
                "from and frauds to judge before it"
            )
        return found

    def _round(self, events: Events, moment_us: int) -> Round:
        times = events.time_us
        first_us = int(times[0]) if self.train_us is None else moment_us - self.train_us
        span = np.arange(*np.searchsorted(times, [first_us, moment_us]))
        train = span[(events.y[span] >= 0) & (events.known_at_us[span] <= moment_us)]
        test = np.arange(*np.searchsorted(times, [moment_us, moment_us + self.every_us]))
        test = test[events.y[test] >= 0]
        if self.drop_known:
            test = test[~self._known(events, moment_us, test)]
        day = events.day[test] if events.day is not None else None
        return Round(stamp(moment_us), train, test, day, None, moment_us)

    def _known(self, events: Events, moment_us: int, test: Index) -> np.ndarray:
        known = events.labelled
        delay = int(np.median(events.known_at_us[known] - events.time_us[known]))
        recent_us = moment_us - delay - self.every_us
        return known_before(events, recent_us, moment_us, test, (events.time_us[test] - moment_us) // DAY_US)


def read_stream(
    every: str, start: str, train: str | None, events: Events, *, moment: int | None = None, drop_known: bool = False
) -> Retrain:
    """The protocol that words name; spans are durations, or shares of the history such as "5%".

    `moment` is the start where it is a date; otherwise `start` is a share of the history.
    """
    first, whole = int(events.time_us[0]), int(events.time_us[-1]) - int(events.time_us[0])
    start_us = moment if moment is not None else first + _span(start, whole)
    return Retrain(_span(every, whole), start_us, None if train is None else _span(train, whole), drop_known)


def _span(text: str, whole_us: int) -> int:
    share = re.fullmatch(r"(\d{1,2}(?:\.\d{1,4})?)%", text.strip())
    span = round(float(share[1]) / 100 * whole_us) if share else read_duration(text)
    if span <= 0:
        raise BadProtocol(f"{text!r} is no span: write a duration such as 7d, or a share of the history such as 5%")
    return span
