"""What stands behind the console: it speaks to the house through these calls and knows nothing else of it."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from haechi.cases import CaseDesk
from haechi.cases.pulse import Pulse
from haechi.cases.recent import Recent
from haechi.console.modeldesk import ModelDesk
from haechi.console.ruledesk import RuleDesk
from haechi.console.townstage import TownStage
from haechi.decision import Decision, Policy
from haechi.decision.policies import Kept
from haechi.events import Event
from haechi.security import StoredKey
from haechi.stores import ApiKey


class Decided(NamedTuple):
    """An event of the journal; `decision` is None where it was only learned."""

    seq: int
    event: Event
    decision: Decision | None


class MoneyToday(NamedTuple):
    """By currency, in minor units, since midnight: what was stopped, what was confirmed as fraud, what was refunded."""

    stopped: dict[str, int]
    fraud: dict[str, int]
    refunded: dict[str, int]


class Behind(Protocol):
    """The house as people see it; every call comes from a thread beside the decisions."""

    @property
    def cases(self) -> CaseDesk:
        """What people do."""
        ...

    @property
    def rules(self) -> RuleDesk:
        """What people agreed on."""
        ...

    @property
    def models(self) -> ModelDesk:
        """Models and their lives."""
        ...

    @property
    def town(self) -> TownStage | None:
        """The stage of a demonstration; None in a house of a real bank."""
        ...

    @property
    def recent(self) -> Recent:
        """What happened lately, and to whom."""
        ...

    @property
    def pulse(self) -> Pulse:
        """What is decided in these minutes."""
        ...

    @property
    def policy(self) -> Policy:
        """What the bank is willing to pay and to risk."""
        ...

    def policy_of(self, version: str) -> Kept | None:
        """A policy that decisions name; None for one that never decided here."""
        ...

    @property
    def timezone(self) -> str:
        """Where the bank's clocks hang: Asia/Seoul."""
        ...

    @property
    def subject(self) -> str:
        """The entity whose behaviour is judged: customer."""
        ...

    def decided(self, event_id: str) -> Decided | None:
        """An event with its decision."""
        ...

    def profile(self, customer: str) -> dict[str, Any] | None:
        """What is usual for a customer, from her whole history; it takes a while, and one at a time."""
        ...

    def money_today(self, since_us: int) -> MoneyToday:
        """What happened to money since then, as of some seconds ago."""
        ...

    def api_keys(self) -> list[ApiKey]:
        """Every API key, revoked ones too; never the keys themselves."""
        ...

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        ...

    def trouble(self) -> list[str]:
        """Names of what does not work as it should, each a text under `trouble.`; empty when all is well."""
        ...
