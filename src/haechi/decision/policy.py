"""What a bank is willing to pay and to risk: the [policy] part of haechi.toml.

All of it may be left out; these are the defaults, plausible orders of magnitude that each bank replaces by its own:

    [policy]
    currency = "KRW"              # of events that name none, or one without prices below
    unrecovered_share = 1.0       # of a fraud's amount that is lost for good
    risk_without_signals = 0.002  # when no detector could judge: about the base rate of fraud
    guess_from_risk = 0.05        # below this risk nobody is bothered for what is only unusual, but by a view
    deadline_ms = 20.0            # of each detector
    release_share = 0.0           # of what would be held or blocked is let through by chance, to learn from; try 0.01
    release_loss_max = 100000     # but nothing whose expected loss is above this (minor units)
    # alert_budget_per_day = 200  # call a person only for the most costly so many of the last 24 hours
    [policy.deadlines_ms]         # by detector, where it differs
    [policy.trust]                # by detector, 0 to 1: its score counts as risk times this
    [policy.actions.hold]
    stops = 0.9                   # share of frauds that the action stops
    bothers = 0.5                 # how much it bothers an honest customer; 1 = as much as a block
    from_risk = 0.05              # below this risk the action is never taken
    [policy.views."behaviour.habit"]  # what is only unusual, by detector: from how rare on, and the least that is done
    one_in = 2000
    action = "challenge"          # or hold; never block
    [policy.views."behaviour.school"] # the same, of pupils on school days: they are asked sooner
    one_in = 40
    [policy.at_stake]             # share of the amount that may be lost, by kind of event; 1 where nothing is said
    deposit = 0.0                 # money that comes in is not lost by letting it in
    login = 0.05                  # moves no money: what moves it later is weighed itself; likewise device, payee ...
    [policy.prior_bits]           # how much likelier fraud is a priori, in doublings, by what the event is
    payment = 0.0
    transfer = 2.0
    [policy.prices.KRW]           # in minor units
    friction = { challenge = 50, hold = 1000, block = 3000 }  # what the action itself costs: message, review, call
    bothered = 10000              # what a wrongly blocked customer costs
    assumed_amount = 300000       # for an event without an amount
    [policy.service_minutes]      # how soon a person must have looked at an alert
    hold = 60
    block = 480
    [policy.challenge]            # what another check may take, and what its outcome means
    deadline_s = 180
    attempts = 3                  # that may fail before it counts as failed
    passed = "allow"
    failed = "block"
    refused = "block"             # the customer says: that was not me
    timeout = "block"             # no answer within deadline_s
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from haechi.decision.decision import ACTIONS, Action
from haechi.decision.errors import BadPolicy

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Milliseconds = Annotated[float, msgspec.Meta(gt=0, le=60_000)]
Bits = Annotated[float, msgspec.Meta(ge=-10, le=10)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=365 * 1_440)]
Ending = Literal["allow", "hold", "block"]  # a challenge does not end in another one
OUTCOMES = ("passed", "failed", "refused", "timeout")
MinorUnits = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class Effect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an action does to fraud and to honest customers, and from which risk it may be taken."""

    stops: Share
    bothers: Share
    from_risk: Share


class Friction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What taking an action costs, whoever is at the other end."""

    challenge: MinorUnits
    hold: MinorUnits
    block: MinorUnits


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Costs in one currency."""

    friction: Friction
    bothered: MinorUnits
    assumed_amount: MinorUnits


class ServiceLevels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon a person must have looked at an alert, by the action that called her."""

    hold: Minutes = 60
    block: Minutes = 480


class ChallengeTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What another check may take, and which action follows from its outcome."""

    deadline_s: Annotated[int, msgspec.Meta(ge=10, le=30 * 86_400)] = 180
    attempts: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    passed: Ending = "allow"
    failed: Ending = "block"
    refused: Ending = "block"
    timeout: Ending = "block"

    @property
    def means(self) -> dict[str, str]:
        """The action that follows from each outcome."""
        return {name: getattr(self, name) for name in OUTCOMES}


