"""How people work in one house: the [cases] part of haechi.toml. All of it may be left out; these are the defaults.

[cases]
lock_minutes = 30             # an alert that somebody took goes back to the queue after so long without a touch
undo_s = 10                   # a verdict may be taken back for so long, then it becomes a label
snooze_days_max = 30
checklist = ["Read the reasons", "..."]
[cases.checklists]            # more lines for a case with alerts of a queue: block, hold, challenge, level-1 to level-3
block = ["Tell the customer why"]
[cases.notes]                 # templates; {subject}, {amount}, {action}, {events} are filled in
called = "Called {subject}: ..."
[cases.four_eyes]             # from this amount on (minor units) a second person agrees, by currency
KRW = 10_000_000
[cases.refund_days]           # legal clocks, days from the report
frozen = 1
evidence = 2
decided = 3
paid = 3
working = []                  # which of them the law counts in working days, as in ["decided", "paid"]
country = "KR"                # whose public holidays, ISO 3166; "" knows weekends only
timezone = "Asia/Seoul"       # where the days begin
[cases.attachments]
bytes_max = 5_242_880
count_max = 20
[cases.webhooks]
attempts_max = 15             # then a delivery rests until somebody sends it again
timeout_s = 10
"""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec

from haechi.cases.clock import countries, due_us

Days = Annotated[int, msgspec.Meta(ge=0, le=3_650)]
MinorUnits = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]

CHECKLIST = (
    "Read the reasons and the customer's last 30 days",
    "Look at who shares the device, the payee or the address",
    "Speak with the customer on a number known before",
    "Decide on freezing the receiving account",
)
NOTES = {
    "called": "Called {subject} about {amount}: ",
    "no_answer": "{subject} did not answer. Next try at ",
    "customer_confirms": "{subject} confirms {events} event(s), {amount}.",
    "customer_denies": "{subject} did not make {events} event(s), {amount}. Refund opened.",
}


Step = Literal["frozen", "evidence", "decided", "paid"]
Queue = Literal["block", "hold", "challenge", "level-1", "level-2", "level-3"]


class RefundDays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days from the report until each step must be done; those of `working` are counted in working days."""

    frozen: Days = 1
    evidence: Days = 2
    decided: Days = 3
    paid: Days = 3
    working: tuple[Step, ...] = ()
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = "KR"
    timezone: str = "Asia/Seoul"

    def __post_init__(self) -> None:
        if self.timezone not in available_timezones():
            raise ValueError(f"timezone {self.timezone!r} is not known: write Asia/Seoul")
        if self.country and self.country not in countries():
            raise ValueError(f"the public holidays of {self.country!r} are not known: leave country empty")

    def due_us(self, step: Step, from_us: int) -> int:
        """Until when a step must be done that was asked for then."""
        days: int = getattr(self, step)
        return due_us(from_us, days, working=step in self.working, country=self.country, timezone=self.timezone)


class Attachments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be attached to one case."""

    bytes_max: Annotated[int, msgspec.Meta(ge=1_024, le=16 << 20)] = 5 << 20
    count_max: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 20


class Webhooks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a delivery is tried."""

    attempts_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 15
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 10.0


class Practice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people work in this house."""

    lock_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440)] = 30
    undo_s: Annotated[int, msgspec.Meta(ge=0, le=600)] = 10
    snooze_days_max: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    approvers: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    checklist: tuple[Text, ...] = CHECKLIST
    checklists: dict[Queue, tuple[Text, ...]] = {}
    notes: dict[str, Text] = msgspec.field(default_factory=lambda: dict(NOTES))
    four_eyes: dict[str, MinorUnits] = msgspec.field(
        default_factory=lambda: {"KRW": 10_000_000, "EUR": 1_000_000, "USD": 1_000_000}
    )
    refund_days: RefundDays = RefundDays()
    attachments: Attachments = Attachments()
    webhooks: Webhooks = Webhooks()

    def lines_for(self, action: str, level: int) -> tuple[str, ...]:
        """What the checklist of a case says more because of an alert of this action and level."""
        of_level = self.checklists.get(f"level-{level}", ()) if level else ()  # type: ignore[call-overload]
        return (*self.checklists.get(action, ()), *of_level)  # type: ignore[call-overload]

    def others_needed(self, amount: int, currency: str) -> int:
        """How many others must agree to this amount; a currency without a limit always needs them."""
        limit = self.four_eyes.get(currency, 0)
        return self.approvers if amount >= limit else 0
