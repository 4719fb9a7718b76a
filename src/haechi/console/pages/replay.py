"""Replay: what a rule would have done in the last days, held against what came out and against the rules that act."""

from __future__ import annotations

from typing import Any

from haechi.console import drawing
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.pages.rule_edit import DAYS
from haechi.console.screen import address

STOPS = ("hold", "block")
MATURE_SHARE_MIN = 0.5


def start(asked: Asked) -> Moved:
    """Start judging one version, or two against each other."""
    refs = asked.lists.get("ref", [])[:2]
    days = asked.form.get("days", "30")
    job = asked.behind.rules.replay(refs, "", int(days) if days in map(str, DAYS) else 30, live=len(refs) < 2)
    return Moved(address(f"/rules/replay/{job}", rule=asked.form.get("rule", "")))


def replay(asked: Asked) -> Shown:
    """How far it is, then the report."""
    found = asked.behind.rules.replay_of(asked.place["job"])
    rule = asked.query.get("rule", "")
    way = {"rule": rule, "draft": bool(asked.query.get("draft", "")), "job": asked.place["job"]}
    if found.state != "done":
        return Shown("replay_wait.html", {"found": found, **way})
    report = found.report
    mine = [one for one in report["rules"] if not rule or one["rule"].partition("@")[0] == rule] or report["rules"][:1]
    return Shown("replay.html", {
        "report": report, **way, "mine": [_told(asked, one, report) for one in mine],
        "others": [one for one in report["rules"] if one not in mine], "doubts": _doubts(report), "days": DAYS,
    })  # fmt: skip


def _told(asked: Asked, one: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """One rule's figures as the page shows them: hits by what became of them, and what it adds each day."""
    confusion = one["confusion"] or {}
    caught, refunded = confusion.get("caught", 0), one["refunded"]
    split = {
        "refunded": refunded, "disputed": max(caught - refunded, 0), "legitimate": confusion.get("false_alarms", 0),
        "unknown": one["hits_without_mature_label"],
    }  # fmt: skip
    days = max(report["days"], 1.0)
    return {**one, "split": split, "a_day": one["hits"] / days, "added": one["alone"] / days,
            "pictures": _pictures(asked, one, split)}  # fmt: skip


def _pictures(asked: Asked, one: dict[str, Any], split: dict[str, int]) -> list[Any]:
    t = asked.words
    rows = [
        drawing.Bar(t(f"replay.{name}"), count, kind=kind)
        for (name, count), kind in zip(split.items(), ("bad", "warn", "c3", "plain"), strict=True)
    ]
    drawn = [
        drawing.lying_bars(rows, label=t("replay.split_label", **{k: f"{v:,}" for k, v in split.items()}), width=480)
    ]
    if one["by_day"]:
        names = [day["day"][5:] for day in one["by_day"]]
        frauds = [float(day["caught"]) for day in one["by_day"]]
        honest = [float(day["false_alarms"]) for day in one["by_day"]]
        rest = [day["hits"] - f - h for day, f, h in zip(one["by_day"], frauds, honest, strict=True)]
        stacks = [
            drawing.Stack(t("replay.frauds"), frauds, "bad"), drawing.Stack(t("replay.legitimate"), honest, "c3"),
            drawing.Stack(t("replay.unknown"), rest, "plain"),
        ]  # fmt: skip
        drawn.append(
            drawing.bars(names, stacks, label=t("replay.days_label"), y=t("rules.hits"), width=480, height=180)
        )
    return drawn


def _doubts(report: dict[str, Any]) -> list[str]:
    """Why one should not trust these figures too far."""
    if not report["events"]:
        return ["no_events"]
    found = []
    if not report["mature_labels"]:
        found.append("no_labels")
    elif report["mature_labels"] < MATURE_SHARE_MIN * report["events"]:
        found.append("few_labels")
    if report["mature_labels"] and not report["frauds"]:
        found.append("no_frauds")
    if not report.get("whole", True):
        found.append("archive_only")
    return found


PAGES = (
    Page("/rules/replay/{job}", replay),
    Page("/act/replay", start, "rules:write", "POST", other_right="rules:approve"),
)
