"""Approvals: everything that waits for a second pair of eyes, whoever asked; nobody approves what is her own."""

from __future__ import annotations

from typing import Any

from haechi.cases.agreeing import all_waiting
from haechi.console.behind import Behind
from haechi.console.errors import BadForm
from haechi.console.fields import answered, whole
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.pages.diffing import changed
from haechi.console.pages.models import AGREE
from haechi.console.screen import address

ROWS, DIGITS = 100, 15
STATES = ("waiting", "done", "rejected", "withdrawn")


def approvals(asked: Asked) -> Shown:
    """The list: rules and lists, cases and refunds, models."""
    state = asked.query.get("state", "waiting")
    if state not in STATES:
        raise BadForm(f"state is {', '.join(STATES)}")
    changes = asked.behind.rules.changes(state, None, ROWS)
    others = all_waiting(asked.behind.cases.office.tables) if state == "waiting" else []
    models = asked.behind.models.changes(state)
    refunds = asked.behind.cases.refunds
    currencies = {str(one.id): refunds.refund(int(one.id)).currency for one in others if one.about == "refund"}
    return Shown("approvals.html", {
        "changes": changes, "others": others, "currencies": currencies, "models": models,
        "state": state, "states": STATES, "agree": AGREE,
        "tools": listing.tools(asked, "approvals"),
        "lines": {line.id: line for line in asked.behind.rules.rules()},
    })  # fmt: skip


def change(asked: Asked) -> Shown:
    """One change of a rule or a list: what it changes, who said what."""
    desk = asked.behind.rules
    found = desk.change(whole(asked.place["number"], DIGITS))
    values: dict[str, Any] = {"found": found, "mine": found.author == asked.person.name}
    if found.kind == "rule":
        line = desk.line(found.name)
        version = line.number(found.version)
        acting = line.shown if line.shown.lane in ("live", "canary") and line.shown != version else None
        told = {"told": desk.told(version.rule.condition), "figures": desk.figures().of(found.name)}
        values |= {"version": version, "acting": acting, **told,
                   "changes": changed(acting.rule if acting else None, version.rule)}  # fmt: skip
    return Shown("approval.html", values)


def answer(asked: Asked) -> Moved:
    """Approve or reject a change of rules or lists."""
    said, comment = answered(asked.form)
    number = whole(asked.form.get("number", ""), DIGITS)
    asked.behind.rules.answer(number, said, asked.person.name, comment)
    return Moved(address(f"/approvals/change/{number}", said="approved" if said == "approve" else "rejected"))


def withdraw(asked: Asked) -> Moved:
    """Take back what one asked for."""
    number = whole(asked.form.get("number", ""), DIGITS)
    asked.behind.rules.answer(number, "withdraw", asked.person.name, asked.form.get("comment", ""))
    return Moved(address(f"/approvals/change/{number}", said="withdrawn"))


def agree(asked: Asked) -> Moved:
    """Approve or reject the close of a case or the decision on a refund."""
    form, cases = asked.form, asked.behind.cases
    (said, comment), id_ = answered(form), whole(form.get("id", ""), DIGITS)
    answers = {"case": cases.cases.answer, "refund": cases.refunds.answer}
    if form.get("about", "") not in answers:
        raise BadForm("only cases and refunds wait here")
    answers[form["about"]](id_, said, asked.person.name, comment)
    return Moved(address("/approvals", said="approved" if said == "approve" else "rejected"))


def waiting(behind: Behind) -> int:
    """How many wait, for the rail."""
    return behind.rules.waiting()


PAGES = (
    Page("/approvals", approvals, rail=Rail("approvals", 70, waiting, key="a")),
    Page("/approvals/change/{number}", change),
    Page("/act/change-answer", answer, "rules:approve", "POST"),
    Page("/act/change-withdraw", withdraw, "rules:write", "POST"),
    Page("/act/agreement-answer", agree, "cases:approve", "POST"),
)
