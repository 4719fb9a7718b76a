"""The desk: everything that people do in one house, and what the clock does for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from haechi.cases.alerts import Alerts, QueueCounts
from haechi.cases.attachments import Attachments
from haechi.cases.case import Cases
from haechi.cases.challenges import Challenges
from haechi.cases.deeds import Deeds
from haechi.cases.evidence import Evidence, Past
from haechi.cases.keeping import Keeping
from haechi.cases.notes import Notes
from haechi.cases.office import Office
from haechi.cases.refunds import RefundMeasure, Refunds
from haechi.cases.verdicts import Verdicts
from haechi.cases.warnings import Judged, WarningFigures, Warnings
from haechi.cases.webhooks import Send, Webhooks

__all__ = ["CaseDesk", "Numbers"]


class Numbers(msgspec.Struct, frozen=True):
    """What the metrics show, as it was counted last."""

    alerts: QueueCounts
    refunds: RefundMeasure
    warnings: WarningFigures
    deliveries: int
    challenges: int = 0
    cases: int = 0


class CaseDesk:
    """Alerts, cases, challenges, refunds, warnings, webhooks; every call may come from any thread.

    `judged` finds an event with its decision, `folder` holds attachments, `key` is the home's secret for webhooks,
    `send` brings a message to an address, and `past` finds entries of the journal for evidence.
    """

    def __init__(
        self, office: Office, judged: Callable[[str], Judged | None], folder: Path, key: bytes, send: Send, past: Past
    ) -> None:
        self.office = office
        self.alerts = Alerts(office)
        self.verdicts = Verdicts(office, self.alerts)
        self.notes = Notes(office)
        self.cases = Cases(office, self.alerts, self.notes)
        self.attachments = Attachments(office, self.cases, folder)
        self.challenges = Challenges(office)
        self.refunds = Refunds(office, judged)
        self.warnings = Warnings(office, judged)
        self.webhooks = Webhooks(office, key, send)
        self.keeping = Keeping(office)
        self.deeds = Deeds(office)
        self.evidence = Evidence(office, self.cases, self.alerts, self.notes, self.refunds, self.keeping, past)
        self.numbers = self._counted()

    def sweep(self) -> int:
        """Do what is due: unlock, wake, make verdicts final, end challenges, spread the word; says how much."""
        done = self.alerts.sweep() + self.verdicts.sweep() + self.challenges.sweep()
        return done + self.webhooks.spread()

    def count(self) -> None:
        """Count what the metrics show: it takes too long to be done whenever somebody asks."""
        self.numbers = self._counted()

    def money_since(self, since_us: int) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """By currency, in minor units: what alerts since then were about, what of it is fraud, what was refunded."""
        asked = {"since": since_us}
        tables = self.office.tables
        stopped = tables.rows(
            "SELECT currency, SUM(amount) FROM alerts WHERE opened_us >= :since AND state <> 'folded'"
            " AND amount IS NOT NULL GROUP BY currency",
            asked,
        )
        fraud = tables.rows(
            "SELECT a.currency, SUM(a.amount) FROM verdicts v JOIN alerts a ON a.seq = v.alert_seq"
            " WHERE v.at_us >= :since AND v.verdict = 'fraud' AND v.state <> 'undone' AND a.amount IS NOT NULL"
            " GROUP BY a.currency",
            asked,
        )
        refunded = tables.rows(
            "SELECT r.currency, SUM(m.amount) FROM refund_money m JOIN refunds r ON r.id = m.refund_id"
            " WHERE m.kind = 'paid' AND m.at_us >= :since GROUP BY r.currency",
            asked,
        )
        found = [{currency: int(amount) for currency, amount in rows} for rows in (stopped, fraud, refunded)]
        return found[0], found[1], found[2]

    def _counted(self) -> Numbers:
        return Numbers(
            self.alerts.counts(), self.refunds.measure(), self.warnings.figures(), self.webhooks.waiting(),
            self.challenges.counts().get("waiting", 0), self.cases.open_count(),
        )  # fmt: skip
