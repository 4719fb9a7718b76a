"""The pulse of a house: what it decides in these minutes, and the last rows of it, for who watches.

Fed by whoever follows the journal; times are those of the clock on the wall, for an event's own time may be any.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

__all__ = ["Pulse", "Rising", "Row"]

MINUTE_US = 60_000_000
MINUTES = 60
ROWS_MAX = 1_000
TIMES_MAX = 4_096  # of the last decisions, for the percentile


class Row(NamedTuple):
    """One decision as the feed shows it; `seq` is its number in the journal."""

    seq: int
    event_id: str
    time_us: int
    kind: str
    action: str
    subject: str
    amount: int | None
    currency: str
    sentence: Mapping[str, str]
    reason: str = ""
    reason_text: Mapping[str, str] = {}
    took_us: int = 0
    degraded: bool = False


class Rising(NamedTuple):
    """A reason that is told more often than in the half hour before, as it was told last."""

    code: str
    text: Mapping[str, str]
    now: int
    before: int


class Pulse:
    """Counts of the last hour, minute by minute, and the last rows; every call may come from any thread."""

    def __init__(self) -> None:
        self._minutes: deque[tuple[int, Counter[str], Counter[str]]] = deque(maxlen=MINUTES + 1)
        self._rows: deque[Row] = deque(maxlen=ROWS_MAX)
        self._seconds: deque[tuple[int, int]] = deque(maxlen=60)
        self._times: deque[int] = deque(maxlen=TIMES_MAX)
        self._texts: dict[str, Mapping[str, str]] = {}
        self._slow_us = 0
        self.last_seq = 0
        self._lock = threading.Lock()

    def add(self, rows: list[Row], now_us: int) -> None:
        """Take up decisions that were just made."""
        with self._lock:
            minute = now_us // MINUTE_US
            if not self._minutes or self._minutes[-1][0] != minute:
                self._minutes.append((minute, Counter(), Counter()))
            _, actions, reasons = self._minutes[-1]
            for row in rows:
                actions[row.action] += 1
                if row.action != "allow" and row.reason:
                    reasons[row.reason] += 1
                    self._texts[row.reason] = row.reason_text
                self._times.append(row.took_us)
                self._rows.append(row)
                self._slow_us = now_us if row.degraded else self._slow_us
                self.last_seq = max(self.last_seq, row.seq)
            self._seconds.append((now_us // 1_000_000, len(rows)))

    def remember(self, rows: list[Row]) -> None:
        """Take up decisions of before, which no clock of ours has seen: they are rows, and counted nowhere."""
        with self._lock:
            self._rows.extend(rows)
            self.last_seq = max(self.last_seq, rows[-1].seq)

    def by_minute(self, now_us: int) -> dict[str, list[int]]:
        """Decisions of each of the last 60 minutes by action, the oldest first."""
        first = now_us // MINUTE_US - MINUTES + 1
        found = {action: [0] * MINUTES for action in ("allow", "challenge", "hold", "block")}
        with self._lock:
            for minute, actions, _ in self._minutes:
                for action, count in actions.items():
                    if minute >= first and action in found:
                        found[action][minute - first] = count
        return found

    def per_second(self, now_us: int) -> float:
        """Decisions a second, over the last ten seconds."""
        since = now_us // 1_000_000 - 10
        with self._lock:
            return sum(count for second, count in self._seconds if second > since) / 10

    def p99_us(self) -> int | None:
        """The 99th percentile of what decisions took inside, of the last few thousand."""
        with self._lock:
            times = sorted(self._times)
        return times[min(len(times) - 1, len(times) * 99 // 100)] if times else None

    def rising(self, now_us: int, top: int = 5) -> list[Rising]:
        """The reasons told most in the last half hour, beside the half hour before; rules that say the same are one."""
        half = now_us // MINUTE_US - MINUTES // 2
        now: Counter[str] = Counter()
        before: Counter[str] = Counter()
        with self._lock:
            for minute, _, reasons in self._minutes:
                (now if minute > half else before).update(reasons)
            known = now | before
            self._texts = {code: text for code, text in self._texts.items() if code in known}
            said = {code: tuple(sorted(text.items())) or code for code, text in self._texts.items()}
            found: dict[object, Rising] = {}
            for code, count in now.most_common():
                same = found.get(said[code], Rising(code, self._texts[code], 0, 0))
                found[said[code]] = same._replace(now=same.now + count, before=same.before + before[code])
        return sorted(found.values(), key=lambda one: -one.now)[:top]

    def rows(self, after_seq: int = 0, limit: int = 200, *, stopped: bool = True) -> list[Row]:
        """The newest rows behind a number, the newest first; `stopped` leaves out what was allowed."""
        with self._lock:
            found = (r for r in reversed(self._rows) if r.seq > after_seq and not (stopped and r.action == "allow"))
            return list(islice(found, limit))

    def is_slow(self, now_us: int) -> bool:
        """Whether a detector was left out of a decision in the last five minutes."""
        return self._slow_us > now_us - 5 * MINUTE_US
