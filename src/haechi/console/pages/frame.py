"""What belongs to every page: the front door, the page of keys, the command bar."""

from __future__ import annotations

from collections.abc import Mapping

from haechi.cases import Unknown
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.screen import address

GROUPS: Mapping[str, Mapping[str, str]] = {
    "everywhere": {"/": "bar", "?": "keys", "g n": "get_next", "g x": "out"},
    "queue": {
        "j": "next", "k": "previous", "Enter": "open", "x": "choose", "n": "merge", "b": "bulk", "v": "view",
        "d": "export", "o": "open_case", "w": "looks",
    },
    "alert": {
        "f": "fraud", "l": "legitimate", "o": "unsure", "c": "comment", "d": "typology", "u": "undo", "t": "take",
        "e": "escalate", "s": "snooze", "h": "hand_over", "p": "release", "m": "note", "r": "refund", "b": "measures",
        "i": "into_case", "y": "history",
    },
    "case": {
        "j": "next", "n": "step", "p": "person", "a": "attach", "m": "note", "h": "hand_over", "c": "close",
        "y": "answer", "d": "pack",
    },
    "refund": {"c": "go_on", "b": "recovered", "y": "answer", "m": "note"},
    "rules": {
        "c": "write", "e": "edit", "p": "replay", "m": "move", "r": "roll_back", "s": "rest", "a": "add", "i": "bring",
        "v": "view", "d": "export", "w": "withdraw",
    },
    "models": {"t": "threshold", "s": "ask", "r": "roll_back"},
    "graph": {"← ↑ → ↓": "walk", "+": "closer", "-": "farther", "0": "whole", "Enter": "open"},
    "customer": {"p": "whole_history", "q": "back"},
}  # fmt: skip


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
    if asked.behind.decided(said) is not None:
        return Moved(address(f"/events/{said}"))
    return Moved(address(f"/customers/{said.partition(':')[2] if said.startswith('customer:') else said}"))


PAGES = (
    Page("/", front),
    Page("/keys", keys),
    Page("/go", go),
)