class Effects(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The effect of each action; allowing has none."""

    challenge: Effect = Effect(stops=0.7, bothers=0.1, from_risk=0.005)
    hold: Effect = Effect(stops=0.9, bothers=0.5, from_risk=0.05)
    block: Effect = Effect(stops=1.0, bothers=1.0, from_risk=0.5)


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a detector's rarity alone asks for an action: a budget (one event in so many) and what is done."""

    one_in: Annotated[float, msgspec.Meta(ge=20, le=1e9)]
    action: Literal["challenge", "hold"] = "challenge"


class Step(NamedTuple):
    """An action with its costs in one currency, ready for weighing."""

    action: Action
    from_risk: float
    passes: float  # share of frauds that get through
    friction: float
    bother: float


_WON = Prices(friction=Friction(challenge=50, hold=1_000, block=3_000), bothered=10_000, assumed_amount=300_000)
_CENTS = Prices(friction=Friction(challenge=5, hold=150, block=300), bothered=1_000, assumed_amount=30_000)


def _default_views() -> dict[str, View]:
    return {
        "behaviour": View(one_in=500.0),
        "behaviour.habit": View(one_in=2_000.0),
        "behaviour.school": View(one_in=40.0),
        "behaviour.counterpart": View(one_in=5_000.0),
        "behaviour.burst": View(one_in=5_000.0),
        "behaviour.drain": View(one_in=100.0),
    }


def _default_stakes() -> dict[str, float]:
    told = dict.fromkeys(("deposit", "refund", "profile", "call", "message", "check", "report", "verdict"), 0.0)
    return told | dict.fromkeys(("login", "device", "payee", "limit_change"), 0.05)


def _default_prices() -> dict[str, Prices]:
    return {"KRW": _WON, "EUR": _CENTS, "USD": _CENTS}


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What a bank is willing to pay and to risk."""

    currency: str = "KRW"
    unrecovered_share: Share = 1.0
    risk_without_signals: Share = 0.002
    guess_from_risk: Share = 0.05
    deadline_ms: Milliseconds = 20.0
    deadlines_ms: dict[str, Milliseconds] = {}
    trust: dict[str, Share] = {}
    release_share: Annotated[float, msgspec.Meta(ge=0, le=0.2)] = 0.0
    release_loss_max: MinorUnits = 100_000
    alert_budget_per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    views: dict[str, View] = msgspec.field(default_factory=_default_views)
    # Transfers were 11 % of the events and 31 % of the frauds where this was measured (docs/behaviour.md).
    prior_bits: dict[str, Bits] = msgspec.field(default_factory=lambda: {"payment": 0.0, "transfer": 2.0})
    at_stake: dict[str, Share] = msgspec.field(default_factory=_default_stakes)
    actions: Effects = Effects()
    service_minutes: ServiceLevels = ServiceLevels()
    challenge: ChallengeTerms = ChallengeTerms()
    prices: dict[str, Prices] = msgspec.field(default_factory=_default_prices)

    @classmethod
    def read(cls, path: Path) -> Policy:
        """Read the [policy] part of a haechi.toml; what it leaves out has its default."""
        try:
            tables = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadPolicy(f"cannot read {path}: {error}") from error
        return cls.parse(tables.get("policy", {}))

    @classmethod
    def parse(cls, tables: Mapping[str, Any]) -> Policy:
        """Make a policy of the [policy] tables; BadPolicy says in one line what is wrong with them."""
        if not isinstance(tables, Mapping):
            raise BadPolicy("[policy] must be a table; write [policy] on a line of its own")
        try:
            policy = msgspec.convert(_merged(msgspec.to_builtins(cls()), tables), cls)
        except msgspec.ValidationError as error:
            raise BadPolicy(f"[policy] in haechi.toml: {error}".replace("`$.", "`policy.")) from error
        _check(policy)
        return policy

    def expected_loss(self, risk: float, amount: int, kind: str) -> float:
        """What such an event loses when it is let through, in minor units: risk x amount x what is never recovered."""
        return risk * amount * self.unrecovered_share * self.at_stake.get(kind, 1.0)

    @cached_property
    def version(self) -> str:
        """A short name of exactly this policy."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:12]

    @cached_property
    def steps(self) -> dict[str, tuple[Step, ...]]:
        """By currency, the actions from the mildest to the hardest, with their costs."""
        return {currency: _steps(self.actions, prices) for currency, prices in self.prices.items()}

    @cached_property
    def deadlines_ns(self) -> dict[str, int]:
        """By detector, its own deadline in nanoseconds."""
        return {name: round(ms * 1e6) for name, ms in self.deadlines_ms.items()}

    @cached_property
    def deadline_ns(self) -> int:
        """The deadline of every other detector in nanoseconds."""
        return round(self.deadline_ms * 1e6)


def _steps(effects: Effects, prices: Prices) -> tuple[Step, ...]:
    steps = [Step("allow", 0.0, 1.0, 0.0, 0.0)]
    for action in ACTIONS[1:]:
        effect: Effect = getattr(effects, action)
        friction: int = getattr(prices.friction, action)
        steps.append(Step(action, effect.from_risk, 1 - effect.stops, friction, effect.bothers * prices.bothered))
    return tuple(steps)


def _merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged


def _check(policy: Policy) -> None:
    if policy.currency not in policy.prices:
        raise BadPolicy(f"[policy] currency is {policy.currency!r}: give it a table [policy.prices.{policy.currency}]")
    for milder, harder in pairwise(ACTIONS[1:]):
        for field in Effect.__struct_fields__:
            low, high = (getattr(getattr(policy.actions, action), field) for action in (milder, harder))
            if low > high:
                name = f"policy.actions.{harder}.{field}"
                raise BadPolicy(f"{name} is {high} but {milder} has {low}: a harder action must not have less")
