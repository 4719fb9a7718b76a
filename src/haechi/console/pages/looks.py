"""Second looks: an alert that somebody else decided, judged again without her verdict; and one's own figures."""

from __future__ import annotations

from typing import Any

from haechi.cases.verdicts import VERDICTS
from haechi.console.errors import BadForm
from haechi.console.page import Asked, Moved, Page, Shown
from haechi.console.pages import evidence
from haechi.console.screen import address

WORK = "cases:write"


def look(asked: Asked) -> Shown:
    """The next one that waits for this person's opinion: what was known then, and nothing of what came of it."""
    models, person = asked.behind.models, asked.person.name
    waits = models.second_look(person)
    figures = {"mine": models.my_quality(person), "agreement": models.agreement()}
    decided = asked.behind.decided(waits.event_id) if waits else None
    if waits is None or decided is None:
        return Shown("no_look.html", figures)
    names = ("alert", "challenge", "refund", "before", "risen", "measures")
    nothing: dict[str, Any] = {**dict.fromkeys(names), "others": []}
    return Shown("look.html", {
        **figures, **nothing, **evidence.evidence(asked, decided, blind=True), "waits": waits.alert,
    })  # fmt: skip


def say(asked: Asked) -> Moved:
    """Take a second opinion."""
    verdict = asked.form.get("verdict", "")
    if verdict not in VERDICTS:
        raise BadForm(f"a verdict is {', '.join(VERDICTS)}")
    asked.behind.models.say_second_look(asked.form.get("alert", ""), asked.person.name, verdict)
    return Moved(address("/looks", said="looked"))


PAGES = (Page("/looks", look, WORK), Page("/act/second-look", say, WORK, "POST"))
