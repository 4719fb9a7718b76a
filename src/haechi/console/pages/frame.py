"""What belongs to every page: the front door, the page of keys, the command bar."""

from __future__ import annotations

from haechi.cases import Unknown
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.screen import address

GROUPS = (
    ("everywhere", (("/", "bar"), ("?", "keys"), ("g q", "queue"))),
    ("queue", (("j", "next"), ("k", "previous"), ("Enter", "open"), ("g n", "get_next"), ("n", "merge"))),
    (
        "alert",
        (
            ("f", "fraud"), ("l", "legitimate"), ("o", "unsure"), ("e", "escalate"), ("s", "snooze"), ("u", "undo"),
            ("m", "note"), ("b", "measures"),
        ),
    ),
    ("graph", (("← ↑ → ↓", "walk"), ("+", "closer"), ("-", "farther"), ("0", "whole"), ("Enter", "open"))),
)  # fmt: skip


def front(asked: Asked) -> Moved:
    """The landing page."""
    return Moved("/watch")


def keys(asked: Asked) -> Shown:
    """Every key with what it does."""
    return Shown("keys.html", {"groups": GROUPS})


def go(asked: Asked) -> Moved:
    """The command bar: an alert, an event, a challenge, case 12, or a customer by her id."""
    said = asked.query.get("q", "").strip()[:200]
    if not said:
        return Moved("/queue")
    word, _, number = said.lower().partition(" ")
    if word in ("case", "사건", "#") and number.strip().isdecimal():
        return Moved(f"/cases/{int(number)}")
    for name in (said, f"a-{said}"):
        try:
            return Moved(address(f"/alerts/{asked.behind.cases.alerts.alert(name).id}"))
        except Unknown:
            continue
    return Moved(address(f"/customers/{said.partition(':')[2] if said.startswith('customer:') else said}"))


PAGES = (
    Page("/", front),
    Page("/keys", keys),
    Page("/go", go),
)
