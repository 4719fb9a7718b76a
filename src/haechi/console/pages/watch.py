"""Watch: what happens now, on a wall or beside the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from haechi.cases.pulse import MINUTES, Rising, Row
from haechi.console import drawing
from haechi.console.page import Asked, Page, Rail, Shown
from haechi.console.screen import address, say_of

ROWS, RISING, MEETING = 40, 4, 6
STOPPED = ("challenge", "hold", "block")
KINDS = {"challenge": "c1", "hold": "warn", "block": "bad"}


def watch(asked: Asked) -> Shown:
    """The wall."""
    all_ = asked.query.get("all") == "1"
    rows = asked.behind.pulse.rows(0, ROWS, stopped=not all_)
    feed = address("/feed", all="1" if all_ else "", after=str(asked.behind.pulse.last_seq))
    return Shown(
        "watch.html", {"rows": rows_shown(asked, rows), "left_out": 0, "all_": all_, "feed": feed, **wall(asked)}
    )


def rows_shown(asked: Asked, rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    """Rows as the feed shows them, each with where it leads; what was done and how much have their own columns."""
    pick = asked.words.pick
    return [
        {
            "row": row, "href": address(f"/events/{row.event_id}"), "sentence": pick(row.sentence),
            "reason": pick(row.reason_text) or pick(row.sentence),
        }
        for row in rows
    ]  # fmt: skip


def wall(asked: Asked) -> dict[str, Any]:
    """The figures of the wall."""
    behind, now = asked.behind, asked.now_us
    pulse, numbers = behind.pulse, behind.cases.numbers
    minutes = pulse.by_minute(now)
    return {
        "per_second": pulse.per_second(now), "p99_us": pulse.p99_us(), "numbers": numbers,
        "hour": {action: sum(counts) for action, counts in minutes.items()},
        "money": behind.money_today(midnight_us(now, behind.timezone)),
        "alarms": behind.models.raised(), "stopped_drawing": _stopped(asked, minutes),
        "rising": [_rising(asked, one) for one in pulse.rising(now)[:RISING]],
        "meeting": [_meeting(one) for one in behind.models.suspects()[:MEETING]],
    }  # fmt: skip


def _rising(asked: Asked, one: Rising) -> dict[str, Any]:
    """A reason that is told often: what is unusual by its name, not by the figures of the one event told last."""
    kind, _, name = one.code.partition(".")
    named = asked.words.any(f"rising.{name}", "") if kind == "behaviour" else ""
    return {"said": named or asked.words.pick(one.text) or one.code, "now": one.now, "before": one.before}


def _meeting(one: Any) -> dict[str, Any]:
    """A place where several customers' suspicious events meet: its page lists them, and opens one case for all."""
    kind, _, name = one.entity.partition(":")
    return {"kind": kind, "name": name, "href": address(f"/entities/{kind}/{name}"), "customers": one.customers,
            "events": len(one.events), "expected": f"{one.expected_frauds:.1f}"}  # fmt: skip


def midnight_us(now_us: int, timezone: str) -> int:
    """When this day began where the bank is."""
    now = datetime.fromtimestamp(now_us / 1e6, ZoneInfo(timezone))
    return int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1_000_000


def _stopped(asked: Asked, minutes: Mapping[str, Sequence[int]]) -> Any:
    """What was stopped in each of the last 60 minutes."""
    t, zone = asked.words, ZoneInfo(asked.behind.timezone)
    now = datetime.fromtimestamp(asked.now_us / 1e6, zone)
    names = [f"{now - timedelta(minutes=MINUTES - 1 - n):%H:%M}" for n in range(MINUTES)]
    stacks = [drawing.Stack(t(f"action.{action}"), list(minutes[action]), KINDS[action]) for action in STOPPED]
    total = sum(sum(minutes[action]) for action in STOPPED)
    if not total:
        return None
    label = t("watch.stopped_label", count=say_of(asked).number(total))
    return drawing.bars(names, stacks, label=label, y=t("watch.stopped_axis"), x="", width=600, height=200)


PAGES = (Page("/watch", watch, rail=Rail("watch", 10, key="w")),)
