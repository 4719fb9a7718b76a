"""What decides an alert at first sight: what the event names, how well the customer knows it, and what else was told.

Counts come from the read model: what happened before it goes back is not known here, and the page says how far that is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from haechi.cases.recent import Happened, Meeting, Met, Past
from haechi.console.page import Asked
from haechi.console.screen import address
from haechi.events import Event
from haechi.events.shops import shop

DAY_US = 86_400_000_000
NEW_US = 3 * DAY_US
FACTS_MAX, SIGNS_MAX = 40, 8
LATEST, CHALLENGES = 200, 100
PARTIES = ("payee", "merchant")
PAYS, COMES_BACK = ("payment", "transfer", "withdrawal"), ("deposit", "refund")
STOPPED = ("hold", "block")
FIRST = ("card", "device", "payee", "merchant", "ip", "account", "terminal", "channel", "method", "country")
PLACE = ("lat", "lon")
REPORT = "report"  # the customer says herself that something was not hers
TOLD = ("limit_change", "payee", "device", "check", "call", "message", "application")
Entity = tuple[str, str]


class Dealings(NamedTuple):
    """What a customer paid to somebody before, and what came back; money in minor units, `last_us` 0 when nothing.

    What was stopped was not paid; `frauds` are those confirmed of this payee, whoever was robbed, the newest first.
    """

    paid: int
    least: int
    most: int
    last_us: int
    back: int
    frauds: list[Happened]


class Fact(NamedTuple):
    """One thing that an event says.

    What has a page leads to it; `met` is how often the customer had used it before and since when (None: nobody keeps
    count), `known_us` how long before the event the first time was, `others` how many more people use it, and `bad`
    says that it was in a confirmed fraud.
    """

    name: str
    value: str
    href: str = ""
    met: Met | None = None
    known_us: int = 0
    others: int = 0
    bad: bool = False
    dealings: Dealings | None = None  # of a payee or a merchant

    @property
    def is_new(self) -> bool:
        """Whether the customer first used it a few days before, or never; of a payee, whether she never paid it."""
        if self.dealings is not None and self.name == "payee":
            return not self.dealings.paid
        return self.met is not None and (not self.met.times or self.known_us < NEW_US)


class Signs(NamedTuple):
    """What the customer and her telephone told: her own reports, and what else happened within a day before."""

    reports: list[Happened]
    told: list[Happened]


def facts(asked: Asked, event: Event, nodes: Mapping[Entity, Meeting], *, blind: bool = False) -> list[Fact]:
    """What the event says besides who, when and how much, what tells most first; names are the bank's own.

    blind: without which payee served a fraud.
    """
    said = {**event.entities, **event.categories, **event.attributes}
    said |= {name: f"{value:g}" for name, value in event.numbers.items()}
    said |= {name: str(value) for name, value in event.fields.items() if isinstance(value, str | int | float | bool)}
    subject = asked.behind.subject
    place = ", ".join(said[name] for name in PLACE if name in said)
    given = {name: value for name, value in said.items() if value != "" and name not in (subject, *PLACE)}
    ordered = sorted(given, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    named = [(name, given[name]) for name in ordered]
    met = asked.behind.recent.met(subject, event.entities.get(subject, ""), named, event.time_us)
    found = [
        _fact(asked, event.time_us, one, met.get(one), nodes.get(one))._replace(
            dealings=dealings(asked, event, one, blind=blind) if one[0] in PARTIES else None
        )
        for one in named
    ]
    return [*found, *([Fact("place", place)] if place else [])][:FACTS_MAX]


def _fact(asked: Asked, time_us: int, one: Entity, met: Met | None, node: Meeting | None) -> Fact:
    name, value = one
    is_linked = name in asked.behind.recent.links
    if name == "merchant_category":
        value = shop(value).ko if asked.language == "ko" else value.replace("_", " ")
    return Fact(
        name, value, entity_href(asked, one) if is_linked else "", met,
        time_us - met.first_us if met and met.times else 0,
        max(node.people - 1, 0) if node and name != "account" else 0,  # her own account is everybody's who pays her
        node is not None and node.fraud and name not in ("account", "payee"),  # she may have been robbed of it
    )  # fmt: skip


def dealings(asked: Asked, event: Event, party: Entity, *, blind: bool) -> Dealings:
    """What the customer of an event and one of its parties had to do with each other before."""
    subject, recent = asked.behind.subject, asked.behind.recent
    customer = event.entities.get(subject, "")
    before = recent.shared((subject, customer), party, event.time_us)
    asked_for = asked.behind.cases.challenges.about(f"{subject}:{customer}", CHALLENGES)
    refused = {one.seq for one in asked_for if one.action != "allow"}
    paid = [
        one for one in before
        if one.tags.get("kind") in PAYS and one.tags.get("action") not in STOPPED and one.seq not in refused
    ]  # fmt: skip
    amounts = [one.amount or 0 for one in paid]
    back = sum(one.amount or 0 for one in before if one.tags.get("kind") in COMES_BACK)
    known = [] if blind or party[0] != "payee" else recent.of(*party, latest=LATEST).latest
    return Dealings(
        len(paid), min(amounts, default=0), max(amounts, default=0), event.time_us - paid[0].time_us if paid else 0,
        back, [one for one in known if one.fraud],
    )  # fmt: skip


def signs(past: Past, time_us: int) -> Signs:
    """What was told around a moment, oldest first: reports of thirty days and from then on, the rest of one day."""
    seen = past.latest[::-1]
    reports = [one for one in seen if one.tags.get("kind") == REPORT]
    told = [
        one for one in seen if one.tags.get("kind") in TOLD and time_us - DAY_US <= one.time_us < time_us + DAY_US
        and one.time_us != time_us and (one.tags["kind"] != "check" or one.tags.get("result"))
    ]  # fmt: skip
    return Signs(reports[-3:], nearest(told, time_us))


def nearest(told: Sequence[Happened], time_us: int) -> list[Happened]:
    """The few that are closest in time, in their order."""
    kept = sorted(told, key=lambda one: abs(one.time_us - time_us))[:SIGNS_MAX]
    return sorted(kept, key=lambda one: one.time_us)


def entity_href(asked: Asked, entity: Entity) -> str:
    """Where one can read about an entity; from an alert or on its track, with the way back to it."""
    kind, name = entity
    back = asked.place.get("alert") or asked.query.get("alert", "")
    path = f"/customers/{name}" if kind == asked.behind.subject else f"/entities/{kind}/{name}"
    return address(path, alert=back)
