"""The desk: everything that people do in one house, and what the clock does for them."""

from __future__ import annotations

from haechi.cases.alerts import Alerts
from haechi.cases.notes import Notes
from haechi.cases.office import Office
from haechi.cases.verdicts import Verdicts

__all__ = ["CaseDesk"]


class CaseDesk:
    """Alerts, verdicts, notes; every call may come from any thread."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.alerts = Alerts(office)
        self.verdicts = Verdicts(office, self.alerts)
        self.notes = Notes(office)
        self.counts = self.alerts.counts()

    def sweep(self) -> int:
        """Do what is due: unlock, wake, make verdicts final; says how much was done."""
        return self.alerts.sweep() + self.verdicts.sweep()

    def count(self) -> None:
        """Count what the metrics show: it takes too long to be done whenever somebody asks."""
        self.counts = self.alerts.counts()
