"""Audit and access: why something was decided, who did what, who may do what, and how old their keys are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from haechi.cases.deeds import ABOUT, Deed, Stopped
from haechi.console.errors import BadForm, Missing
from haechi.console.page import Asked, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.screen import say_of
from haechi.security import SCOPES

ROWS = 100
DAY_US = 86_400_000_000
OLD_KEY_DAYS = 180
UNTOLD = ("note", "needs")  # numbers for the store; the file has them
MONEY = ("amount", "claimed", "agreed")
SAID = ("action", "role", "verdict", "typology", "lane")


def audit(asked: Asked) -> Shown:
    """Who did what, with filters in the address, and the way to one decision."""
    query, chosen = asked.query, selection(asked, asked.query)
    deeds = asked.behind.cases.deeds
    found = deeds.page(**chosen, limit=ROWS)
    return Shown("audit.html", {
        "failing": asked.behind.cases.numbers.deliveries,
        "found": found, "people": deeds.people(), "abouts": ABOUT, "person_asked": query.get("who", ""),
        "about": query.get("about", ""), "day": query.get("day", ""),
        "next": found[-1].at_us if len(found) == ROWS else 0, "exports": asked.behind.cases.keeping.exports(None, 10),
        "customer": query.get("customer", ""), "events": _events(asked), "told": lambda one: told(asked, one),
        "tools": listing.tools(asked, "audit"),
    })  # fmt: skip


def record(asked: Asked) -> Shown:
    """One decision as it was written down: what, why, by which versions, who agreed to them, and its hashes."""
    event_id = asked.place["event"]
    entry = asked.behind.cases.evidence.past.entry(event_id)
    decided = asked.behind.decided(event_id)
    if entry is None or decided is None:
        raise Missing(f"there is no event {event_id[:80]!r} in the journal")
    hits = [line for line in (decided.decision.rules if decided.decision else []) if line.get("result") == "hit"]
    return Shown("record.html", {
        "entry": entry, "event": decided.event, "decision": decided.decision,
        "rules": [_agreed(asked, line, entry.seq) for line in hits],
        "models": _models(asked, decided.decision),
        "policy": asked.behind.policy_of(decided.decision.versions.get("policy", "")) if decided.decision else None,
        "labels": asked.behind.cases.evidence.past.labels(event_id),
        "body_sha256": hashlib.sha256(entry.body).hexdigest(),
        "decision_sha256": hashlib.sha256(entry.decision).hexdigest() if entry.decision else "",
        "features": f"{entry.digest:016x}",
    })  # fmt: skip


def access(asked: Asked) -> Shown:
    """Rights by key, what each right opens, and how old the keys are."""
    from haechi.console.pages import PAGES as every  # the table names this file, too

    keys = [key for key in asked.behind.api_keys() if key.revoked_us is None]
    return Shown("access.html", {
        "keys": keys, "revoked": [key for key in asked.behind.api_keys() if key.revoked_us is not None],
        "scopes": SCOPES, "old_us": OLD_KEY_DAYS * DAY_US, "old_days": OLD_KEY_DAYS,
        "opens": {scope: sorted(page.path for page in every if page.right == scope) for scope in SCOPES},
    })  # fmt: skip


def told(asked: Asked, one: Deed) -> str:
    """What was written down with a deed, in words; what one person typed stays as she typed it."""
    t, say = asked.words, say_of(asked)
    content = _content(one.told)
    if content is None:
        return one.told
    currency, found = str(content.pop("currency", "")), list[str]()
    for name, value in content.items():
        if name in UNTOLD or value in ("", None, [], {}):
            continue
        if name.endswith("_us"):
            found.append(say.when(value))
        elif name in MONEY:
            found.append(say.money(value, currency))
        elif name in SAID and isinstance(value, str):
            found.append(t.any(f"{name}.{value}", value))
        else:
            found.append(value if isinstance(value, str) else f"{name}: {msgspec.json.encode(value).decode()}")
    return " · ".join(found)


def _content(told: str) -> dict[str, Any] | None:
    """What a deed keeps by name; None where it keeps one text."""
    try:
        return msgspec.json.decode(told, type=dict[str, Any])
    except msgspec.MsgspecError:
        return None


def selection(asked: Asked, query: Mapping[str, str]) -> dict[str, Any]:
    """What the desk is asked for."""
    chosen: dict[str, Any] = {"person": query.get("who", ""), "about": query.get("about", "")}
    if day := query.get("day", ""):
        since = _day(asked, day)
        chosen |= {"since_us": since, "before_us": since + DAY_US}
    before = query.get("before", "")
    if before.isdecimal() and len(before) < 19:
        chosen["before_us"] = min(int(before), chosen.get("before_us", int(before)))
    return chosen


def _day(asked: Asked, text: str) -> int:
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(asked.behind.timezone), hour=0, minute=0, second=0)
        return int(at.timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        raise BadForm(f"{text[:40]!r} is no day: write 2024-10-25") from None


def _events(asked: Asked) -> list[Stopped] | None:
    """What a customer was stopped at, on a day or ever; None when nobody asked."""
    customer, on = asked.query.get("customer", "").strip(), asked.query.get("on", "")
    if not customer:
        return None
    since = _day(asked, on) if on else 0
    subject = customer if ":" in customer else f"{asked.behind.subject}:{customer}"
    return asked.behind.cases.deeds.stopped(subject, since, since + DAY_US if on else 2**62, ROWS)


def _agreed(asked: Asked, line: dict[str, Any], seq: int) -> dict[str, Any]:
    """A rule that hit: who wrote that version, and who agreed to it before this decision."""
    name, number = str(line.get("rule", "")), int(line.get("version", 0))
    try:
        full = asked.behind.rules.rule(name)
        version = next((one for one in full.versions if one.version == number), None)
        moves = [one for one in full.history if one.what == "lane" and one.version == number and one.change]
        changes = [asked.behind.rules.change(one.change) for one in moves]
    except Missing:
        version, changes = None, []
    return {"line": line, "version": version, "changes": changes}


def _models(asked: Asked, decision: Any) -> list[Any]:
    """Each model that judged, with its data and those who agreed to it; none where nobody keeps their lives."""
    judged = {one.version for one in decision.signals if one.detector == "supervised"} if decision else set()
    desk = asked.behind.models
    found = [desk.full(one.version) for one in desk.models() if one.version in judged]
    return [one for one in found if one is not None]


PAGES = (
    Page("/audit", audit, rail=Rail("audit", 90, key="u")),
    Page("/audit/access", access, "admin"),
    Page("/audit/decision/{event:any}", record),
)
