"""The shapes that go over the wire, as types: the OpenAPI document is made from these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Word = Annotated[str, Meta(min_length=1, max_length=512)]
Texts = dict[str, str]


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One event of the built-in schema; unknown fields are kept, missing ones never fail a decision."""

    id: Annotated[Word, Meta(description="Names the event for good; also the idempotency key.")]
    kind: Annotated[str, Meta(description="payment, transfer, withdrawal, deposit, login, profile, ...")]
    time: Annotated[
        str, Meta(description="When it happened, ISO 8601 with a zone.", examples=["2024-10-25T07:02:00+09:00"])
    ]
    customer: str | None = None
    account: str | None = None
    card: str | None = None
    device: str | None = None
    payee: str | None = None
    merchant: str | None = None
    ip: str | None = None
    amount: Annotated[float, Meta(description="In major units of the currency.")] | None = None
    currency: str | None = None


class Label(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became known about an event, and when."""

    event_id: Word
    fraud: bool
    known_at: Annotated[str, Meta(description="When it became known, ISO 8601 with a zone.")]
    source: Annotated[str, Meta(description="Who says so; `verdict:kim` also says how it was found out.")] = ""
    kind: Annotated[
        str, Meta(description="report, verdict, chargeback, mule, check, confirmation, import or other.")
    ] = ""
    typology: Annotated[str, Meta(description="Which fraud it was.")] = ""


class Reason(msgspec.Struct):
    """One reason, in words and numbers."""

    code: str
    value: str
    usual: str
    weight: float
    text: Texts


class Signal(msgspec.Struct):
    """What one detector thinks."""

    detector: str
    score: float
    version: str
    one_in: float = 0.0


class Decision(msgspec.Struct):
    """What we do now with an event, and why."""

    event_id: str
    action: Literal["allow", "challenge", "hold", "block"]
    score: Annotated[float, Meta(ge=0, le=1)]
    expected_loss: Annotated[int, Meta(description="In minor units of the event's currency.")]
    sentence: Texts
    reasons: list[Reason]
    signals: list[Signal]
    rules: list[dict[str, Any]]
    degraded: list[str]
    versions: Texts
    timings_us: dict[str, int]
    released: Annotated[
        str, Meta(description="What chance let through, so that its outcome becomes known: hold or block; else empty.")
    ] = ""


class BadLine(msgspec.Struct):
    """A line that was not taken, as a problem document with its line number."""

    type: str
    title: str
    status: int
    detail: str
    line: int


class Taken(msgspec.Struct):
    """How many lines were taken, and every line that was not."""

    taken: int
    rejected: list[BadLine]


class AlertPage(msgspec.Struct):
    """Alerts, oldest first; `next` is the cursor of the following page."""

    alerts: list[dict[str, Any]]
    next: str | None


class Health(msgspec.Struct):
    """Who answers here."""

    status: Literal["ok"]
    service: Literal["haechi"]
    version: str
    instance: Annotated[str, Meta(description="Differs for every start of a server.")]


class Ready(msgspec.Struct):
    """The house can decide."""

    status: Literal["ready"]
