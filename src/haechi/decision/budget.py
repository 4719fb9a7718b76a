"""The alert budget: a person is called only for the most urgent so many events of the last 24 hours.

A budget is a rank and never a fixed score: when fraud or traffic changes, a score lets through too many or too few.
Event time is used, so that a replay ranks the same.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque

HOUR_US = 3_600_000_000
HOURS = 24


class Budget:
    """Ranks an event among those of the last 24 hours that would call a person.

    Each hour keeps only its `alerts_per_day` most urgent events: enough to know whether that many are more urgent.
    """

    def __init__(self, alerts_per_day: int | None) -> None:
        self.alerts_per_day = alerts_per_day
        self._hours: deque[tuple[int, list[float]]] = deque()

    def admits(self, time_us: int, urgency: float) -> bool:
        """Take note of an event that would call a person, and say whether it is urgent enough."""
        limit = self.alerts_per_day
        if limit is None:
            return True
        hour = time_us // HOUR_US
        if not self._hours or hour > self._hours[-1][0]:
            self._hours.append((hour, []))
            while self._hours[0][0] <= hour - HOURS:
                self._hours.popleft()
        more_urgent = sum(len(kept) - bisect_right(kept, urgency) for _, kept in self._hours)
        # An event that comes late counts in the newest hour.
        newest = self._hours[-1][1]
        insort(newest, urgency)
        if len(newest) > limit:
            del newest[0]
        return more_urgent < limit

    def kept(self) -> list[tuple[int, list[float]]]:
        """What it remembers of the last 24 hours, for a snapshot."""
        return [(hour, list(urgencies)) for hour, urgencies in self._hours]

    def restore(self, kept: list[tuple[int, list[float]]]) -> None:
        """Take up what was remembered when a snapshot was taken."""
        self._hours = deque((hour, list(urgencies)) for hour, urgencies in kept)
