"""What a second person reads before she agrees: what a change would do, what it replaces, and who said what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from haechi.commands.screen import say

__all__ = ["described", "say_answers"]

CONDITION_CHARS_MAX = 300
SAID = {"approve": "approved", "reject": "rejected", "withdraw": "withdrew"}


def described(change: dict[str, Any]) -> Iterator[str]:
    """Lines about one change, as GET /v1/approvals has it."""
    if change["comment"]:
        yield f"why: {change['comment']}"
    if change["undoes"] is not None:
        yield f"a rollback: it takes back version {change['undoes']}"
    elif change["acted"]:
        acts = " and ".join(f"version {number} ({lane})" for lane, number in change["acted"].items())
        yield f"{'instead of' if change['content']['lane'] == 'live' else 'what acts:'} {acts}"
    if change["condition"]:
        text = " ".join(change["condition"].split())
        yield f"if {text[:CONDITION_CHARS_MAX]}{'...' * (len(text) > CONDITION_CHARS_MAX)}"
        yield "then " + ", ".join(f"{name} {value}" for name, value in change["effect"].items())
    for row in change["first_rows"]:
        until = f" until {row['expires']}" if row["expires"] else ""
        sign, why = "+" if row["action"] == "add" else "-", f": {row['reason']}" * bool(row["reason"])
        yield f"{sign} {row['entity']}{until}{why}"
    if (more := change["rows"] - len(change["first_rows"])) > 0 and change["first_rows"]:
        yield f"and {more:,} more"


def say_answers(answers: list[dict[str, Any]]) -> None:
    """Who approved, rejected or withdrew, and why."""
    for one in answers:
        say(f"    {SAID[one['answer']]} by {one['person']}" + f": {one['comment']}" * bool(one["comment"]))
