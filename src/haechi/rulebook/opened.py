"""The rule desk of an open house, for its people at the console."""

from __future__ import annotations

import time
from collections.abc import Callable

from haechi.app import OpenHouse
from haechi.restore import event_of, recent_us
from haechi.rulebook.desk import Desk
from haechi.rulebook.figures import RuleFigures
from haechi.rulebook.people import People

__all__ = ["people_of"]

REFUNDED = "SELECT event_id FROM refunds WHERE state = 'paid' ORDER BY id DESC LIMIT 10000"


def people_of(opened: OpenHouse, desk: Desk, now_us: Callable[[], int]) -> People:
    """The desk that decides, with figures from its journal."""
    home = opened.schema.currency

    def amount_of(body: bytes) -> tuple[int, str]:
        event = event_of(opened.schema, body)
        return event.amount or 0, event.currency or home

    def refunded() -> list[str]:
        return [row[0] for row in opened.store.tables.rows(REFUNDED)]

    def ends_us() -> int:
        return recent_us(opened.archive, opened.store.journal) or 0

    figures = RuleFigures(opened.store.journal, amount_of, time.perf_counter_ns)
    return People(opened.rulebook, desk, figures, ends_us, refunded, now_us)
