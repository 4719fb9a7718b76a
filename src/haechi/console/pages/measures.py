"""What shall hold from the next event on: somebody or something blocked, allowed or watched, a rule that rests for her.

Only what acts is offered: an entry of a list that a live rule looks up, and a rule that hit this event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from haechi.console.behind import Decided
from haechi.console.errors import BadForm, Missing
from haechi.console.page import Asked, Moved, Page
from haechi.console.said import since_epoch_us
from haechi.console.screen import address
from haechi.events.times import moment

DAYS = (1, 7, 30, 90, 180)
DAY_US = 86_400_000_000
ACTING = ("live", "canary")
WAITING_MAX = 100
RIGHT = "rules:write"


class Entry(NamedTuple):
    """An entity of the event that a list may hold, and the live rules that would then hit."""

    list: str
    purpose: str
    kind: str
    id: str
    rules: tuple[str, ...]


class Rest(NamedTuple):
    """A rule that may rest, or rests, for an entity of the event."""

    rule: str
    kind: str
    id: str
    until: str = ""


def measures(asked: Asked, decided: Decided) -> dict[str, Any]:
    """What a person may ask for about this event, and what was asked for already; nothing without the right."""
    if not asked.person.may(RIGHT):
        return {}
    desk, entities = asked.behind.rules, decided.event.entities
    entries = _entries(asked, entities)
    lists = {one.list for one in entries}
    waits = [one for one in desk.changes("waiting", None, WAITING_MAX) if one.kind == "list" and one.name in lists]
    resting = [
        Rest(one.rule, one.entity, one.id, one.until)
        for one in desk.snoozes()
        if entities.get(one.entity) == one.id and since_epoch_us(one.until) > asked.now_us
    ]
    rests = [Rest(rule, kind, entities[kind]) for rule in _hit(decided) for kind in _first(entities, asked)]
    return {"entries": entries, "waits": waits, "resting": resting, "rests": rests, "days": DAYS}


def hold(asked: Asked) -> Moved:
    """Ask for an entity of the event to be put on a list."""
    event_id, reason = _event(asked), asked.form.get("reason", "").strip()
    name, _, kind = asked.form.get("entry", "").partition(":")
    entity = _decided(asked, event_id).event.entities.get(kind, "")
    if not name or not entity:
        raise BadForm("choose who or what goes on which list")
    if not reason:
        raise BadForm("say why: whoever agrees will ask for it")
    row = {"entity": entity, "action": "add", "reason": reason, "expires": moment(_until_us(asked))}
    asked.behind.rules.change_list(name, "", [row], asked.person.name, reason)
    return _back(asked, event_id, "rule_asked")


def rest(asked: Asked) -> Moved:
    """Let a rule that hit rest for an entity of the event."""
    event_id = _event(asked)
    rule, _, kind = asked.form.get("rest", "").partition(":")
    entity = _decided(asked, event_id).event.entities.get(kind, "")
    if not rule or not entity:
        raise BadForm("choose a rule and for whom it rests")
    until_us, reason = _until_us(asked), asked.form.get("reason", "")
    asked.behind.rules.snooze(rule, kind, entity, until_us, asked.person.name, reason)
    return _back(asked, event_id, "rule_snoozed")


def _entries(asked: Asked, entities: dict[str, str]) -> list[Entry]:
    desk, rules = asked.behind.rules, dict[tuple[str, str], list[str]]()
    purposes = {one.name: one.purpose for one in desk.lists()}
    for rule, name, kind in desk.asking() if purposes else []:
        if name in purposes and entities.get(kind):
            rules.setdefault((name, kind), []).append(rule)
    found = [Entry(name, purposes[name], kind, entities[kind], tuple(ids)) for (name, kind), ids in rules.items()]
    return sorted(found, key=lambda one: (one.kind != asked.behind.subject, one.kind, one.list))


def _hit(decided: Decided) -> list[str]:
    """Rules that acted on this event."""
    told = decided.decision.rules if decided.decision else []
    hits = [one["rule"] for one in told if one["result"] == "hit" and one["lane"] in ACTING]
    return list(dict.fromkeys(hits))


def _first(entities: Iterable[str], asked: Asked) -> list[str]:
    """Kinds of entities, the one whose behaviour is judged first."""
    return sorted(entities, key=lambda kind: (kind != asked.behind.subject, kind))


def _event(asked: Asked) -> str:
    return asked.form.get("event", "")


def _decided(asked: Asked, event_id: str) -> Decided:
    found = asked.behind.decided(event_id)
    if found is None:
        raise Missing(f"event {event_id[:80]!r} is not in the journal")
    return found


def _until_us(asked: Asked) -> int:
    days = asked.form.get("days", "")
    if days not in map(str, DAYS):
        raise BadForm("choose for how long")
    return asked.now_us + int(days) * DAY_US


def _back(asked: Asked, event_id: str, said: str) -> Moved:
    head = asked.behind.cases.alerts.of_event(event_id)
    if head is None:
        return Moved(address(f"/events/{event_id}", said=said))
    return Moved(address(f"/alerts/{head}", event=event_id, said=said))


PAGES = (
    Page("/act/measure-list", hold, RIGHT, "POST"),
    Page("/act/measure-rest", rest, RIGHT, "POST"),
)
