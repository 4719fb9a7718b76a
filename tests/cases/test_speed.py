"""A queue of 100,000 open alerts: a page within 50 ms of processor time, wherever it stands and whatever is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import apsw

from haechi.stores.calls import rank_of

from .making import HOUR_US, NOW_US, Work

ALERTS = 100_000
PAGE_CPU_S_MAX = 0.05


def fill(work: Work) -> None:
    """Open alerts straight into the table, as that many decisions would have."""
    columns = (
        "seq, id, event_id, action, created_us, state, subject, amount, currency, expected_loss, urgency, rank,"
        " opened_us, due_us, level"
    )

    def rows(first: int) -> list[tuple[object, ...]]:
        found = []
        for n in range(first, first + 10_000):
            urgency, opened = n * 7_919 % 1_000_003, NOW_US - n * 1_000_000
            due = opened + HOUR_US
            found.append((
                n, f"a-{n}", f"e-{n}", "hold" if n % 1_000 else "block", opened, "new", f"customer:{n}", 5_000, "KRW",
                urgency, urgency, rank_of(urgency, due), opened, due, 0 if n % 500 else 1,
            ))  # fmt: skip
        return found

    for first in range(1, ALERTS, 10_000):
        sql = f"INSERT INTO alerts ({columns}) VALUES ({', '.join('?' * 15)})"
        part = rows(first)
        work.store.journal.submit(partial(_insert, sql, part)).result(60)


def _insert(sql: str, part: list[tuple[object, ...]], connection: apsw.Connection) -> None:
    connection.executemany(sql, part)


def cpu_s(call: Callable[[], object]) -> float:
    """The best of three, in seconds of this thread's processor time."""
    best = 1e9
    for _ in range(3):
        start = time.thread_time()
        call()
        best = min(best, time.thread_time() - start)
    return best


def test_pages_of_a_long_queue_are_quick(tmp_path: Path) -> None:
    work = Work(tmp_path / "h.db")
    fill(work)
    alerts = work.desk.alerts
    middle = alerts.queue(limit=1_000).next or ""
    asked: dict[str, Callable[[], object]] = {
        "first page": lambda: alerts.queue(limit=50),
        "page behind 1,000": lambda: alerts.queue(limit=50, cursor=middle),
        "level 1": lambda: alerts.queue(level=1, limit=50),
        "blocked": lambda: alerts.queue(action="block", limit=50),
        "nobody's": lambda: alerts.queue(holder="ana", limit=50),
        "one customer": lambda: alerts.queue(subject="customer:77", limit=50),
        "one alert": lambda: alerts.alert("a-77"),
        "next": lambda: work.desk.alerts.next("ana"),
    }
    took = {name: cpu_s(call) for name, call in asked.items()}
    print({name: f"{seconds * 1_000:.1f} ms" for name, seconds in took.items()})
    assert {name for name, seconds in took.items() if seconds > PAGE_CPU_S_MAX} == set()
    assert [a.id for a in alerts.queue(subject="customer:77").alerts] == ["a-77"]
    print(f"counts {cpu_s(alerts.counts) * 1_000:.1f} ms")
    work.store.close()
