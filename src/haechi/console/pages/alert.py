"""The alert: what was done and why, on one page; notes and the refund at its foot."""

from __future__ import annotations

from collections import Counter
from typing import Any

from haechi.cases import Unknown
from haechi.cases.alerts import OPEN, AlertInFull
from haechi.cases.refunds import Refund
from haechi.console.behind import Decided
from haechi.console.errors import BadForm, Missing
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.pages import evidence, measures, verdict
from haechi.console.screen import address

EVENTS, MORE_EVENTS = 8, 100
SNOOZE_DAYS = (1, 3, 7, 30)
DAY_US = 86_400_000_000
WORK = "cases:write"


def alert(asked: Asked) -> Shown:
    """One alert; `event` chooses which of its events is looked at, else the one with the most at stake."""
    found = asked.behind.cases.alerts.alert(asked.place["alert"])
    worst = max(found.called, key=lambda one: one.expected_loss)
    chosen = asked.query.get("event", "")
    event_id = chosen if chosen in {one.event_id for one in found.called} else worst.event_id
    return _page(asked, event_id, found)


def event(asked: Asked) -> Shown | Moved:
    """One decided event: in its alert when it called a person, else by itself."""
    event_id = asked.place["event"]
    head = asked.behind.cases.alerts.of_event(event_id)
    if head is not None:
        return Moved(address(f"/alerts/{head}", event=event_id))
    return _page(asked, event_id, None)


def _page(asked: Asked, event_id: str, found: AlertInFull | None) -> Shown:
    decided = asked.behind.decided(event_id)
    if decided is None:
        raise Missing(f"event {event_id[:80]!r} is not in the journal")
    shown = {**evidence.evidence(asked, decided), **_desk(asked, decided, found)}
    return Shown("alert.html", {**shown, "measures": measures.measures(asked, decided)})


def _desk(asked: Asked, decided: Decided, found: AlertInFull | None) -> dict[str, Any]:
    """What people have done about it and may do now."""
    cases, event = asked.behind.cases, decided.event
    subject = f"{asked.behind.subject}:{event.entities.get(asked.behind.subject, '')}"
    refunds = [refund for refund in cases.refunds.about(subject) if refund.event_id == event.id]
    said = found.verdicts[-1] if found and found.verdicts else None
    template = asked.query.get("template", "")
    practice = cases.office.practice
    draft = cases.notes.draft(found.id, template) if found and template in practice.notes else ""
    return {
        "alert": found, "done": _done(decided, found), "shown_events": _shown(found, event.id),
        "more_events": _more(found, event.id),
        "refund": refunds[0] if refunds else None,
        "snooze_days": SNOOZE_DAYS, "before": verdict.before(asked), **verdict.choices(found.level if found else 0),
        "money": verdict.money(found.called if found else ()), "risen": _risen(found), "tries": _tries(found),
        "is_open": found is not None and found.state in OPEN,
        "is_mine": found is not None and found.state == "taken" and found.holder == asked.person.name,
        "is_held": found is not None and found.state == "taken" and found.holder != asked.person.name,
        "opinion": said if said is None or said.state != "undone" else None,
        "undo_us": verdict.undo_us(asked, said),
        "notes": cases.notes.of("alert", found.id) if found else [], "templates": sorted(practice.notes),
        "draft": draft, "challenge": _challenge(asked, event.id), "others": _others(asked, subject, found),
        "open_cases": cases.cases.page("open", limit=50).cases if found and found.case_id is None else [],
    }  # fmt: skip


def _done(decided: Decided, found: AlertInFull | None) -> str:
    """What was done in the end about this event of the alert: a challenge may have ended in something else."""
    called = found.called if found else []
    told = decided.decision.action if decided.decision else ""
    return next((one.action for one in called if one.event_id == decided.event.id), told)


def _shown(found: AlertInFull | None, event_id: str) -> list[Any]:
    """The newest events of an alert, and the one that is looked at."""
    called = found.called if found else []
    return [one for one in called if one in called[-EVENTS:] or one.event_id == event_id]


def _risen(found: AlertInFull | None) -> Any:
    """Who handed an open alert to this level, and why: whoever has it now begins with that."""
    lines = reversed(found.history) if found and found.level and found.state in OPEN else ()
    return next((one for one in lines if one.what == "escalated"), None)


