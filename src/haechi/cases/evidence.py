"""The evidence pack of a case: all that was decided, said and done, in one JSON that can be checked without this house.

Every decision stands there as it was written down, with SHA-256 of body and decision, its number in the journal and the
digest of the features that it was taken from; `sha256` is of the pack itself without that line. Whoever holds the home
can find each entry again and compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from haechi.cases.alerts import Alerts
from haechi.cases.case import Cases
from haechi.cases.keeping import Keeping
from haechi.cases.notes import Notes
from haechi.cases.office import Office, checked
from haechi.cases.refunds import Refunds
from haechi.stores import Entry, LabelRow

__all__ = ["Evidence", "Past", "sound"]

FORMAT = "haechi-evidence-1"
EVENTS_MAX = 5_000
REASON_CHARS_MAX = 500


class Past:
    """What the journal knows: an event's entry and what was said about it since."""

    def __init__(self, entry: Callable[[str], Entry | None], labels: Callable[[str], list[LabelRow]]) -> None:
        self.entry, self.labels = entry, labels


class Evidence:
    """Makes evidence packs."""

    def __init__(
        self, office: Office, cases: Cases, alerts: Alerts, notes: Notes, refunds: Refunds, keeping: Keeping, past: Past
    ) -> None:  # fmt: skip
        self._office, self._keeping, self.past = office, keeping, past
        self._cases, self._alerts, self._notes, self._refunds = cases, alerts, notes, refunds

    def pack(self, case_id: int, person: str, reason: str) -> bytes:
        """The pack of a case as JSON; who took it, why, and its SHA-256 are written down before it leaves."""
        checked("a reason", reason, REASON_CHARS_MAX, needed=True)
        content = self._content(case_id, person, reason)
        plain = encoded(content)
        content["sha256"] = hashlib.sha256(plain).hexdigest()
        told = encoded(content)
        query = f"case={case_id}&sha256={hashlib.sha256(told).hexdigest()}"
        self._keeping.export(person, "evidence", query, reason, len(content["events"]))
        return told

    def _content(self, case_id: int, person: str, reason: str) -> dict[str, Any]:
        case = self._cases.case(case_id)
        alerts = [self._alerts.alert(one.id) for one in case.alerts]
        refunds = [self._refunds.refund(number) for number in case.refunds]
        named = dict.fromkeys([c.event_id for a in alerts for c in a.called] + [r.event_id for r in refunds])
        events = list(named)
        return {
            "format": FORMAT, "made": {"by": person, "at_us": self._office.now_us(), "reason": reason},
            "case": msgspec.to_builtins(case),
            "alerts": [
                {**msgspec.to_builtins(one), "notes": msgspec.to_builtins(self._notes.of("alert", one.id))}
                for one in alerts
            ],
            "refunds": [
                {**msgspec.to_builtins(one), "notes": msgspec.to_builtins(self._notes.of("refund", str(one.id)))}
                for one in refunds
            ],
            "events": [self._event(id_) for id_ in events[:EVENTS_MAX]],
            "events_left_out": events[EVENTS_MAX:],
        }  # fmt: skip

    def _event(self, id_: str) -> dict[str, Any]:
        entry = self.past.entry(id_)
        if entry is None:
            return {"id": id_, "journal": None}
        return {
            "id": id_, "journal": entry.seq, "time_us": entry.time_us, "features": f"{entry.digest:016x}",
            "body": msgspec.Raw(entry.body), "body_sha256": hashlib.sha256(entry.body).hexdigest(),
            "decision": None if entry.decision is None else msgspec.Raw(entry.decision),
            "decision_sha256": None if entry.decision is None else hashlib.sha256(entry.decision).hexdigest(),
            "labels": msgspec.to_builtins(self.past.labels(id_)),
        }  # fmt: skip


def encoded(content: dict[str, Any]) -> bytes:
    """A pack as JSON; the bytes of events and decisions stay as they came."""
    return msgspec.json.encode(content)


def sound(pack: bytes) -> bool:
    """Whether a pack is as it was given out: by itself, without this house."""
    content = msgspec.json.decode(pack, type=dict[str, msgspec.Raw])
    said = msgspec.json.decode(content.pop("sha256", msgspec.Raw(b'""')))
    return bool(hashlib.sha256(msgspec.json.encode(content)).hexdigest() == said)
