"""Every list as CSV, as its page shows it; the reason is written down before the file leaves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from haechi.cases.alerts import Alert
from haechi.cases.case import Case
from haechi.cases.challenges import Challenge
from haechi.cases.refunds import Refund
from haechi.cases.webhooks import Delivery
from haechi.console.errors import BadForm, Forbidden
from haechi.console.fields import whole
from haechi.console.page import Asked, Download, Page
from haechi.console.pages import audit, listing, lists, models, queue, rules
from haechi.events.times import moment

EXPORT_ROWS_MAX = 100_000
ASKED = EXPORT_ROWS_MAX + 1  # one more tells that there are too many
PAGE_ROWS = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
RIGHTS = {"audit": "admin", "webhooks": "admin"}
RULE = (
    "rule", "version", "lane", "share", "name", "condition", "author", "created_us", "hits", "frauds", "honest",
    "precision",
)  # fmt: skip
CHANGE = ("id", "kind", "name", "version", "rows", "state", "author", "created", "needs", "comment")
MODEL = ("version", "place", "share", "author", "at", "passed", "beats_baseline")
Filters = Mapping[str, str]
Rows = list[tuple[Any, ...]]


def export(asked: Asked) -> Download:
    """One of the lists, as its page shows it."""
    what = asked.form.get("what", "")
    if what not in LISTS:
        raise BadForm(f"a file is of {', '.join(LISTS)}")
    if not asked.person.may(RIGHTS.get(what, "read")):
        raise Forbidden(RIGHTS[what])
    filters = listing.chosen(asked.form, what)
    names, found = LISTS[what](asked, filters)
    if len(found) > EXPORT_ROWS_MAX:
        raise BadForm(f"a file has {EXPORT_ROWS_MAX:,} rows at most: narrow the filters")
    query = listing.query_of(filters)
    asked.behind.cases.keeping.export(asked.person.name, what, query, asked.form.get("reason", ""), len(found))
    return Download(f"{what}.csv", "text/csv; charset=utf-8", sheet(names, found))


def sheet(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def harmless(value: Any) -> Any:
    """A cell that is shown and never computed (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def _queue(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    found, cursor, given = list[Alert](), "", queue.selection(asked, filters)
    while len(found) < ASKED:
        page = asked.behind.cases.alerts.queue(**given, cursor=cursor, limit=PAGE_ROWS)
        found += page.alerts
        cursor = page.next or ""
        if not cursor:
            break
    return _told([name for name in Alert.__struct_fields__ if name != "seq"], found[:ASKED])


def _challenges(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    subject = listing.about(asked, filters.get("subject"))
    page = asked.behind.cases.challenges.page(filters.get("state", "waiting"), 0, ASKED, subject)
    return _told([name for name in Challenge.__struct_fields__ if name != "means"], page.challenges)


def _cases(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    holder = listing.holder(asked, filters.get("holder")) or ""
    page = asked.behind.cases.cases.page(filters.get("state", "open"), None, ASKED, holder)
    return _told(Case.__struct_fields__, page.cases)


def _refunds(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    subject = listing.about(asked, filters.get("subject"))
    page = asked.behind.cases.refunds.page(filters.get("state", "open"), 0, ASKED, subject)
    return _told(Refund.__struct_fields__, page.refunds)


def _rules(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    found = Rows()
    for line, counts in rules.chosen_rules(asked, filters)[:ASKED]:
        kept = line.shown
        found.append((
            line.id, kept.version, kept.lane, kept.share, asked.words.pick(kept.rule.name), str(kept.rule.condition),
            kept.author, kept.created_us, counts.hits, counts.frauds, counts.honest, counts.precision,
        ))  # fmt: skip
    return RULE, found


def _snoozes(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    return _told(("rule", "entity", "id", "until"), rules.chosen_snoozes(asked, filters)[:ASKED])


def _lists(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    return ("name", "purpose"), [(one.name, one.purpose) for one in lists.chosen_lists(asked, filters)]


def _list(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    found = asked.behind.rules.entries(filters.get("name", ""), filters.get("after", ""), ASKED)
    return _told(("entity", "reason", "owner", "expires"), found)


def _approvals(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    return _told(CHANGE, asked.behind.rules.changes(filters.get("state", "waiting"), None, ASKED))


def _models(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    return _told(MODEL, models.chosen_models(asked, filters))


def _audit(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    found = asked.behind.cases.deeds.page(**audit.selection(asked, filters), limit=ASKED)
    rows = [(moment(one.at_us), one.person, one.about, one.id, one.what, one.told) for one in found]
    return ("at", "person", "about", "id", "what", "told"), rows


def _webhooks(asked: Asked, filters: Filters) -> tuple[Sequence[str], Rows]:
    found = asked.behind.cases.webhooks.deliveries(
        whole(filters.get("webhook", ""), 15), filters.get("state"), limit=ASKED
    )
    return _told(Delivery.__struct_fields__, found.deliveries)


def _told(names: Sequence[str], found: Iterable[Any]) -> tuple[Sequence[str], Rows]:
    return names, [tuple(getattr(one, name) for name in names) for one in found]


LISTS: Mapping[str, Callable[[Asked, Filters], tuple[Sequence[str], Rows]]] = {
    "queue": _queue, "challenges": _challenges, "cases": _cases, "refunds": _refunds, "rules": _rules,
    "snoozes": _snoozes, "lists": _lists, "list": _list, "approvals": _approvals, "models": _models, "audit": _audit,
    "webhooks": _webhooks,
}  # fmt: skip
PAGES = (Page("/act/export", export, "read", "POST"),)
