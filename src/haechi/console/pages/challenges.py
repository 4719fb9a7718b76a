"""Challenges: what waits for the customer's own answer; a person may look into it before the deadline does."""

from __future__ import annotations

from typing import Any

from haechi.cases.challenges import STATES, Challenge
from haechi.console.behind import Behind
from haechi.console.fields import whole
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.screen import address

ROWS = 50


def challenges(asked: Asked) -> Shown:
    """Challenges in one state."""
    state, cursor = asked.query.get("state", "waiting"), asked.query.get("cursor", "0")
    tools = listing.tools(asked, "challenges")
    subject = listing.about(asked, tools["chosen"].get("subject"))
    page = asked.behind.cases.challenges.page(state, whole(cursor, 18), ROWS, subject)
    lines = [line(asked, one) for one in page.challenges]
    values = {"lines": lines, "next": page.next, "state": state, "states": STATES, "tools": tools}
    return Shown("challenges.html", values)


def line(asked: Asked, one: Challenge) -> dict[str, Any]:
    """A challenge with its reason in words."""
    decided = asked.behind.decided(one.event_id)
    decision = decided.decision if decided else None
    reason = decision.reasons[0].text if decision and decision.reasons else {}
    return {
        "one": one, "href": address(f"/events/{one.event_id}"), "why": asked.words.pick(reason) if reason else "",
        "left_us": one.deadline_us - asked.now_us,
    }  # fmt: skip


def look(asked: Asked) -> Moved:
    """Open an alert on a challenged event, and take it."""
    alert = asked.behind.cases.challenges.look_into(asked.form.get("challenge", ""), asked.person.name)
    found = asked.behind.cases.alerts.alert(alert)
    asked.behind.cases.alerts.take(found.id, asked.person.name)
    return Moved(address(f"/alerts/{found.id}", said="taken"))


def waiting(behind: Behind) -> int:
    """How many wait, as it was counted some seconds ago."""
    return behind.cases.numbers.challenges


PAGES = (
    Page("/challenges", challenges, rail=Rail("challenges", 30, waiting, key="c")),
    Page("/act/challenge-look", look, "cases:write", "POST"),
)
