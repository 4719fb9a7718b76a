"""What leaves the house: lists as CSV and evidence packs, never without a reason, each written down for good."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

import msgspec

from haechi.cases.errors import BadAsk
from haechi.cases.office import Office, checked
from haechi.stores import Work

__all__ = ["ROWS_MAX", "WHAT", "Exported", "Exports", "csv_of"]

WHAT = ("alerts", "cases", "refunds", "evidence", "history", "rules", "list", "customer")
ROWS_MAX = 100_000
REASON_CHARS_MAX = 500
# A cell that begins like this is a formula to a spreadsheet: what a customer wrote must not run there.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Exported(msgspec.Struct, frozen=True):
    """One export: `sha256` is of the bytes that were given out, `query` says which rows were asked for."""

    number: int
    what: str
    query: dict[str, Any]
    reason: str
    rows: int
    sha256: str
    person: str
    at_us: int


class Exports:
    """The register of what left one house."""

    def __init__(self, office: Office) -> None:
        self._office, self._tables = office, office.tables

    def reason(self, text: str) -> str:
        """A reason that can be kept; ask before the work is done."""
        return checked("a reason", text, REASON_CHARS_MAX, needed=True)

    def note(
        self, what: str, query: Mapping[str, Any], content: bytes, rows: int, reason: str, person: str
    ) -> Exported:  # fmt: skip
        """Write down that these bytes are given out; give them out only after that."""
        if what not in WHAT:
            raise BadAsk(f"what is exported is {', '.join(WHAT)}, not {what[:40]!r}")
        self.reason(reason)
        now, digest = self._office.now_us(), hashlib.sha256(content).hexdigest()

        def task(work: Work) -> Exported:
            made = Exported(work.next("exports"), what, dict(query), reason, rows, digest, person, now)
            text = msgspec.json.encode(made.query).decode()
            work.add("exports", {**msgspec.structs.asdict(made), "query": text})
            return made

        return self._tables.do(task)

    def page(self, before: int | None = None, limit: int = 100, person: str | None = None) -> list[Exported]:
        """What was given out, the newest first."""
        sql = "SELECT number, what, query, reason, rows, sha256, person, at_us FROM exports WHERE number < :before"
        values: dict[str, Any] = {"before": 2**62 if before is None else before, "limit": limit}
        if person is not None:
            sql, values["person"] = sql + " AND person = :person", person
        rows = self._tables.rows(sql + " ORDER BY number DESC LIMIT :limit", values)
        return [Exported(row[0], row[1], msgspec.json.decode(row[2]), *row[3:]) for row in rows]


def csv_of(rows: Iterable[msgspec.Struct | Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Rows as CSV in UTF-8 with a mark that spreadsheets need; a text that would be a formula gets a quote in front."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        told = row if isinstance(row, Mapping) else msgspec.structs.asdict(row)
        writer.writerow([_cell(told[column]) for column in columns])
    return ("\ufeff" + out.getvalue()).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, dict | list | tuple):
        return _cell(msgspec.json.encode(value).decode())
    return "" if value is None else value
