"""What a page shows about one event: its reasons, its customer's month, who is connected, what would have let it pass.

Nothing is worked out here that the decision does not say; past events come from the read model, so a page costs the
same whether the history is long or short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from markupsafe import Markup

from haechi.cases.recent import NOTHING, Happened, Linked, Past
from haechi.console import drawing
from haechi.console.behind import Decided
from haechi.console.page import Asked
from haechi.console.pages import facts
from haechi.console.screen import address, say_of
from haechi.decision import Decision, Policy
from haechi.decision.otherwise import Otherwise, otherwise
from haechi.decision.sentence import COUNTED
from haechi.events import Event, Reason
from haechi.events.money import exponent

DAY_US = 86_400_000_000
DAYS = 30
LATEST, AFTER = 10, 3
STRIP = 36
NEAR = 25  # nodes that a graph shows at first
LEAST_SHARE = 0.1  # of the amount: what only less than that would have let pass is no advice
AMOUNTS, HOURS = ("amount", "ratio", "sum", "mean"), ("hour", "time_of_day", "clock")
COUNTS = ("count", "burst", "number", "events_")


class Why(NamedTuple):
    """One reason as a page shows it; `share` is its weight against the heaviest, in eight steps.

    `said_apart`: value and usual are told beside the text, where it does not say both.
    """

    reason: Reason
    text: str
    share: int
    strip: Markup | None
    href: str
    said_apart: bool


class Graph(NamedTuple):
    """Who is connected: the drawing, its table, and how many of each kind are near, too, but not drawn."""

    picture: Markup
    rows: list[drawing.GraphRow]
    left_out: list[tuple[str, int]]


def evidence(asked: Asked, decided: Decided, *, blind: bool = False) -> dict[str, Any]:
    """All that the middle of an alert's page shows; `blind` leaves out which events turned out to be fraud."""
    behind, event, decision = asked.behind, decided.event, decided.decision
    name = event.entities.get(behind.subject, "")
    past = behind.recent.of(behind.subject, name, event.time_us - DAYS * DAY_US, latest=400)
    past = unmarked(past, event.time_us) if blind else past
    linked = behind.recent.around(behind.subject, name, event.time_us - DAYS * DAY_US)
    if blind:  # what served a fraud is known by verdicts
        linked = Linked({one: replace(seen, fraud=False) for one, seen in linked.nodes.items()}, linked.edges)
    plain, legend = told(asked, decision)
    return {
        "event": event, "decision": decision, "name": name, "past": past, "plain": plain, "legend": legend,
        "why": reasons(asked, event, decision.reasons, past) if decision else [],
        "timeline": timeline(asked, past, event), "week": week(asked, past, event),
        "signs": facts.signs(past, event.time_us),
        "latest": around(past.latest, event.time_us), "graph": drawn(asked, (behind.subject, name), linked),
        "otherwise": passes(event, decision, behind.policy) if decision else [],
        "facts": facts.facts(asked, event, linked.nodes, blind=blind), "known_days": known_days(past, event.time_us),
        "customer_href": facts.entity_href(asked, (behind.subject, name)) if name else "",
    }  # fmt: skip


def told(asked: Asked, decision: Decision | None) -> tuple[str, str]:
    """A decision's sentence, and apart from it what its brackets count: that stands once, below the reasons."""
    text = asked.words.pick(decision.sentence) if decision else ""
    counted = COUNTED[asked.language]
    return (text.removesuffix(counted), counted.strip()) if text.endswith(counted) else (text, "")


