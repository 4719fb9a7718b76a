"""The editor of rules: fields of one rule, checked as one writes, told in plain words, replayed before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from haechi.console.errors import BadForm, Refused
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.screen import address

EFFECTS = ("minimum", "fixed", "weight")
ACTIONS = ("allow", "challenge", "hold", "block")
DAYS = (7, 30, 90)
EMPTY = {
    "id": "", "name_en": "", "name_ko": "", "reason_en": "", "reason_ko": "", "kinds": "", "condition": "",
    "effect": "minimum", "action": "hold", "weight": "0.5", "priority": "500", "tags": "", "comment": "",
}  # fmt: skip


def edit(asked: Asked) -> Shown:
    """The editor: empty, with a version of a rule, or with what was replayed and not kept yet."""
    query = asked.query
    typed = dict(EMPTY)
    if job := query.get("replay", ""):
        typed |= _typed(asked.behind.rules.replayed(job))
        return _shown(asked, typed, known=typed["id"] in {line.id for line in asked.behind.rules.rules()})
    if name := query.get("rule", ""):
        line = asked.behind.rules.line(name)
        number = query.get("version", "")
        typed |= _typed((line.number(int(number)) if number.isdecimal() and len(number) < 9 else line.newest).rule)
    return _shown(asked, typed, known=bool(name))


def save(asked: Asked) -> Moved | Shown:
    """Check it, replay it, or keep it as a draft; which one the button says."""
    typed = {name: asked.form.get(name, EMPTY[name]) for name in EMPTY}
    wanted, known = asked.form.get("do", "save"), bool(asked.form.get("known", ""))
    desk = asked.behind.rules
    try:
        text = desk.written(_fields(typed))
    except Refused as refused:
        return _shown(asked, typed, known=known, wrong=str(refused))
    found = desk.check(text)
    if wanted == "check" or any(one.level == "error" for one in found):
        return _shown(asked, typed, known=known, found=found)
    if wanted == "replay":
        days = asked.form.get("days", "30")
        job = desk.replay([], text, int(days) if days in map(str, DAYS) else 30, live=True)
        return Moved(address(f"/rules/replay/{job}", rule=typed["id"], draft=1))
    ((name, number),) = desk.add(text, asked.person.name, typed["comment"])
    return Moved(address(f"/rules/of/{name}", version=number, said="rule_kept"))


def findings(asked: Asked) -> Shown:
    """What is wrong with a condition, and what it says in plain words: a piece of a page, as one writes."""
    condition = asked.query.get("condition", "")
    return Shown("rule_findings.html", _judged(asked, condition, None, ""))


def _shown(
    asked: Asked, typed: Mapping[str, str], *, known: bool, found: list[Any] | None = None, wrong: str = ""
) -> Shown:
    judged = _judged(asked, typed["condition"], found, wrong)
    return Shown("rule_edit.html", {
        "typed": typed, "known": known, "names": asked.behind.rules.names(), "effects": EFFECTS, "actions": ACTIONS,
        "days": DAYS, **judged,
    })  # fmt: skip


def _judged(asked: Asked, condition: str, found: list[Any] | None, wrong: str) -> dict[str, Any]:
    """Findings about a condition; a stand-in for the other fields, which have nothing to do with it."""
    desk = asked.behind.rules
    if found is None:
        found = desk.check(desk.written(_stand_in(condition))) if condition.strip() and len(condition) <= 4_000 else []
    return {"found": found, "wrong": wrong, "told": desk.told(condition) if condition.strip() else None,
            "condition": condition}  # fmt: skip


def _stand_in(condition: str) -> dict[str, Any]:
    text = {"en": "x", "ko": "x"}
    return {"id": "x", "name": text, "reason": text, "condition": condition, "effect": "minimum", "value": "hold",
            "kinds": [], "tags": [], "priority": 500}  # fmt: skip


def _typed(rule: Any) -> dict[str, str]:
    """A rule as the form shows it."""
    effect = rule.effect
    kind = next(name for name in EFFECTS if getattr(effect, name) is not None)
    return {
        "id": rule.id, "name_en": rule.name["en"], "name_ko": rule.name["ko"], "reason_en": rule.reason["en"],
        "reason_ko": rule.reason["ko"], "kinds": ", ".join(rule.kinds), "condition": rule.condition, "effect": kind,
        "action": effect.minimum or effect.fixed or "hold", "weight": f"{effect.weight or 0.5:g}",
        "priority": str(rule.priority), "tags": ", ".join(rule.tags),
    }  # fmt: skip


def _fields(typed: Mapping[str, str]) -> dict[str, Any]:
    """The form as a rule has it."""
    effect = typed["effect"]
    if effect not in EFFECTS:
        raise BadForm("an effect is minimum, fixed or weight")
    return {
        "id": typed["id"].strip(), "name": {"en": typed["name_en"].strip(), "ko": typed["name_ko"].strip()},
        "reason": {"en": typed["reason_en"].strip(), "ko": typed["reason_ko"].strip()},
        "condition": typed["condition"].strip(), "effect": effect,
        "value": _number("weight", typed["weight"]) if effect == "weight" else typed["action"],
        "kinds": _several(typed["kinds"]), "tags": _several(typed["tags"]),
        "priority": int(_number("priority", typed["priority"])),
    }  # fmt: skip


def _several(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _number(what: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise BadForm(f"{what} is a number, not {text[:40]!r}") from None
    if not abs(found) < 1e9:
        raise BadForm(f"{what} is a number, not {text[:40]!r}")
    return found


PAGES = (
    Page("/rules/edit", edit, "rules:write"),
    Page("/rules/part/{part}", findings, "rules:write"),
    Page("/act/rule-save", save, "rules:write", "POST"),
)
