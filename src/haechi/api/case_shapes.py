"""What callers send about alerts, cases and all else that people do; the answers are the room's own shapes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from haechi.cases.alerts import Alert
from haechi.cases.notes import Note
from haechi.cases.office import Happened

Comment = Annotated[str, Meta(max_length=2_000)]
Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Id = Annotated[str, Meta(min_length=1, max_length=600)]
Seen = Annotated[int, Meta(ge=1, description="The version you looked at; a newer one is a 409.")] | None
Micros = Annotated[int, Meta(description="Microseconds since 1970, UTC.")]


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Nothing more to say."""

    version: Seen = None


class Level(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """From which queue: 0, or one that alerts are escalated to."""

    level: Annotated[int, Meta(ge=0, le=3)] = 0


class Next(msgspec.Struct):
    """The alert that is yours now; null when nothing waits."""

    alert: Alert | None


class Take(Sent, kw_only=True):
    """Take an alert; `over` from somebody else, with a comment that says why."""

    over: bool = False
    comment: Comment = ""


class Assign(Sent, kw_only=True):
    """Hand it over."""

    to: Id
    comment: Comment = ""


class Rest(Sent, kw_only=True):
    """Let it rest until then."""

    until_us: Micros
    reason: Comment


class Because(Sent, kw_only=True):
    """Why."""

    reason: Comment


class Verdict(Sent, kw_only=True):
    """What it was; `events` only when not all of the alert's events are meant."""

    verdict: Literal["fraud", "legitimate", "unsure"]
    typology: Annotated[str, Meta(max_length=64, description="Of a fraud: account_takeover, voice_phishing, ...")] = ""
    comment: Comment = ""
    events: list[Id] | None = None


class NewNote(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something to write down."""

    text: Text


class Notes(msgspec.Struct):
    """Notes, oldest first."""

    notes: list[Note]


class Draft(msgspec.Struct):
    """A template, filled in."""

    text: str


class History(msgspec.Struct):
    """All that happened, in order; `next` is the cursor of the following page."""

    history: list[Happened]
    next: str | None


Anything = dict[str, Any]
