"""What callers send about alerts, cases and all else that people do; the answers are the room's own shapes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from haechi.cases.alerts import Alert
from haechi.cases.keeping import Export
from haechi.cases.notes import Note
from haechi.cases.office import HistoryLine
from haechi.cases.webhooks import Webhook

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


class Why(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What it is needed for; it is written down."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class ExportPage(msgspec.Struct):
    """A page of what left the house."""

    exports: list[Export]
    next: str | None


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

    history: list[HistoryLine]
    next: str | None


class NewCase(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A case to open, with the alerts that belong into it."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    alerts: list[Id] = []


class AlertIds(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Alerts to bring into a case."""

    alerts: Annotated[list[Id], Meta(min_length=1)]


class NewPerson(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody who plays a part in a case."""

    entity: Annotated[str, Meta(description="kind:id, as in payee:p-3", max_length=600)]
    role: Annotated[str, Meta(max_length=100)] = ""


class NewStep(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A line for the checklist."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Tick(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A line of the checklist that is done, or not after all."""

    number: Annotated[int, Meta(ge=1)]
    done: bool = True


class Close(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a case ends."""

    outcome: Literal["fraud", "legitimate", "unsure"]
    comment: Comment = ""


class Agree(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What you say to what somebody else asked for."""

    answer: Literal["approve", "reject"]
    comment: Comment = ""


class Report(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A victim reports an event; `claimed` is left out when it is the whole amount."""

    event_id: Id
    claimed: Annotated[int, Meta(ge=1, description="Minor units.")] | None = None
    case_id: int | None = None
    comment: Comment = ""


class RefundStep(Sent, kw_only=True):
    """The receiving account is frozen, or the evidence is complete."""

    step: Literal["frozen", "evidence"]
    comment: Comment = ""


class RefundDecision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How much is refunded, 0 for nothing, and why."""

    amount: Annotated[int, Meta(ge=0, description="Minor units.")]
    comment: Comment


class Booking(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Money that moved; the reference of a booking counts once."""

    kind: Literal["recovered", "paid"]
    amount: Annotated[int, Meta(ge=1, description="Minor units.")]
    reference: Annotated[str, Meta(min_length=1, max_length=200)]


class WarnAbout(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The decided event that the customer is about to confirm."""

    event_id: Id


class WentOn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the customer did."""

    went_on: bool


class AddWebhook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An address to tell; no topics means all."""

    url: Annotated[str, Meta(max_length=2_000)]
    topics: Annotated[list[str], Meta(examples=[["alert.opened", "refund"]])] = []


class WebhookState(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Pause it, let it go on, or end it."""

    state: Literal["active", "paused", "ended"]


class WebhookList(msgspec.Struct):
    """Every webhook."""

    webhooks: list[Webhook]
