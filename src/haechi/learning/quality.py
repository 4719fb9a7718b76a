"""How well people judge: second opinions given unseen, and for each analyst, privately, what became of her verdicts.

Nobody else sees an analyst's figures: they are for learning, not for ranking. What everybody may see is how often two
people agree, without names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from haechi.learning.life.errors import NoSuchModel, NotAllowed
from haechi.stores import Tables

__all__ = ["Agreed", "Mine", "Quality", "kappa"]

VERDICTS = ("fraud", "legitimate", "unsure")
EVENTS_SHOWN = 50
SHARE_STEPS = 10_000


class Mine(msgspec.Struct, frozen=True):
    """One analyst's verdicts against what others than analysts found out later."""

    person: str
    verdicts: int
    matured: int
    right: int
    missed_frauds: int
    false_alarms: int
    second_looks: int
    agreed: int
    wrong_events: list[str]


class Agreed(msgspec.Struct, frozen=True):
    """Alerts that two people judged, how often alike, and Cohen's kappa (1 always, 0 no more than by chance)."""

    looked: int
    agreed: int
    share: float | None
    kappa: float | None


class Quality:
    """Second looks and feedback in one home; calls may come from any thread."""

    def __init__(self, tables: Tables, now_us: Callable[[], int], share: float, salt: bytes) -> None:
        """`share` of decided alerts are judged again; `salt` makes the draw one that nobody can foresee."""
        self._tables, self._now_us, self._share, self._salt = tables, now_us, share, salt

    def next(self, person: str) -> tuple[str, str, str] | None:
        """An alert that waits for this person's opinion (its id, event and subject); never one that she judged."""
        rows = self._tables.rows(
            "SELECT a.seq, a.id, a.event_id, a.subject FROM alerts a JOIN verdicts v ON v.alert_seq = a.seq"
            " WHERE v.state IN ('final', 'told') AND v.person <> :person AND NOT EXISTS ("
            "  SELECT 1 FROM second_looks s WHERE s.alert_seq = a.seq) ORDER BY a.seq DESC LIMIT 2000",
            {"person": person},
        )
        return next(((id_, event, subject) for seq, id_, event, subject in rows if self._drawn(seq)), None)

    def say(self, alert: str, person: str, verdict: str) -> Agreed:
        """Take a second opinion, once."""
        if verdict not in VERDICTS:
            raise NotAllowed(f"a verdict is {', '.join(VERDICTS)}, not {verdict[:40]!r}")
        rows = self._tables.rows(
            "SELECT a.seq, v.person FROM alerts a JOIN verdicts v ON v.alert_seq = a.seq"
            " WHERE a.id = :id AND v.state IN ('final', 'told')", {"id": alert},
        )  # fmt: skip
        if not rows:
            raise NoSuchModel(f"alert {alert[:80]!r} waits for no second opinion")
        if person in {who for _, who in rows}:
            raise NotAllowed("you judged this alert yourself: a second opinion is somebody else's")
        seq = rows[0][0]
        if self._tables.rows("SELECT 1 FROM second_looks WHERE alert_seq = :seq", {"seq": seq}):
            raise NotAllowed("somebody has given a second opinion on this alert already")
        row = {"alert_seq": seq, "person": person, "verdict": verdict, "at_us": self._now_us()}
        self._tables.do(lambda work: work.add("second_looks", row))
        return self.agreement()

    def agreement(self) -> Agreed:
        """How often two people agree."""
        pairs = self._pairs()
        alike = sum(a == b for a, b, *_ in pairs)
        share = alike / len(pairs) if pairs else None
        return Agreed(len(pairs), alike, share, kappa([(a, b) for a, b, *_ in pairs]))

    def mine(self, person: str) -> Mine:
        """What became of this person's verdicts: only labels that do not come from verdicts say who was right."""
        rows = self._tables.rows(
            "SELECT verdict, event_ids FROM verdicts WHERE person = :person AND state IN ('final', 'told')"
            " AND verdict <> 'unsure'", {"person": person},
        )  # fmt: skip
        told = [(verdict == "fraud", event) for verdict, ids in rows for event in msgspec.json.decode(ids)]
        known = [(said, truth, event) for said, event in told if (truth := self._truth(event)) is not None]
        missed = [event for said, truth, event in known if truth and not said]
        alarms = [event for said, truth, event in known if said and not truth]
        looks = [(a, b) for a, b, one, other in self._pairs() if person in (one, other)]
        return Mine(
            person, len(told), len(known), len(known) - len(missed) - len(alarms), len(missed), len(alarms),
            len(looks), sum(a == b for a, b in looks), [*missed, *alarms][:EVENTS_SHOWN],
        )  # fmt: skip

    def _truth(self, event: str) -> bool | None:
        rows: list[tuple[Any, ...]] = self._tables.rows(
            "SELECT fraud FROM labels WHERE event_id = :id AND kind NOT IN ('verdict', 'other')"
            " ORDER BY known_at_us DESC, seq DESC LIMIT 1", {"id": event},
        )  # fmt: skip
        return bool(rows[0][0]) if rows else None

    def _pairs(self) -> list[tuple[str, str, str, str]]:
        rows = self._tables.rows(
            "SELECT v.verdict, s.verdict, v.person, s.person FROM second_looks s"
            " JOIN verdicts v ON v.alert_seq = s.alert_seq WHERE v.state IN ('final', 'told')"
        )
        return [(a, b, one, other) for a, b, one, other in rows]

    def _drawn(self, seq: int) -> bool:
        return xxh3_64_intdigest(self._salt + seq.to_bytes(8, "little")) % SHARE_STEPS < self._share * SHARE_STEPS


def kappa(pairs: list[tuple[str, str]]) -> float | None:
    """Agreement beyond chance (Cohen, Educational and Psychological Measurement, 1960)."""
    n = len(pairs)
    if not n:
        return None
    seen = sum(a == b for a, b in pairs) / n
    words = {word for pair in pairs for word in pair}
    chance = sum(sum(a == w for a, _ in pairs) * sum(b == w for _, b in pairs) for w in words) / n**2
    return None if chance >= 1.0 else (seen - chance) / (1.0 - chance)
