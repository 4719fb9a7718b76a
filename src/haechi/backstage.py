"""The house as the console sees it: what api's front is for machines, this is for people."""

from __future__ import annotations

import time

from haechi.app import OpenHouse, now_us
from haechi.cases import CaseDesk
from haechi.console.ruledesk import RuleDesk
from haechi.front import HouseFront
from haechi.restore import event_of
from haechi.rulebook.figures import RuleFigures
from haechi.rulebook.people import People
from haechi.security import StoredKey

__all__ = ["Backstage"]

SUPERVISED = "supervised"
_REFUNDED = "SELECT event_id FROM refunds WHERE state = 'paid' ORDER BY id DESC LIMIT 10000"


class Backstage:
    """What stands behind the console; every call comes from one of its threads."""

    def __init__(self, opened: OpenHouse, front: HouseFront) -> None:
        self._opened, self._front = opened, front
        self.rules = _rules(opened, front)
        self.models = None
        self.timezone = getattr(opened.schema.time, "timezone", "") or "UTC"

    @property
    def cases(self) -> CaseDesk:
        """What people do."""
        return self._front.cases

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        return self._opened.key(digest)

    def trouble(self) -> list[str]:
        """What does not work as it should."""
        found = []
        if self._opened.store.journal.broken is not None:
            found.append("journal")
        if not any(one.name == SUPERVISED for one in self._opened.house.detectors):
            found.append("model")
        return found


def _rules(opened: OpenHouse, front: HouseFront) -> RuleDesk:
    """The rule desk of a house that decides."""
    home = opened.schema.currency

    def amount_of(body: bytes) -> tuple[int, str]:
        event = event_of(opened.schema, body)
        return event.amount or 0, event.currency or home

    def refunded() -> list[str]:
        rows = opened.store.tables.rows(
            _REFUNDED
        )
        return [row[0] for row in rows]

    figures = RuleFigures(opened.store.journal, amount_of, time.perf_counter_ns)
    return People(opened.rulebook, front.rules, figures, lambda: opened.archive.last_us, refunded, now_us)
