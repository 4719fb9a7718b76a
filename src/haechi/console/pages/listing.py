"""What every list can do: filters that stand in its address, views of it to keep under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from haechi.console.errors import BadForm
from haechi.console.fields import whole
from haechi.console.page import Asked, Moved, Page
from haechi.console.screen import address

FILTER_CHARS_MAX = 200


class Listing(NamedTuple):
    """A list: its address, in which {name} is a filter's value, and the filters that its address may have."""

    path: str
    filters: tuple[str, ...]


LISTINGS: Mapping[str, Listing] = {
    "queue": Listing("/queue", ("state", "action", "holder", "level", "subject")),
    "challenges": Listing("/challenges", ("state", "subject")),
    "cases": Listing("/cases", ("state", "holder")),
    "refunds": Listing("/refunds", ("state", "subject")),
    "rules": Listing("/rules", ("lane", "q", "sort")),
    "snoozes": Listing("/rules/snoozes", ("q",)),
    "lists": Listing("/rules/lists", ("purpose",)),
    "list": Listing("/rules/lists/{name}", ("name", "after")),
    "approvals": Listing("/approvals", ("state",)),
    "models": Listing("/models", ("place",)),
    "audit": Listing("/audit", ("who", "about", "day")),
    "webhooks": Listing("/audit/webhooks", ("webhook", "state")),
}


def chosen(given: Mapping[str, str], page: str) -> dict[str, str]:
    """The filters of a list in an address or in a form."""
    if page not in LISTINGS:
        raise BadForm(f"a view is of {', '.join(LISTINGS)}")
    said = {name: given.get(name, "").strip()[:FILTER_CHARS_MAX] for name in LISTINGS[page].filters}
    found = {name: value for name, value in said.items() if value}
    if "{name}" in LISTINGS[page].path and "name" not in found:
        raise BadForm("a view is of one list, by its name")
    return found


def query_of(filters: Mapping[str, str]) -> str:
    """The same as what stands behind the question mark."""
    return address("", **filters).removeprefix("?")


def where(page: str, filters: Mapping[str, str], **more: str) -> str:
    """The address of a list with these filters."""
    path = LISTINGS[page].path
    rest = {name: value for name, value in filters.items() if f"{{{name}}}" not in path}
    return address(path.format_map(dict(filters)), **rest, **more)


def tools(asked: Asked, page: str, **more: str) -> dict[str, Any]:
    """What a list's page shows beside it: its filters, the views that were kept of it."""
    filters = chosen({**asked.query, **more}, page)
    views = [
        (view, where(page, {**more, **dict(parse_qsl(view.query))}), view.query == query_of(filters))
        for view in asked.behind.cases.keeping.views(asked.person.name, page)
    ]
    return {"page": page, "chosen": filters, "views": views}


def about(asked: Asked, said: str | None) -> str:
    """A subject as the desk has it: an id alone is the customer's."""
    return f"{asked.behind.subject}:{said}" if said and ":" not in said else said or ""


def holder(asked: Asked, said: str | None) -> str | None:
    """Who has it; `me` is whoever asks."""
    return asked.person.name if said == "me" else said


def keep(asked: Asked) -> Moved:
    """Keep what the filters ask for under a name."""
    page = asked.form.get("page", "")
    filters = chosen(asked.form, page)
    asked.behind.cases.keeping.keep(asked.person.name, page, asked.form.get("title", "").strip(), query_of(filters))
    return Moved(where(page, filters, said="view_kept"))


def drop(asked: Asked) -> Moved:
    """Remove a view of one's own."""
    page = asked.form.get("page", "")
    filters = chosen(asked.form, page)
    asked.behind.cases.keeping.drop(asked.person.name, whole(asked.form.get("number", ""), 17))
    return Moved(where(page, filters, said="view_dropped"))


PAGES = (Page("/act/view-keep", keep, "read", "POST"), Page("/act/view-drop", drop, "read", "POST"))
