"""The queue: what waits for a person, the most pressing first; work in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from haechi.cases import CasesError
from haechi.cases.alerts import OPEN, STATES, Alert
from haechi.cases.verdicts import VERDICTS
from haechi.console.behind import Behind
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.pages import listing, verdict
from haechi.console.screen import address

ROWS = 50
BULK_MAX = 50
ACTIONS = ("challenge", "hold", "block")
LEVELS = ("0", "1", "2", "3")


class Line(NamedTuple):
    """One alert as the queue lists it."""

    alert: Alert
    action: str
    sentence: str
    reason: str
    code: str
    channel: str
    href: str
    late_us: int


def queue(asked: Asked) -> Shown:
    """The list, its filters, and what can be done to several at once."""
    tools = listing.tools(asked, "queue")
    chosen, numbers = tools["chosen"], asked.behind.cases.numbers
    page = asked.behind.cases.alerts.queue(
        **selection(asked, chosen), cursor=asked.query.get("cursor", ""), limit=ROWS
    )  # fmt: skip
    return Shown("queue.html", {
        "lines": lines(asked, page.alerts), "next": page.next, "chosen": chosen, "tools": tools,
        "states": ("open", *STATES), "actions": ACTIONS, "levels": LEVELS, "counts": numbers.alerts,
        "challenges": numbers.challenges, "has_looks": asked.behind.models.may_step,
        "feed": address("/feed", of="queue", after=str(asked.now_us)), "before": verdict.before(asked),
    })  # fmt: skip


def selection(asked: Asked, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What the desk is asked for."""
    state = chosen.get("state", "open")
    if state != "open" and state not in STATES:
        raise BadForm(f"state is open, {', '.join(STATES)}")
    level = chosen.get("level")
    if level is not None and level not in LEVELS:
        raise BadForm(f"level is {', '.join(LEVELS)}")
    return {
        "states": OPEN if state == "open" else (state,), "action": chosen.get("action"),
        "holder": listing.holder(asked, chosen.get("holder")), "level": None if level is None else int(level),
        "subject": listing.about(asked, chosen.get("subject")) or None,
    }  # fmt: skip


def lines(asked: Asked, alerts: Sequence[Alert]) -> list[Line]:
    """Alerts with the reasons of the event that has the most at stake in each: the one that its page opens at."""
    at_stake = asked.behind.cases.alerts.at_stake(alerts)
    return [line(asked, one, *at_stake[one.seq]) for one in alerts]


def line(asked: Asked, alert: Alert, event_id: str, action: str) -> Line:
    """An alert with the reasons of one of its events in words; they stand in the decision, which never changes."""
    decided = asked.behind.decided(event_id)
    decision = decided.decision if decided else None
    reason = decision.reasons[0] if decision and decision.reasons else None
    channel = decided.event.categories.get("channel", "") if decided else ""
    return Line(
        alert=alert, action=action, sentence=asked.words.pick(decision.sentence) if decision else "",
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
    word = asked.form.get("verdict", "")
    if not ids or len(ids) > BULK_MAX or word not in VERDICTS:
        raise BadForm(asked.words("queue.bulk_none"))
    if asked.form.get("typed", "").strip() != str(len(ids)):
        raise BadForm(asked.words("queue.bulk_typed", n=len(ids)))
    alerts = asked.behind.cases.alerts
    chosen = lines(asked, [alerts.plain(alerts.alert(id_).id) for id_ in ids])
    if len({one.code for one in chosen}) != 1 or not chosen[0].code:
        raise BadForm(asked.words("queue.bulk_reasons"))
    done, refused = list[Line](), list[tuple[Line, str]]()
    for one in chosen:
        try:
            asked.behind.cases.verdicts.say(
                one.alert.id, asked.person.name, word, comment=asked.form.get("comment", ""),
                typology=asked.form.get("typology", "") if word == "fraud" else "",
            )  # fmt: skip
            done.append(one)
        except CasesError as error:
            refused.append((one, str(error)))
    return Shown("bulk.html", {"done": done, "refused": refused, "verdict": word})


def waiting(behind: Behind) -> int:
    """How many wait, as it was counted some seconds ago."""
    counts = behind.cases.numbers.alerts
    return counts.new + counts.taken


WORK = "cases:write"
PAGES = (
    Page("/queue", queue, rail=Rail("queue", 20, waiting, key="q")),
    Page("/act/next", get_next, WORK, "POST"),
    Page("/act/bulk", bulk, WORK, "POST"),
)
