"""The verdict: what it will do before it is given, the next alert right after it, and above that what it did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from haechi.cases import Unknown
from haechi.cases.alerts import LEVEL_MAX, Alert, Called, Said
from haechi.cases.refunds import Refund
from haechi.cases.verdicts import VERDICTS
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Moved, Page
from haechi.console.screen import address

TYPOLOGIES = (
    "account_takeover", "card_theft", "voice_phishing", "smishing", "remote_control", "romance", "investment",
    "purchase", "mule", "first_party", "other",
)  # fmt: skip
ON = "pass_on"  # unsure, and somebody else shall look
WORK = "cases:write"


class Before(NamedTuple):
    """The alert that was handled just before, what was said of it, and for how long that may be taken back."""

    alert: Alert
    said: Said | None  # None: it was passed on
    undo_us: int
    money: str
    refund: Refund | None


def verdict(asked: Asked) -> Moved:
    """Say what it was; on a fraud a refund may be opened with the same click."""
    form, cases, person = asked.form, asked.behind.cases, asked.person.name
    id_, word, seen = form.get("alert", ""), form.get("verdict", ""), version(form.get("version"))
    comment = form.get("comment", "")
    if word not in (*VERDICTS, ON):
        raise BadForm(f"a verdict is {', '.join(VERDICTS)}, or {ON}")
    is_fraud = word == "fraud"
    if word == ON:
        cases.alerts.escalate(id_, person, comment.strip() or asked.words("verdict.unsure"), seen)
    else:
        typology = form.get("typology", "") if is_fraud else ""
        cases.verdicts.say(id_, person, word, typology=typology, comment=comment, version=seen)
    if is_fraud and form.get("refund") == "yes" and form.get("event"):
        cases.refunds.report(form["event"], person)
    return _on(asked, id_)


def _on(asked: Asked, id_: str) -> Moved:
    """To the next alert at once, unless she wants to stay; both are remembered until she says otherwise."""
    if asked.form.get("next") != "yes":
        stays = "off" if asked.goes_on and "next" in asked.form else ""
        return Moved(address(f"/alerts/{id_}", event=asked.form.get("event", ""), next=stays))
    found = asked.behind.cases.alerts.next(asked.person.name)
    goes_on = "" if asked.goes_on else "on"
    return Moved(address("/queue" if found is None else f"/alerts/{found.id}", after=id_, next=goes_on))


def undo(asked: Asked) -> Moved:
    """Take back what one has just said."""
    id_ = asked.form.get("alert", "")
    asked.behind.cases.verdicts.undo(id_, asked.person.name)
    return Moved(address(f"/alerts/{id_}", said="undone"))


def before(asked: Asked) -> Before | None:
    """What she did just before she came to this page, if the address says so and it still stands."""
    try:
        found = asked.behind.cases.alerts.alert(asked.query.get("after", ""))
    except Unknown:
        return None
    said = found.verdicts[-1] if found.verdicts and found.verdicts[-1].state != "undone" else None
    if said is None and not found.level:
        return None
    events = {one.event_id for one in found.called}
    opened = [one for one in asked.behind.cases.refunds.about(found.subject, 20) if one.event_id in events]
    return Before(found, said, undo_us(asked, said), money(found.called), opened[0] if opened else None)


def undo_us(asked: Asked, said: Said | None) -> int:
    """For how long she may take back what she said."""
    is_hers = said is not None and said.state == "waiting" and said.person == asked.person.name
    return max(0, said.final_us - asked.now_us) if said and is_hers else 0


def money(called: Iterable[Called]) -> str:
    """Where the money of an alert's events is: held, stopped for good (block), or gone (allow)."""
    actions = {one.action for one in called}
    return next((one for one in ("hold", "block") if one in actions), "allow")


def choices(level: int) -> dict[str, Any]:
    """What the foot of an alert offers; who got it because somebody was unsure may close it unsure."""
    return {"typologies": TYPOLOGIES, "third": "unsure" if level else ON, "may_rise": level < LEVEL_MAX}


def version(said: str | None) -> int | None:
    """The version that somebody looked at."""
    return int(said) if said and said.isdecimal() and len(said) < 18 else None


PAGES = (
    Page("/act/verdict", verdict, WORK, "POST"),
    Page("/act/undo", undo, WORK, "POST"),
)
