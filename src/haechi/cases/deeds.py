"""Who did what: everything that people did in one house, newest first, whatever desk they did it at."""

from __future__ import annotations

from typing import Any

import msgspec

from haechi.cases.errors import BadAsk
from haechi.cases.office import Office
from haechi.stores import Work

__all__ = ["ABOUT", "Deed", "Deeds", "Stopped"]

ABOUT = ("alert", "case", "challenge", "refund", "warning", "webhook", "rule", "approval", "model", "policy",
         "export", "sign_in")  # fmt: skip
_WHERE = {"person": " AND person = :person", "since": " AND at_us >= :since", "before": " AND at_us < :before"}
HOW = ("key", "password", "refused", "out")
# Whoever asked for a step of a model, answered, or took a step: three tables, one story.
_MODEL = (
    "SELECT created_us AS at_us, author AS person, model, 'asked' AS what, comment AS content FROM model_changes"
    " UNION ALL SELECT a.at_us, a.person, c.model, a.answer, a.comment FROM model_answers a"
    " JOIN model_changes c ON c.id = a.change_id"
    " UNION ALL SELECT at_us, person, model, CASE WHEN what IN ('step', 'first') THEN step ELSE what END, why"
    " FROM model_history"
)
# Each source gives at_us, person, about, id, what, content; the newest rows of each are enough for a page of all.
_SOURCES = {
    "desk": "SELECT at_us, person, about, id, what, content FROM desk_history",
    "rule": "SELECT at_us, person, 'rule', name || '@' || version, what, content FROM rule_history",
    "approval": "SELECT at_us, person, 'approval', CAST(change_id AS TEXT), answer, comment FROM rule_approvals",
    "model": f"SELECT at_us, person, 'model', model, what, content FROM ({_MODEL}) AS steps",  # noqa: S608
    "policy": "SELECT at_us, person, 'policy', version, 'found', told FROM model_policies",
    "export": "SELECT at_us, person, 'export', what, 'export', reason FROM exports",
    "sign_in": "SELECT at_us, person, 'sign_in', how, how, '' FROM sign_ins",
}
_ORDER = {source: "at_us" if source in ("approval", "model") else "number" for source in _SOURCES}


class Deed(msgspec.Struct, frozen=True):
    """One thing that somebody did; `person` is empty where Haechi itself did it, or where nobody was let in."""

    at_us: int
    person: str
    about: str
    id: str
    what: str
    told: str


class Stopped(msgspec.Struct, frozen=True):
    """An event that was not simply allowed; time is the event's own."""

    event_id: str
    action: str
    time_us: int
    amount: int | None
    currency: str


class Deeds:
    """Reads what people did, and keeps who came in."""

    def __init__(self, office: Office) -> None:
        self._office, self._tables = office, office.tables

    def signed(self, person: str, how: str) -> None:
        """Somebody came in, went, or was refused."""
        if how not in HOW:
            raise BadAsk(f"a sign-in is {', '.join(HOW)}, not {how[:40]!r}")
        now = self._office.now_us()

        def task(work: Work) -> None:
            work.add("sign_ins", {"number": work.next("sign_ins"), "person": person[:200], "how": how, "at_us": now})

        self._tables.do(task)

    def page(
        self, *, person: str = "", about: str = "", since_us: int | None = None, before_us: int | None = None,
        limit: int = 100,
    ) -> list[Deed]:  # fmt: skip
        """What was done, the newest first."""
        if about and about not in ABOUT:
            raise BadAsk(f"deeds are about {', '.join(ABOUT)}, not {about[:40]!r}")
        values: dict[str, Any] = {"limit": limit}
        where = ""
        given = {"person": person or None, "since": since_us, "before": before_us}
        for name, value in given.items():
            if value is not None:
                where, values[name] = where + _WHERE[name], value
        parts = []
        for source, sql in _SOURCES.items():
            if about and source != (about if about in _SOURCES else "desk"):
                continue
            mine = " AND about = :about" if about and source == "desk" else ""
            values |= {"about": about} if mine else {}
            order = _ORDER[source]
            part = f"{sql} WHERE 1 = 1{mine}{where} ORDER BY {order} DESC LIMIT :limit"
            parts.append(f"SELECT * FROM ({part})")  # noqa: S608
        rows = self._tables.rows(" UNION ALL ".join(parts) + " ORDER BY 1 DESC LIMIT :limit", values)
        return [Deed(*row) for row in rows]

    def stopped(self, subject: str, since_us: int, until_us: int, limit: int = 100) -> list[Stopped]:
        """What somebody was challenged for, held or blocked, the newest first."""
        where = " WHERE subject = :subject AND created_us >= :since AND created_us < :until"
        columns = "SELECT event_id, {} AS action, created_us, amount, currency FROM "
        sql = f"{columns.format('action')}alerts{where} UNION {columns.format(repr('challenge'))}challenges{where}"
        values = {"subject": subject, "since": since_us, "until": until_us, "limit": limit}
        return [Stopped(*row) for row in self._tables.rows(sql + " ORDER BY 3 DESC LIMIT :limit", values)]

    def people(self) -> list[str]:
        """Everybody who ever did something here."""
        rows = self._tables.rows(
            "SELECT DISTINCT person FROM desk_history UNION SELECT DISTINCT person FROM rule_history"
            " UNION SELECT DISTINCT person FROM rule_approvals UNION SELECT author FROM model_changes"
            " UNION SELECT person FROM model_answers UNION SELECT person FROM model_history"
            " UNION SELECT person FROM model_policies"
            " UNION SELECT DISTINCT person FROM exports UNION SELECT DISTINCT person FROM sign_ins ORDER BY 1 LIMIT 500"
        )
        return [row[0] for row in rows if row[0]]
