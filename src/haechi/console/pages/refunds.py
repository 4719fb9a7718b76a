"""Refunds: how far each victim is from her money, in days; every step with its legal clock."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from haechi.cases.refunds import STATES
from haechi.console.behind import Behind
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.pages.case import number
from haechi.console.screen import address
from haechi.events.money import exponent

ROWS = 50
WORK, APPROVE = "cases:write", "cases:approve"


def refunds(asked: Asked) -> Shown:
    """Refunds in one state, oldest first: who waits longest stands on top."""
    state, cursor = asked.query.get("state", "open"), asked.query.get("cursor", "0")
    tools = listing.tools(asked, "refunds")
    page = asked.behind.cases.refunds.page(
        state, number(cursor), ROWS, listing.about(asked, tools["chosen"].get("subject"))
    )
    measure = asked.behind.cases.refunds.measure()
    values = {
        "refunds": page.refunds, "next": page.next, "state": state, "states": ("open", *STATES), "measure": measure,
        "tools": tools,
        "days": measure.seconds / measure.paid / 86_400 if measure.paid else None,
    }  # fmt: skip
    return Shown("refunds.html", values)


def refund(asked: Asked) -> Shown:
    """One refund with its book."""
    desk = asked.behind.cases
    found = desk.refunds.refund(number(asked.place["refund"]))
    scale = exponent(found.currency)
    values = {
        "refund": found, "notes": desk.notes.of("refund", str(found.id)), "step": step_size(scale),
        "claimed": major(found.claimed, scale), "rest": major((found.agreed or 0) - found.paid, scale),
        "recoverable": major(found.claimed - found.recovered, scale),
        "is_mine": found.waiting is not None and found.waiting.person == asked.person.name,
        "alert": desk.alerts.of_event(found.event_id),
    }  # fmt: skip
    return Shown("refund.html", values)


def step(asked: Asked) -> Moved:
    """The account is frozen, or the evidence is complete."""
    id_, form = number(asked.form.get("refund", "")), asked.form
    seen = form.get("version", "")
    asked.behind.cases.refunds.step(
        id_, form.get("step", ""), asked.person.name, comment=form.get("comment", ""),
        version=number(seen) if seen else None,
    )  # fmt: skip
    return Moved(address(f"/refunds/{id_}", said="stepped"))


def decide(asked: Asked) -> Moved:
    """Say how much."""
    id_, desk = number(asked.form.get("refund", "")), asked.behind.cases.refunds
    amount = minor(asked.form.get("amount", ""), exponent(desk.refund(id_).currency))
    found = desk.decide(id_, amount, asked.person.name, comment=asked.form.get("comment", ""))
    return Moved(address(f"/refunds/{id_}", said="asked" if found.waiting else "decided"))


def answer(asked: Asked) -> Moved:
    """Agree to what somebody else decided, or reject it."""
    id_, form = number(asked.form.get("refund", "")), asked.form
    asked.behind.cases.refunds.answer(id_, form.get("answer", ""), asked.person.name, form.get("comment", ""))
    return Moved(address(f"/refunds/{id_}", said="answered"))


def book(asked: Asked) -> Moved:
    """Book money that moved."""
    id_, form, desk = number(asked.form.get("refund", "")), asked.form, asked.behind.cases.refunds
    amount = minor(form.get("amount", ""), exponent(desk.refund(id_).currency))
    desk.book(id_, form.get("kind", ""), amount, form.get("reference", "").strip(), asked.person.name)
    return Moved(address(f"/refunds/{id_}", said="booked"))


def minor(said: str, scale: int) -> int:
    """What a person typed as whole minor units: 7,000 or 12.34; nothing is rounded."""
    try:
        amount = Decimal(said.replace(",", "").strip()).scaleb(scale)
    except InvalidOperation:
        raise BadForm(f"{said[:40]!r} is no amount") from None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount < 10**15:
        raise BadForm(f"{said[:40]!r} is no amount of whole minor units")
    return int(amount)


def major(minor_units: int, scale: int) -> str:
    """An amount as it is typed."""
    return f"{Decimal(max(minor_units, 0)).scaleb(-scale):f}"


def step_size(scale: int) -> str:
    """The smallest step of an amount."""
    return f"{Decimal(1).scaleb(-scale):f}"


def waiting(behind: Behind) -> int:
    """How many are under way, as it was counted some seconds ago."""
    return behind.cases.numbers.refunds.open


PAGES = (
    Page("/refunds", refunds, rail=Rail("refunds", 50, waiting, key="r")),
    Page("/refunds/{refund}", refund),
    Page("/act/refund-step", step, WORK, "POST"),
    Page("/act/refund-decide", decide, WORK, "POST"),
    Page("/act/refund-answer", answer, APPROVE, "POST"),
    Page("/act/refund-book", book, WORK, "POST"),
)
