"""Rules: what was agreed on, how each does in life, and the way of one rule through its lanes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from haechi.console import drawing
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Moved, Page, Rail, Shown
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
    desk, query = asked.behind.rules, asked.query
    figures, lines = desk.figures(), desk.rules()
    counts = {lane: sum(line.shown.lane == lane for line in lines) for lane in LANES}
    lane, wanted, sort = query.get("lane", ""), query.get("q", "").strip().lower(), query.get("sort", SORTS[0])
    shown = [
        line for line in lines
        if (not lane or line.shown.lane == lane) and (not wanted or wanted in _searched(asked, line))
    ]  # fmt: skip
    rows = [(line, figures.of(line.id)) for line in shown]
    rows.sort(key=_order(sort))
    in_force, preparing = desk.state()
    return Shown("rules.html", {
        "rows": rows, "counts": counts, "all": len(lines), "figures": figures, "in_force": in_force,
        "preparing": preparing, "lanes": LANES, "sorts": SORTS, "lane": lane, "query": query.get("q", ""), "sort": sort,
    })  # fmt: skip


def rule(asked: Asked) -> Shown:
    """One rule: what it says, how it does, its versions, its way."""
    desk, name = asked.behind.rules, asked.place["id"]
    line, figures = desk.line(name), desk.figures()
    version = line.number(_whole(asked.query.get("version", str(line.shown.version))))
    before = _whole(asked.query.get("against", "0"))
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
    share = _share(form.get("share", "5"))
    asked_for = asked.behind.rules.move(
        form.get("rule", ""), _whole(form.get("version", "0")), form.get("lane", ""), share, asked.person.name,
        form.get("comment", ""),
    )  # fmt: skip
    return _after(form.get("rule", ""), asked_for)


def roll_back(asked: Asked) -> Moved:
    """Back to what was live before."""
    name = asked.form.get("rule", "")
    return _after(name, asked.behind.rules.rollback(name, asked.person.name, asked.form.get("comment", "")))


def snooze(asked: Asked) -> Moved:
    """Let one rule rest for one entity."""
    form = asked.form
    hours = _whole(form.get("hours", "0"))
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
    return Shown("snoozes.html", {"snoozes": asked.behind.rules.snoozes()})


def packs(asked: Asked) -> Shown:
    """Packs of rules that come with Haechi."""
    known = {line.id for line in asked.behind.rules.rules()}
    return Shown("packs.html", {"packs": asked.behind.rules.packs(), "known": known})


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


def _whole(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise BadForm(f"{text[:40]!r} is no whole number")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text) / 100
    except ValueError:
        raise BadForm(f"{text[:40]!r} is no percentage") from None
    if not 0 < share <= 1:
        raise BadForm("a share lies above 0 % and is at most 100 %")
    return share


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
