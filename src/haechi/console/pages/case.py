"""Cases: several alerts and people in one story; checklist, notes, files, and two pairs of eyes at its end."""

from __future__ import annotations

from typing import Any

from haechi.cases.alerts import OPEN, Alert
from haechi.cases.attachments import TYPES
from haechi.cases.case import OUTCOMES, STATES, CaseInFull
from haechi.cases.office import history
from haechi.console.behind import Behind
from haechi.console.errors import BadForm, Missing
from haechi.console.page import Asked, Download, Moved, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.screen import address

ROWS = 50
WORK, APPROVE = "cases:write", "cases:approve"


def cases(asked: Asked) -> Shown:
    """Cases in one state, the newest first."""
    state, cursor = asked.query.get("state", "open"), asked.query.get("cursor", "")
    tools = listing.tools(asked, "cases")
    holder = listing.holder(asked, tools["chosen"].get("holder")) or ""
    page = asked.behind.cases.cases.page(state, number(cursor) if cursor else None, ROWS, holder)
    values = {"cases": page.cases, "next": page.next, "state": state, "states": STATES, "tools": tools}
    return Shown("cases.html", values)


def case(asked: Asked) -> Shown:
    """One case."""
    desk = asked.behind.cases
    found = desk.cases.case(number(asked.place["case"]))
    refunds = [desk.refunds.refund(one) for one in found.refunds]
    limits = desk.office.practice.attachments
    values = {
        "case": found, "refunds": refunds, "story": story(asked, found), "outcomes": OUTCOMES,
        "done": sum(bool(step.done_by) for step in found.checklist), "bytes_max": limits.bytes_max,
        "accept": ",".join(TYPES), "is_mine": found.waiting is not None and found.waiting.person == asked.person.name,
    }  # fmt: skip
    return Shown("case.html", values)


def story(asked: Asked, found: CaseInFull) -> list[Any]:
    """One line of all that happened to the case, its alerts and its refunds, in order."""
    office = asked.behind.cases.office
    lines = list(found.history)
    for alert in found.alerts:
        lines += history(office, "alert", alert.id)
    for refund in found.refunds:
        lines += history(office, "refund", str(refund))
    kind = asked.query.get("about", "")
    return sorted((one for one in lines if not kind or one.about == kind), key=lambda one: one.number)


def open_case(asked: Asked) -> Moved:
    """Open a case over an alert, or over people who share something."""
    desk, form, person = asked.behind.cases, asked.form, asked.person.name
    found = desk.cases.open(form.get("title", "").strip(), person, asked.lists.get("alert", []))
    for name in asked.lists.get("person", [])[:100]:
        subject = f"{asked.behind.subject}:{name}"
        waiting = [one.id for one in desk.alerts.about(subject, 5) if _is_free(one)]
        found = desk.cases.add_alerts(found.id, waiting, person) if waiting else found
        found = desk.cases.add_person(found.id, subject, "linked", person)
    return Moved(address(f"/cases/{found.id}", said="opened"))


def _is_free(alert: Alert) -> bool:
    return alert.state in OPEN and alert.case_id is None


def add_alert(asked: Asked) -> Moved:
    """Bring an alert into a case."""
    id_ = number(asked.form.get("case", ""))
    asked.behind.cases.cases.add_alerts(id_, asked.lists.get("alert", []), asked.person.name)
    return Moved(address(f"/cases/{id_}", said="added"))


def add_person(asked: Asked) -> Moved:
    """Name somebody who plays a part."""
    id_, form = number(asked.form.get("case", "")), asked.form
    asked.behind.cases.cases.add_person(id_, form.get("entity", "").strip(), form.get("role", ""), asked.person.name)
    return Moved(address(f"/cases/{id_}", said="added"))


def tick(asked: Asked) -> Moved:
    """Tick a line of the checklist, or untick it."""
    id_, line = number(asked.form.get("case", "")), number(asked.form.get("line", ""))
    asked.behind.cases.cases.tick(id_, line, asked.person.name, done=asked.form.get("done") == "yes")
    return Moved(f"/cases/{id_}#checklist")


def add_step(asked: Asked) -> Moved:
    """Add a line to the checklist."""
    id_ = number(asked.form.get("case", ""))
    asked.behind.cases.cases.add_step(id_, asked.form.get("text", ""), asked.person.name)
    return Moved(f"/cases/{id_}#checklist")


def assign(asked: Asked) -> Moved:
    """Hand a case over."""
    id_, to, seen = number(asked.form.get("case", "")), asked.form.get("to", "").strip(), asked.form.get("version", "")
    asked.behind.cases.cases.assign(id_, to, asked.person.name, number(seen) if seen else None)
    return Moved(address(f"/cases/{id_}", said="assigned"))


def attach(asked: Asked) -> Moved:
    """Keep a file with a case."""
    id_, file = number(asked.form.get("case", "")), asked.files.get("file")
    if file is None:
        raise BadForm(asked.words("case.no_file"))
    asked.behind.cases.attachments.add(id_, file.name, file.media_type, file.content, asked.person.name)
    return Moved(address(f"/cases/{id_}", said="attached"))


def attachment(asked: Asked) -> Download:
    """A file, as a download and never as a page."""
    number_ = number(asked.place["number"])
    found = asked.behind.cases.attachments.find(number_)
    return Download(found.name, "application/octet-stream", asked.behind.cases.attachments.read(number_))


def close(asked: Asked) -> Moved:
    """Close a case, or ask others to agree."""
    id_, form = number(asked.form.get("case", "")), asked.form
    found = asked.behind.cases.cases.close(id_, form.get("outcome", ""), asked.person.name, form.get("comment", ""))
    return Moved(address(f"/cases/{id_}", said="closed" if found.state == "closed" else "closing"))


def answer(asked: Asked) -> Moved:
    """Agree that a case is closed, or send it back."""
    id_, form = number(asked.form.get("case", "")), asked.form
    asked.behind.cases.cases.answer(id_, form.get("answer", ""), asked.person.name, form.get("comment", ""))
    return Moved(address(f"/cases/{id_}", said="answered"))


def pack(asked: Asked) -> Download:
    """The evidence of a case as one JSON file: what was decided and why, what people did, what moved."""
    id_ = number(asked.form.get("case", ""))
    body = asked.behind.cases.evidence.pack(id_, asked.person.name, asked.form.get("reason", ""))
    return Download(f"case-{id_}.json", "application/json", body)


def number(said: str) -> int:
    """The number of a case, a line, a file."""
    if not (said.isdecimal() and len(said) < 18):
        raise Missing(f"{said[:40]!r} is no number")
    return int(said)


def waiting(behind: Behind) -> int:
    """How many are open, as it was counted some seconds ago."""
    return behind.cases.numbers.cases


PAGES = (
    Page("/cases", cases, rail=Rail("cases", 40, waiting, key="s")),
    Page("/cases/{case}", case),
    Page("/attachments/{number}", attachment),
    Page("/act/case-open", open_case, WORK, "POST"),
    Page("/act/case-alert", add_alert, WORK, "POST"),
    Page("/act/case-person", add_person, WORK, "POST"),
    Page("/act/case-tick", tick, WORK, "POST"),
    Page("/act/case-step", add_step, WORK, "POST"),
    Page("/act/case-assign", assign, WORK, "POST"),
    Page("/act/case-attach", attach, WORK, "POST", is_upload=True),
    Page("/act/case-close", close, WORK, "POST"),
    Page("/act/case-answer", answer, APPROVE, "POST"),
    Page("/act/case-pack", pack, "read", "POST"),
)
