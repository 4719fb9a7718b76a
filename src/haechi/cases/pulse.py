"""The pulse of a house: what it decides in these minutes, and the last rows of it, for who watches.

Fed by whoever follows the journal; times are those of the clock on the wall, for an event's own time may be any.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from heapq import merge
from itertools import islice
from typing import NamedTuple

import msgspec

from haechi.stores import Entry

__all__ = ["Pulse", "Rising", "Row"]

MINUTE_US = 60_000_000
MINUTES = 60
ROWS_MAX = 1_000
QUIET_MAX = 4_096  # of the last events that were allowed: their rows, and the percentile of what decisions took


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


class _Took(msgspec.Struct):
    timings_us: dict[str, int] = {}


_took = msgspec.json.Decoder(_Took).decode


def _took_us(entry: Entry) -> int:
    return sum(_took(entry.decision or b"{}").timings_us.values())


class Pulse:
    """Counts of the last hour, minute by minute, and the last rows; every call may come from any thread.

    What was allowed comes by the thousand and is hardly ever looked at: it stands here as it was written down, and is
    read when somebody asks.
    """

    def __init__(self, read: Callable[[Entry], Row]) -> None:
        """`read` makes a row of an entry."""
        self._read = read
        self._minutes: deque[tuple[int, Counter[str], Counter[str]]] = deque(maxlen=MINUTES + 1)
        self._rows: deque[Row] = deque(maxlen=ROWS_MAX)
        self._quiet: deque[Entry] = deque(maxlen=QUIET_MAX)
        self._seconds: deque[tuple[int, int]] = deque(maxlen=60)
        self._texts: dict[str, Mapping[str, str]] = {}
        self._slow_us = 0
        self.last_seq = 0
        self._lock = threading.Lock()

    def add(self, rows: Sequence[Row], now_us: int, quiet: Sequence[Entry] = ()) -> None:
        """Take up decisions that were just made; `quiet` are events that were simply allowed."""
        with self._lock:
            minute = now_us // MINUTE_US
            if not self._minutes or self._minutes[-1][0] != minute:
                self._minutes.append((minute, Counter(), Counter()))
            _, actions, reasons = self._minutes[-1]
            actions["allow"] += len(quiet)
            for row in rows:
                actions[row.action] += 1
                if row.action != "allow" and row.reason:
                    reasons[row.reason] += 1
                    self._texts[row.reason] = row.reason_text
                self._slow_us = now_us if row.degraded else self._slow_us
            second, count = self._seconds.pop() if self._seconds else (0, 0)
            if second != now_us // 1_000_000:
                self._seconds.append((second, count))
                second, count = now_us // 1_000_000, 0
            self._seconds.append((second, count + len(rows) + len(quiet)))
            self._keep(rows, quiet)

    def remember(self, rows: Sequence[Row], quiet: Sequence[Entry] = ()) -> None:
        """Take up decisions of before, which no clock of ours has seen: they are rows, and counted nowhere."""
        with self._lock:
            self._keep(rows, quiet)

    def _keep(self, rows: Sequence[Row], quiet: Sequence[Entry]) -> None:
        self._rows.extend(rows)
        self._quiet.extend(quiet)
        self.last_seq = max(self.last_seq, *(one.seq for some in (rows, quiet) for one in some[-1:]), 0)

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
            quiet, rows = list(self._quiet), list(self._rows)
        since = quiet[0].seq if len(quiet) == QUIET_MAX else 0
        times = sorted([row.took_us for row in rows if row.seq >= since] + [_took_us(one) for one in quiet])
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
            rows = [r for r in reversed(self._rows) if r.seq > after_seq and not (stopped and r.action == "allow")]
            quiet = [] if stopped else [one for one in reversed(self._quiet) if one.seq > after_seq]
        return list(islice(self._newest(rows, quiet), limit))

    def allowed(self, after_seq: int) -> list[int]:
        """The numbers of what was allowed behind a number and is still here, the newest first."""
        with self._lock:
            rows = [row.seq for row in self._rows if row.action == "allow" and row.seq > after_seq]
            return sorted(rows + [one.seq for one in self._quiet if one.seq > after_seq], reverse=True)

    def some(self, numbers: Set[int]) -> list[Row]:
        """The rows of these numbers that are still here, the newest first."""
        with self._lock:
            rows = [row for row in reversed(self._rows) if row.seq in numbers]
            quiet = [one for one in reversed(self._quiet) if one.seq in numbers]
        return list(self._newest(rows, quiet))

    def _newest(self, rows: Sequence[Row], quiet: Sequence[Entry]) -> Iterator[Row]:
        both: Iterator[Row | Entry] = merge(rows, quiet, key=lambda one: -one.seq)
        return (one if isinstance(one, Row) else self._read(one) for one in both)

    def is_slow(self, now_us: int) -> bool:
        """Whether a detector was left out of a decision in the last five minutes."""
        return self._slow_us > now_us - 5 * MINUTE_US
