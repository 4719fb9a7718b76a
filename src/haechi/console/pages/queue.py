"""The queue: what waits for a person, the most pressing first; filters in the address, views to keep, work in bulk."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from haechi.cases import CasesError
from haechi.cases.alerts import OPEN, STATES, Alert
from haechi.cases.verdicts import VERDICTS
from haechi.console.behind import Behind
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Download, Moved, Page, Rail, Shown
from haechi.console.screen import address

ROWS = 50
EXPORT_ROWS_MAX = 10_000
BULK_MAX = 50
FILTERS = ("state", "action", "holder", "level", "subject")
ACTIONS = ("challenge", "hold", "block")
LEVELS = ("0", "1", "2", "3")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Line(NamedTuple):
    """One alert as the queue lists it."""

    alert: Alert
    sentence: str
    reason: str
    code: str
    channel: str
    href: str
    late_us: int


def queue(asked: Asked) -> Shown:
    """The list, its filters, and what can be done to several at once."""
    chosen = filters(asked.query)
    page = asked.behind.cases.alerts.queue(
        **selection(asked, chosen), cursor=asked.query.get("cursor", ""), limit=ROWS
    )  # fmt: skip
    lines = [line(asked, alert) for alert in page.alerts]
    views = asked.behind.cases.keeping.views(asked.person.name, "queue")
    return Shown(
        "queue.html",
        {
            "lines": lines, "next": page.next, "chosen": chosen, "views": views, "states": ("open", *STATES),
            "actions": ACTIONS, "levels": LEVELS, "counts": asked.behind.cases.numbers.alerts, "verdicts": VERDICTS,
            "query": query_of(chosen), "feed": address("/feed", of="queue", after=str(asked.now_us)),
            "codes": sorted({one.code for one in lines if one.code}),
        },
    )  # fmt: skip


def filters(query: Mapping[str, str]) -> dict[str, str]:
    """What the address asks for."""
    return {name: query[name].strip()[:200] for name in FILTERS if query.get(name, "").strip()}


def query_of(chosen: Mapping[str, str]) -> str:
    """The same as what stands behind the question mark."""
    return address("", **chosen).removeprefix("?")


def selection(asked: Asked, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What the desk is asked for."""
    state = chosen.get("state", "open")
    if state != "open" and state not in STATES:
        raise BadForm(f"state is open, {', '.join(STATES)}")
    level = chosen.get("level")
    if level is not None and level not in LEVELS:
        raise BadForm(f"level is {', '.join(LEVELS)}")
    subject, holder = chosen.get("subject"), chosen.get("holder")
    return {
        "states": OPEN if state == "open" else (state,), "action": chosen.get("action"),
        "holder": asked.person.name if holder == "me" else holder, "level": None if level is None else int(level),
        "subject": f"{asked.behind.subject}:{subject}" if subject and ":" not in subject else subject,
    }  # fmt: skip


def line(asked: Asked, alert: Alert) -> Line:
    """An alert with its reasons in words; they stand in the decision, which never changes."""
    decided = asked.behind.decided(alert.event_id)
    decision = decided.decision if decided else None
    reason = decision.reasons[0] if decision and decision.reasons else None
    channel = decided.event.categories.get("channel", "") if decided else ""
    return Line(
        alert=alert, sentence=asked.words.pick(decision.sentence) if decision else "",
        reason=asked.words.pick(reason.text) if reason else "", code=reason.code if reason else "", channel=channel,
        href=address(f"/alerts/{alert.id}"), late_us=asked.now_us - alert.due_us,
    )  # fmt: skip


def get_next(asked: Asked) -> Moved:
    """Take the most pressing one that nobody has."""
    level = asked.form.get("level", "0")
    found = asked.behind.cases.alerts.next(asked.person.name, int(level) if level in LEVELS else 0)
    return Moved(address("/queue", said="none_left") if found is None else address(f"/alerts/{found.id}"))


def bulk(asked: Asked) -> Shown:
    """One verdict for several alerts that have the same first reason; how many is typed, so that it is meant."""
    ids = list(dict.fromkeys(asked.lists.get("alert", [])))
    verdict = asked.form.get("verdict", "")
    if not ids or len(ids) > BULK_MAX or verdict not in VERDICTS:
        raise BadForm(asked.words("queue.bulk_none"))
    if asked.form.get("typed", "").strip() != str(len(ids)):
        raise BadForm(asked.words("queue.bulk_typed", n=len(ids)))
    alerts = asked.behind.cases.alerts
    lines = [line(asked, alerts.plain(alerts.alert(id_).id)) for id_ in ids]
    if len({one.code for one in lines}) != 1 or not lines[0].code:
        raise BadForm(asked.words("queue.bulk_reasons"))
    done, refused = list[Line](), list[tuple[Line, str]]()
    for one in lines:
        try:
            asked.behind.cases.verdicts.say(
                one.alert.id, asked.person.name, verdict, comment=asked.form.get("comment", ""),
                typology=asked.form.get("typology", "") if verdict == "fraud" else "",
            )  # fmt: skip
            done.append(one)
        except CasesError as error:
            refused.append((one, str(error)))
    return Shown("bulk.html", {"done": done, "refused": refused, "verdict": verdict})


def export(asked: Asked) -> Download:
    """The list as CSV; the reason is written down before the file leaves."""
    chosen = filters(asked.form)
    given = selection(asked, chosen)
    found, cursor = list[Alert](), ""
    while len(found) < EXPORT_ROWS_MAX:
        page = asked.behind.cases.alerts.queue(**given, cursor=cursor, limit=1_000)
        found += page.alerts
        cursor = page.next or ""
        if not cursor:
            break
    found = found[:EXPORT_ROWS_MAX]
    query = query_of(chosen)
    asked.behind.cases.keeping.export(asked.person.name, "queue", query, asked.form.get("reason", ""), len(found))
    return Download("queue.csv", "text/csv; charset=utf-8", sheet(found))


def sheet(alerts: list[Alert]) -> bytes:
    """Alerts as CSV that no spreadsheet takes for formulas."""
    names = [name for name in Alert.__struct_fields__ if name != "seq"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for alert in alerts:
        writer.writerow([harmless(getattr(alert, name)) for name in names])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def harmless(value: Any) -> Any:
    """A cell that is shown and never computed (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def keep(asked: Asked) -> Moved:
    """Keep what the filters ask for under a name."""
    chosen = filters(asked.form)
    asked.behind.cases.keeping.keep(asked.person.name, "queue", asked.form.get("title", "").strip(), query_of(chosen))
    return Moved(address("/queue", **chosen, said="view_kept"))


def drop(asked: Asked) -> Moved:
    """Remove a view of one's own."""
    number = asked.form.get("number", "")
    if not (number.isdecimal() and len(number) < 18):
        raise BadForm("a view has a number")
    asked.behind.cases.keeping.drop(asked.person.name, int(number))
    return Moved(address("/queue", said="view_dropped"))


def waiting(behind: Behind) -> int:
    """How many wait, as it was counted some seconds ago."""
    counts = behind.cases.numbers.alerts
    return counts.new + counts.taken


WORK = "cases:write"
PAGES = (
    Page("/queue", queue, rail=Rail("queue", 20, waiting, key="q")),
    Page("/act/next", get_next, WORK, "POST"),
    Page("/act/bulk", bulk, WORK, "POST"),
    Page("/act/queue-export", export, "read", "POST"),
    Page("/act/view-keep", keep, "read", "POST"),
    Page("/act/view-drop", drop, "read", "POST"),
)