def known_days(past: Past, time_us: int) -> int:
    """For how many days before a moment events are known here."""
    return max(1, (time_us - past.since_us) // DAY_US) if past.since_us else 1


def passes(event: Event, decision: Decision, policy: Policy) -> list[Otherwise]:
    """What would have let an event pass, where somebody can do something with it.

    An amount that is next to nothing says the same as no amount; a lower risk, or a detector that had seen nothing, are
    nothing that anybody could wish for.
    """
    found = otherwise(event, decision, policy)
    least = (event.amount or 0) * LEAST_SHARE
    return [one for one in found if one.what == "rules" or (one.what == "amount" and one.amount >= least)]


def around(latest: Sequence[Happened], time_us: int) -> Sequence[Happened]:
    """Some events before a moment, the newest first, and the few that came right after it."""
    since = sum(one.time_us > time_us for one in latest)
    first = max(0, since - AFTER)
    return latest[first : first + LATEST]


def unmarked(past: Past, until_us: int) -> Past:
    """The same past for somebody who must not see what became of it: no mark of a fraud, nothing told afterwards."""
    latest = [one._replace(fraud=False) for one in past.latest if one.time_us <= until_us]
    return replace(past, frauds=np.zeros_like(past.frauds), latest=latest)


def reasons(asked: Asked, event: Event, given: Sequence[Reason], past: Past) -> list[Why]:
    """Reasons by weight, each with the past of what it is about where that is one of the customer's own figures."""
    most = max((reason.weight for reason in given), default=0.0) or 1.0
    return [
        Why(
            reason, asked.words.pick(reason.text), max(1, round(8 * max(reason.weight, 0.0) / most)),
            strip(asked, reason, event, past), rule_href(reason), _is_apart(reason, asked.language),
        )
        for reason in sorted(given, key=lambda reason: -reason.weight)
    ]  # fmt: skip


def _is_apart(reason: Reason, language: str) -> bool:
    text = reason.text.get("en", "")
    if reason.code.startswith("behaviour."):
        return False  # its sentence says both, rounded as people say them
    if reason.value == "unknown":
        return False  # its sentence says what that means
    if language != "en" and any(letter.isascii() and letter.isalpha() for letter in reason.value + reason.usual):
        return False  # values are told in English; the text has them in every language
    return bool(reason.usual) and not (reason.value in text and all(end in text for end in reason.usual.split("-")))


def rule_href(reason: Reason) -> str:
    """Where the rule behind a reason is; models have no page for one reason."""
    kind, _, name = reason.code.partition(".")
    return address(f"/rules/of/{name}") if kind == "rules" and name else ""


def strip(asked: Asked, reason: Reason, event: Event, past: Past) -> Markup | None:
    """The small history of a reason that is about an amount, an hour or a number of events."""
    code, t = reason.code.lower(), asked.words
    before = past.times_us < event.time_us
    if any(word in code for word in AMOUNTS):
        known = past.amounts[before & (past.amounts != NOTHING)].tolist()[-STRIP:]
        if not known or event.amount is None:
            return None
        low, high = sorted(known)[len(known) // 10], sorted(known)[len(known) * 9 // 10]
        return drawing.history_strip(known, event.amount, label=t("evidence.strip_amounts"), usual=(low, high))
    if any(word in code for word in HOURS):
        zone = ZoneInfo(asked.behind.timezone)
        hours = [0.0] * 24
        for time_us in past.times_us[before].tolist():
            hours[datetime.fromtimestamp(time_us / 1e6, zone).hour] += 1
        return drawing.history_strip(hours, None, label=t("evidence.strip_hours"))
    if any(word in code for word in COUNTS):
        days = [0.0] * DAYS
        for time_us in past.times_us.tolist():
            day = (event.time_us - time_us) // DAY_US
            if 0 <= day < DAYS:
                days[DAYS - 1 - day] += 1
        return drawing.history_strip(days[:-1], days[-1], label=t("evidence.strip_days"))
    return None


def timeline(asked: Asked, past: Past, event: Event) -> Markup:
    """30 days of amounts by the hour of the week, this event ringed."""
    t, say = asked.words, say_of(asked)
    known = moments(asked, past, event.time_us)
    now = f"{say.when(event.time_us)} · {say.money(event.amount, event.currency)}"
    scale = 10 ** exponent(event.currency or "KRW")
    this = drawing.Moment(local(asked, event.time_us), (event.amount or 0) / scale, "plain", now)
    return drawing.by_hour_of_week(
        known, weekdays(asked), label=t("evidence.timeline_label", n=len(known), now=now),
        amount="", hour="",
        kinds=[t(f"evidence.{one}") for one in ("plain", "stopped", "fraud", "this")], ringed=this, width=560,
        height=230, said=say.axis,
    )  # fmt: skip


def moments(asked: Asked, past: Past, without_us: int = 0) -> list[drawing.Moment]:
    """Past events that moved money, for a drawing; what was stopped or fraud is told apart."""
    say, zone, found = say_of(asked), ZoneInfo(asked.behind.timezone), []
    columns = (past.times_us.tolist(), past.amounts.tolist(), past.currencies, past.actions, past.frauds.tolist())
    for time_us, amount, currency, action, fraud in zip(*columns, strict=True):
        if amount != NOTHING and time_us != without_us:
            kind = "fraud" if fraud else "stopped" if action not in ("", "allow") else "plain"
            said = f"{say.when(time_us)} · {say.money(amount, currency)}" if kind != "plain" else ""
            when = datetime.fromtimestamp(time_us / 1e6, zone)
            found.append(drawing.Moment(when, amount / 10 ** exponent(currency or "KRW"), kind, said))
    return found


def week(asked: Asked, past: Past, event: Event) -> Markup:
    """When the customer is active; this event's hour ringed."""
    t, at = asked.words, local(asked, event.time_us)
    counts = hours(asked, past.times_us[past.times_us < event.time_us])
    return drawing.heat_strip(
        counts, weekdays(asked), label=t("evidence.week_label"), few=t("evidence.few"), many=t("evidence.many"),
        ringed=(at.weekday(), at.hour),
    )  # fmt: skip


def hours(asked: Asked, times_us: Any) -> list[list[float]]:
    """Events by weekday and hour."""
    zone, counts = ZoneInfo(asked.behind.timezone), [[0.0] * 24 for _ in range(7)]
    for time_us in times_us.tolist():
        at = datetime.fromtimestamp(time_us / 1e6, zone)
        counts[at.weekday()][at.hour] += 1
    return counts


def local(asked: Asked, time_us: int) -> datetime:
    """A moment where the bank is."""
    return datetime.fromtimestamp(time_us / 1e6, ZoneInfo(asked.behind.timezone))


def weekdays(asked: Asked) -> list[str]:
    """The days of the week, short, Monday first."""
    return [asked.words(f"evidence.day_{n}") for n in range(7)]


def graph(asked: Asked, kind: str, name: str, time_us: int) -> Graph | None:
    """Who shares a device, a payee, an address or a card with somebody, two hops far; None when nobody does."""
    if not name:
        return None
    return drawn(asked, (kind, name), asked.behind.recent.around(kind, name, time_us - DAYS * DAY_US))


def drawn(asked: Asked, middle: tuple[str, str], found: Linked) -> Graph | None:
    """What is connected as a drawing: the few nearest, or all there is room for when the address asks for it."""
    if len(found.nodes) < 2:
        return None
    t, kind_of_people = asked.words, asked.behind.subject  # a victim is no fraudster
    nodes = [
        drawing.Node(
            id_of(one), one[0], one[1], facts.entity_href(asked, one),
            note=t("evidence.node", kind=kind_said(asked, one[0]), n=seen.events),
            bad=seen.fraud and one[0] != kind_of_people,
        )
        for one, seen in found.nodes.items()
    ]  # fmt: skip
    edges = [drawing.Edge(id_of(a), id_of(b), times) for (a, b), times in found.edges.items()]
    most = drawing.NODES_MAX if asked.query.get("graph") == "all" else NEAR
    kept, edges, left_out = drawing.nearest(nodes, edges, id_of(middle), most)
    kinds = {one: kind_said(asked, one) for one in asked.behind.recent.links}
    label = t("evidence.graph_label", name=middle[1], n=len(kept) - 1)
    picture = drawing.ego_graph(kept, edges, id_of(middle), label=label, kinds=kinds, bad=t("evidence.fraud"),
                                width=420, height=320)  # fmt: skip
    return Graph(picture, drawing.graph_rows(kept, edges, id_of(middle))[1:],
                 [(kinds.get(kind, kind), count) for kind, count in left_out.most_common()])  # fmt: skip


def id_of(entity: tuple[str, str]) -> str:
    """One name for an entity in a graph."""
    return f"{entity[0]}:{entity[1]}"


def kind_said(asked: Asked, kind: str) -> str:
    """A kind of entity in words; a bank's own kinds as they are."""
    return asked.words.any(f"entity.{kind}", kind)
