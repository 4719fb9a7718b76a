"""The rule desk of an open house, for its people at the console."""

from __future__ import annotations

import time
from collections.abc import Callable

from haechi.app import OpenHouse
from haechi.restore import event_of, recent_us
from haechi.rulebook.desk import Desk
from haechi.rulebook.figures import RuleFigures
from haechi.rulebook.people import People
from haechi.rulebook.scores import ScoreFigures

__all__ = ["amounts_of", "people_of", "scores_of"]

REFUNDED = "SELECT event_id FROM refunds WHERE state = 'paid' ORDER BY id DESC LIMIT 10000"


def people_of(opened: OpenHouse, desk: Desk, now_us: Callable[[], int]) -> People:
    """The desk that decides, with figures from its journal."""
    amount_of = amounts_of(opened)

    def refunded() -> list[str]:
        return [row[0] for row in opened.store.tables.rows(REFUNDED)]

    def ends_us() -> int:
        return recent_us(opened.archive, opened.store.journal) or 0

    figures = RuleFigures(opened.store.journal, amount_of, time.perf_counter_ns)
    return People(opened.rulebook, desk, figures, ends_us, refunded, now_us)


def scores_of(opened: OpenHouse) -> ScoreFigures:
    """How its scores lie in life."""
    return ScoreFigures(opened.store.journal, amounts_of(opened), opened.schema.currency, time.perf_counter_ns)


def amounts_of(opened: OpenHouse) -> Callable[[bytes], tuple[int, str]]:
    """Reads amount and currency of a body."""
    home = opened.schema.currency

    def amount_of(body: bytes) -> tuple[int, str]:
        event = event_of(opened.schema, body)
        return event.amount or 0, event.currency or home

    return amount_of