def _tries(found: AlertInFull | None) -> tuple[int, int]:
    """How many of an alert's events have the amount that comes most often, and which: one payment, tried again."""
    counts = Counter(one.amount for one in found.called if one.amount) if found else Counter[int]()
    amount, count = counts.most_common(1)[0] if counts else (0, 0)
    return (count, amount) if count > 1 else (0, 0)


def _more(found: AlertInFull | None, event_id: str) -> list[Any]:
    """The others, the newest first: what is said of an alert is said of them, too."""
    shown = _shown(found, event_id)
    return [one for one in reversed(found.called) if one not in shown][:MORE_EVENTS] if found else []


def _challenge(asked: Asked, event_id: str) -> Any:
    try:
        return asked.behind.cases.challenges.challenge(event_id)
    except Unknown:
        return None


def _others(asked: Asked, subject: str, found: AlertInFull | None) -> list[Any]:
    """Other alerts of the same customer, the newest first."""
    own = found.id if found else ""
    return [one for one in asked.behind.cases.alerts.about(subject, 10) if one.id != own]


def take(asked: Asked) -> Moved:
    """Take it, from whoever has it if a reason is given."""
    id_, comment = asked.form.get("alert", ""), asked.form.get("comment", "")
    asked.behind.cases.alerts.take(
        id_, asked.person.name, verdict.version(asked.form.get("version")), over=bool(comment.strip()), comment=comment
    )
    return Moved(address(f"/alerts/{id_}", said="taken"))


def release(asked: Asked) -> Moved:
    """Put it back into the queue."""
    asked.behind.cases.alerts.release(asked.form.get("alert", ""), asked.person.name)
    return Moved(address("/queue", said="released"))


def assign(asked: Asked) -> Moved:
    """Hand it over."""
    id_, to = asked.form.get("alert", ""), asked.form.get("to", "").strip()
    asked.behind.cases.alerts.assign(id_, asked.person.name, to, asked.form.get("comment", ""))
    return Moved(address(f"/alerts/{id_}", said="assigned"))


def snooze(asked: Asked) -> Moved:
    """Let it rest for some days; a new event of the customer wakes it."""
    id_, days = asked.form.get("alert", ""), asked.form.get("days", "1")
    if days not in {str(one) for one in SNOOZE_DAYS}:
        raise BadForm("choose for how long")
    until = asked.now_us + int(days) * DAY_US
    asked.behind.cases.alerts.snooze(id_, asked.person.name, until, asked.form.get("reason", ""))
    return Moved(address("/queue", said="snoozed"))


def escalate(asked: Asked) -> Moved:
    """Hand it to the next level."""
    id_ = asked.form.get("alert", "")
    asked.behind.cases.alerts.escalate(id_, asked.person.name, asked.form.get("reason", ""))
    return Moved(address("/queue", said="escalated"))


def note(asked: Asked) -> Moved:
    """Write something down about an alert, a case or a refund."""
    about, id_ = asked.form.get("about", ""), asked.form.get("id", "")
    where = {"alert": f"/alerts/{id_}", "case": f"/cases/{id_}", "refund": f"/refunds/{id_}"}
    if about not in where:
        raise BadForm("a note is about an alert, a case or a refund")
    asked.behind.cases.notes.add(about, id_, asked.form.get("text", ""), asked.person.name)
    return Moved(address(where[about], event=asked.form.get("event", ""), said="noted"))


def report(asked: Asked) -> Moved:
    """A victim reports an event; the clocks of the refund start."""
    event_id, case = asked.form.get("event", ""), asked.form.get("case", "")
    case_id = int(case) if case.isdecimal() and len(case) < 18 else None
    opened = asked.behind.cases.refunds.report(event_id, asked.person.name, case_id=case_id)
    return Moved(address(f"/refunds/{opened.id}", said="reported"))


def step_of(refund: Refund) -> str:
    """What comes next for a refund; empty when it has ended."""
    return {"reported": "frozen", "frozen": "evidence", "evidence": "decided", "decided": "paid"}.get(refund.state, "")


PAGES = (
    Page("/alerts/{alert:any}", alert),
    Page("/events/{event:any}", event),
    Page("/act/take", take, WORK, "POST"),
    Page("/act/release", release, WORK, "POST"),
    Page("/act/assign", assign, WORK, "POST"),
    Page("/act/snooze", snooze, WORK, "POST"),
    Page("/act/escalate", escalate, WORK, "POST"),
    Page("/act/note", note, WORK, "POST"),
    Page("/act/refund-report", report, WORK, "POST"),
)
