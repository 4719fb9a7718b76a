"""Lists as CSV: cases, refunds, rules, who stands on a list; the reason is written down before the file leaves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from haechi.cases.case import Case
from haechi.cases.refunds import Refund
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Download, Page
from haechi.console.pages.queue import harmless
from haechi.console.screen import address

EXPORT_ROWS_MAX = 10_000
RULE = (
    "rule", "version", "lane", "share", "name", "condition", "author", "created_us", "hits", "frauds", "honest",
    "precision",
)  # fmt: skip
ENTRY = ("entity", "reason", "owner", "expires")
Rows = list[tuple[Any, ...]]


def export(asked: Asked) -> Download:
    """One of the lists, as its page shows it."""
    what = asked.form.get("what", "")
    if what not in LISTS:
        raise BadForm(f"a file is of {', '.join(LISTS)}")
    names, found = LISTS[what](asked)
    query = address("", **{name: asked.form.get(name, "") for name in ("state", "name") if asked.form.get(name)})
    keeping = asked.behind.cases.keeping
    keeping.export(asked.person.name, what, query.removeprefix("?"), asked.form.get("reason", ""), len(found))
    return Download(f"{what}.csv", "text/csv; charset=utf-8", sheet(names, found))


def sheet(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cases(asked: Asked) -> tuple[Sequence[str], Rows]:
    page = asked.behind.cases.cases.page(asked.form.get("state", "open"), None, EXPORT_ROWS_MAX)
    return _told(Case.__struct_fields__, page.cases)


def _refunds(asked: Asked) -> tuple[Sequence[str], Rows]:
    page = asked.behind.cases.refunds.page(asked.form.get("state", "open"), 0, EXPORT_ROWS_MAX)
    return _told(Refund.__struct_fields__, page.refunds)


def _rules(asked: Asked) -> tuple[Sequence[str], Rows]:
    desk, found = asked.behind.rules, Rows()
    figures = desk.figures()
    for line in desk.rules()[:EXPORT_ROWS_MAX]:
        kept, counts = line.shown, figures.of(line.id)
        found.append((
            line.id, kept.version, kept.lane, kept.share, asked.words.pick(kept.rule.name), str(kept.rule.condition),
            kept.author, kept.created_us, counts.hits, counts.frauds, counts.honest, counts.precision,
        ))  # fmt: skip
    return RULE, found


def _list(asked: Asked) -> tuple[Sequence[str], Rows]:
    return _told(ENTRY, asked.behind.rules.entries(asked.form.get("name", ""), "", EXPORT_ROWS_MAX))


def _told(names: Sequence[str], found: Iterable[Any]) -> tuple[Sequence[str], Rows]:
    return names, [tuple(getattr(one, name) for name in names) for one in found]


LISTS: Mapping[str, Callable[[Asked], tuple[Sequence[str], Rows]]] = {
    "cases": _cases, "refunds": _refunds, "rules": _rules, "list": _list,
}  # fmt: skip
PAGES = (Page("/act/export", export, "read", "POST"),)
