"""Rules: what was agreed on, how each does in life, and the way of one rule through its lanes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from haechi.console import drawing
from haechi.console.errors import BadForm
from haechi.console.fields import share, whole
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.pages.diffing import changed
from haechi.console.screen import address

LANES = ("live", "canary", "shadow", "draft", "retired")
NEXT = {
    "draft": ("shadow", "canary", "live"), "shadow": ("canary", "live", "draft"),
    "canary": ("live", "shadow", "retired"), "live": ("canary", "retired"), "retired": ("shadow", "live"),
}  # fmt: skip
SORTS = ("name", "hits", "precision", "edited")
BARS_MAX = 30
DAY_US = 86_400_000_000


def rules(asked: Asked) -> Shown:
    """The list."""
    desk, tools = asked.behind.rules, listing.tools(asked, "rules")
    chosen, lines = tools["chosen"], desk.rules()
    in_force, preparing = desk.state()
    return Shown("rules.html", {
        "rows": chosen_rules(asked, chosen), "all": len(lines), "figures": desk.figures(), "in_force": in_force,
        "counts": {lane: sum(line.shown.lane == lane for line in lines) for lane in LANES}, "preparing": preparing,
        "lanes": LANES, "sorts": SORTS, "lane": chosen.get("lane", ""), "query": chosen.get("q", ""),
        "sort": chosen.get("sort", SORTS[0]), "tools": tools,
    })  # fmt: skip


def chosen_rules(asked: Asked, chosen: Mapping[str, str]) -> list[tuple[Any, Any]]:
    """Rules that the filters ask for, in their order, each with its figures."""
    desk, lane, wanted = asked.behind.rules, chosen.get("lane", ""), chosen.get("q", "").lower()
    figures = desk.figures()
    rows = [
        (line, figures.of(line.id)) for line in desk.rules()
        if (not lane or line.shown.lane == lane) and (not wanted or wanted in _searched(asked, line))
    ]  # fmt: skip
    return sorted(rows, key=_order(chosen.get("sort", SORTS[0])))


def rule(asked: Asked) -> Shown:
    """One rule: what it says, how it does, its versions, its way."""
    desk, name = asked.behind.rules, asked.place["id"]
    line, figures = desk.line(name), desk.figures()
    version = line.number(whole(asked.query.get("version", str(line.shown.version))))
    before = whole(asked.query.get("against", "0"))
    full = desk.rule(name)
    waits = [one for one in desk.changes("waiting", None, 100) if (one.kind, one.name) == ("rule", name)]
    return Shown("rule.html", {
        "line": line, "version": version, "rule": version.rule, "told": desk.told(version.rule.condition),
        "figures": figures.of(name), "since_us": figures.since_us, "picture": _picture(asked, figures.of(name)),
        "history": full.history[::-1][:50], "snoozes": full.snoozes, "waits": waits, "next": NEXT[version.lane],
        "against": line.number(before) if before else None,
        "changes": changed(line.number(before).rule, version.rule) if before else (),
        "entities": sorted({"customer", "card", "device", "payee", "merchant"}),
    })  # fmt: skip


def move(asked: Asked) -> Moved:
    """Another lane: at once, or once others agree."""
    form = asked.form
    asked_for = asked.behind.rules.move(
        form.get("rule", ""), whole(form.get("version", "0")), form.get("lane", ""), share(form.get("share", "5")),
        asked.person.name, form.get("comment", ""),
    )  # fmt: skip
    return _after(form.get("rule", ""), asked_for)


def roll_back(asked: Asked) -> Moved:
    """Back to what was live before."""
    name = asked.form.get("rule", "")
    return _after(name, asked.behind.rules.rollback(name, asked.person.name, asked.form.get("comment", "")))


def snooze(asked: Asked) -> Moved:
    """Let one rule rest for one entity."""
    form = asked.form
    hours = whole(form.get("hours", "0"))
    if not 0 <= hours <= 24 * 365:
        raise BadForm("a snooze lasts 0 to 8,760 hours")
    until = asked.now_us + hours * 3_600_000_000
    asked.behind.rules.snooze(
        form.get("rule", ""), form.get("entity", ""), form.get("id", "").strip(), until, asked.person.name,
        form.get("reason", ""),
    )  # fmt: skip
    return Moved(address(f"/rules/of/{form.get('rule', '')}", said="rule_snoozed" if hours else "rule_woken"))


def snoozes(asked: Asked) -> Shown:
    """Every snooze that still lasts, and those that ended."""
    tools = listing.tools(asked, "snoozes")
    return Shown("snoozes.html", {"snoozes": chosen_snoozes(asked, tools["chosen"]), "tools": tools})


def chosen_snoozes(asked: Asked, chosen: Mapping[str, str]) -> list[Any]:
    """Snoozes whose rule or entity holds what is looked for."""
    wanted = chosen.get("q", "").lower()
    return [one for one in asked.behind.rules.snoozes() if wanted in f"{one.rule} {one.entity} {one.id}".lower()]


def packs(asked: Asked) -> Shown:
    """Packs of rules that come with Haechi."""
    desk = asked.behind.rules
    there, packs = {one.name for one in desk.lists()}, desk.packs()
    missing = {rule.id: [name for name in desk.lists_of(rule.condition) if name not in there]
               for _, pack in packs for rule in pack.rules}  # fmt: skip
    known = {line.id for line in desk.rules()}
    return Shown("packs.html", {"packs": packs, "known": known, "missing": missing})


def take(asked: Asked) -> Moved:
    """Take rules of a pack as drafts."""
    name = asked.form.get("pack", "")
    wanted = asked.lists.get("rule", [])
    kept = asked.behind.rules.take_pack(name, wanted, asked.person.name)
    return Moved(address("/rules", lane="draft", said="rules_taken" if kept else "nothing"))


def _searched(asked: Asked, line: Any) -> str:
    found = line.shown.rule
    return " ".join([line.id, *found.name.values(), *found.tags, found.condition, line.newest.author]).lower()


def _order(sort: str) -> Any:
    def key(row: tuple[Any, Any]) -> Any:
        line, found = row
        if sort == "hits":
            return -found.hits
        if sort == "precision":
            return (found.precision is None, -(found.precision or 0))
        if sort == "edited":
            return -line.newest.created_us
        return (LANES.index(line.shown.lane), line.id)

    return key


def _picture(asked: Asked, found: Any) -> Any:
    """Hits by day, the newest thirty that the journal knows."""
    t = asked.words
    if not found.days:
        return None
    last = max(found.days)
    days = [last - n for n in range(BARS_MAX - 1, -1, -1)]
    hits = [float(found.days.get(day, 0)) for day in days]
    label = t("rules.picture", n=int(sum(hits)))
    names = [_day(day) for day in days]
    return drawing.bars(
        names, [drawing.Stack(t("rules.hits"), hits)], label=label, y=t("rules.hits"), width=440, height=150
    )


def _day(day: int) -> str:
    return f"{date(1970, 1, 1) + timedelta(days=day):%m-%d}"


def _after(name: str, change: int | None) -> Moved:
    return Moved(address(f"/rules/of/{name}", said="rule_moved" if change is None else "rule_asked"))


PAGES = (
    Page("/rules", rules, rail=Rail("rules", 60, key="l")),
    Page("/rules/of/{id}", rule),
    Page("/rules/snoozes", snoozes),
    Page("/rules/packs", packs),
    Page("/act/rule-move", move, "rules:write", "POST"),
    Page("/act/rule-rollback", roll_back, "rules:write", "POST"),
    Page("/act/rule-snooze", snooze, "rules:write", "POST"),
    Page("/act/pack-take", take, "rules:write", "POST"),
)
