"""Lists of entities to allow, block or watch: who stands on them, and the wish to change that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from haechi.console.errors import BadForm
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.pages import listing
from haechi.console.screen import address
from haechi.events.times import moment

PURPOSES = ("block", "watch", "allow")
ROWS = 100
STARTERS = {
    "suspended_accounts": "block",
    "watched_accounts": "watch",
    "watched_customers": "watch",
    "trusted_payees": "allow",
}  # what most banks keep; the packs' rules ask the first
ROWS_MAX = 10_000


def lists(asked: Asked) -> Shown:
    """Every list, and a form for a new one."""
    tools, desk = listing.tools(asked, "lists"), asked.behind.rules
    there = {one.name for one in desk.lists()}
    waits = {one.name: one for one in desk.changes("waiting", None, 100) if one.kind == "list"}
    return Shown("lists.html", {
        "lists": chosen_lists(asked, tools["chosen"]), "purposes": PURPOSES, "tools": tools, "waits": waits,
        "starters": {name: purpose for name, purpose in STARTERS.items() if name not in there},
    })  # fmt: skip


def chosen_lists(asked: Asked, chosen: Mapping[str, str]) -> list[Any]:
    """Lists of the purpose that is asked for."""
    return [one for one in asked.behind.rules.lists() if one.purpose == chosen.get("purpose", one.purpose)]


def one(asked: Asked) -> Shown:
    """Who stands on one list."""
    name, after = asked.place["name"], asked.query.get("after", "")
    desk = asked.behind.rules
    known = next((one for one in desk.lists() if one.name == name), None)
    entries = desk.entries(name, after, ROWS)
    waits = [one for one in desk.changes("waiting", None, 100) if (one.kind, one.name) == ("list", name)]
    return Shown("list.html", {
        "name": name, "purpose": known.purpose if known else "", "entries": entries, "waits": waits,
        "tools": listing.tools(asked, "list", name=name), "next": entries[-1].entity if len(entries) == ROWS else "",
    })  # fmt: skip


def begin(asked: Asked) -> Moved:
    """Ask for a list on which nobody stands yet."""
    form = asked.form
    name, purpose = form.get("list", "").strip(), form.get("purpose", "")
    number = asked.behind.rules.begin_list(name, purpose, asked.person.name, form.get("comment", ""))
    return Moved(address(f"/approvals/change/{number}", said="rule_asked"))


def change(asked: Asked) -> Moved:
    """Ask for one entity to be added or taken off."""
    form = asked.form
    row: dict[str, Any] = {
        "entity": form.get("entity", "").strip(), "action": form.get("action", "add"), "reason": form.get("reason", ""),
    }  # fmt: skip
    if days := form.get("days", "").strip():
        if not days.isdecimal() or not 0 < int(days[:6]) <= 3_650:
            raise BadForm("an entry lasts 1 to 3,650 days, or without an end")
        row["expires"] = _moment(asked, int(days))
    return _asked(asked, [row])


def bring(asked: Asked) -> Moved:
    """Ask for the rows of a CSV file."""
    file = asked.files.get("file")
    if file is None:
        raise BadForm("choose a CSV file; its columns are entity, action, reason, owner, expires")
    rows = asked.behind.rules.read_csv(file.content)
    if not 0 < len(rows) <= ROWS_MAX:
        raise BadForm(f"a file has 1 to {ROWS_MAX:,} rows, this one {len(rows):,}")
    return _asked(asked, rows)


def _asked(asked: Asked, rows: list[dict[str, Any]]) -> Moved:
    form = asked.form
    name = form.get("list", "").strip()
    number = asked.behind.rules.change_list(
        name, form.get("purpose", ""), rows, asked.person.name, form.get("comment", "")
    )
    return Moved(address(f"/approvals/change/{number}", said="rule_asked"))


def _moment(asked: Asked, days: int) -> str:
    return moment(asked.now_us + days * 86_400_000_000)


PAGES = (
    Page("/rules/lists", lists),
    Page("/rules/lists/{name}", one),
    Page("/act/list-begin", begin, "rules:write", "POST"),
    Page("/act/list-change", change, "rules:write", "POST"),
    Page("/act/list-import", bring, "rules:write", "POST", is_upload=True),
)
