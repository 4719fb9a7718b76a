"""The customer: what is usual for her, what she did, what people did about it; and any other entity by its events."""

from __future__ import annotations

from typing import Any

from haechi.cases.recent import NOTHING
from haechi.console import drawing
from haechi.console.errors import Missing
from haechi.console.page import Asked, Page, Shown
from haechi.console.pages import evidence
from haechi.console.screen import say_of

DAYS = 90
LATEST = 40
STOPPED = ("hold", "block")
SPEAKS = ("report", "limit_change", "verdict", "application")
PARTIES = ("merchants", "payees", "devices", "categories")


def customer(asked: Asked) -> Shown:
    """One customer."""
    name, behind = asked.place["name"], asked.behind
    subject = f"{behind.subject}:{name}"
    past = behind.recent.of(behind.subject, name, latest=LATEST)
    alerts = behind.cases.alerts.about(subject)
    if not len(past.times_us) and not alerts:
        raise Missing(f"nobody named {name[:80]!r} is known here")
    profile = behind.profile(name) if asked.query.get("full") == "1" else None
    last_us = int(past.times_us[-1]) if len(past.times_us) else asked.now_us
    return Shown(
        "customer.html",
        {
            "name": name, "past": past, "latest": past.latest, "alerts": alerts, "profile": profile,
            "refunds": behind.cases.refunds.about(subject, 20),
            "challenges": behind.cases.challenges.about(subject, 20),
            "graph": evidence.graph(asked, behind.subject, name, last_us), "figures": figures(asked, past),
            "week": week(asked, past), "days": days(asked, past), "parties": PARTIES,
            "top": top(past.latest), "asked_full": asked.query.get("full") == "1",
        },
    )  # fmt: skip


def entity(asked: Asked) -> Shown:
    """A device, a payee, an address: its events and whom it connects."""
    kind, name = asked.place["kind"], asked.place["name"]
    if kind not in asked.behind.recent.links:
        raise Missing(f"there is no kind of entity {kind[:40]!r}")
    past = asked.behind.recent.of(kind, name, latest=LATEST)
    if not len(past.times_us):
        raise Missing(f"no event of {kind} {name[:80]!r} is known here")
    last_us = int(past.times_us[-1])
    people = sorted({one.links.get(asked.behind.subject, "") for one in past.latest} - {""})
    values = {
        "kind": evidence.kind_said(asked, kind), "name": name, "past": past, "latest": past.latest, "people": people,
        "graph": evidence.graph(asked, kind, name, last_us), "frauds": int(past.frauds.sum()),
    }  # fmt: skip
    return Shown("entity.html", values)


def figures(asked: Asked, past: Any) -> list[tuple[str, str, list[int], int]]:
    """What is usual by kind of event and currency: amounts at a tenth, the half and nine tenths, and how many.

    What was stopped or turned out to be fraud is not usual, and what only speaks of an amount moves none.
    """
    by_kind: dict[tuple[str, str], list[int]] = {}
    columns = (past.kinds, past.currencies, past.amounts.tolist(), past.actions, past.frauds.tolist())
    for kind, currency, amount, action, fraud in zip(*columns, strict=True):
        if amount != NOTHING and not fraud and action not in STOPPED and kind not in SPEAKS:
            by_kind.setdefault((kind, currency), []).append(amount)
    found = []
    for (kind, currency), amounts in sorted(by_kind.items()):
        amounts.sort()
        picked = [amounts[min(len(amounts) - 1, len(amounts) * tenth // 10)] for tenth in (1, 5, 9)]
        found.append((kind, currency, picked, len(amounts)))
    return sorted(found, key=lambda one: -one[3])


def week(asked: Asked, past: Any) -> Any:
    """When she is active."""
    t, counts = asked.words, evidence.hours(asked, past.times_us)
    return drawing.heat_strip(
        counts, evidence.weekdays(asked), label=t("evidence.week_label"), few=t("evidence.few"), many=t("evidence.many")
    )


def days(asked: Asked, past: Any) -> Any:
    """Her amounts over time, what was stopped and what was fraud by shape; None when no event moved money."""
    moments = evidence.moments(asked, past)
    if not moments:
        return None
    t = asked.words
    return drawing.by_day(
        moments, label=t("customer.days_label", n=len(moments)), amount="", day="",
        kinds=[t(f"evidence.{one}") for one in ("plain", "stopped", "fraud", "this")], width=760, height=220,
        said=say_of(asked).axis,
    )  # fmt: skip


def top(latest: Any) -> dict[str, list[tuple[str, int]]]:
    """Whom and what she used most in her latest events."""
    found: dict[str, dict[str, int]] = {}
    for one in latest:
        for kind, name in one.links.items():
            if kind != "customer":
                counts = found.setdefault(kind, {})
                counts[name] = counts.get(name, 0) + 1
    return {kind: sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:6] for kind, counts in found.items()}


PAGES = (
    Page("/customers/{name:any}", customer),
    Page("/entities/{kind}/{name:any}", entity),
)
