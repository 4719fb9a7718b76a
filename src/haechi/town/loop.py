"""The closed loop: the town lives on while somebody decides, and its people react.

Who is stopped tries again, gives up or adapts: customers repeat a challenged payment after the check, are annoyed when
they are stopped without reason, and leave when it happens too often; fraudsters try smaller amounts at other hours and
give up after some failures. Days come from the same pure function as without a loop; reactions are a layer upon them,
with dice of their own, so the same decisions give the same town.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from haechi.town.acts import APP, JUDGED, OK, OTHER_BANKS, RESULTS, Acts, Kind, acts_of, joined, keys
from haechi.town.almanac import DAY_US
from haechi.town.dice import Purpose, generator
from haechi.town.measures import MULE_ROLES
from haechi.town.render import Pen
from haechi.town.town import Town
from haechi.town.typologies import ROLES

REACTIONS_STREAM = 201
ALLOW, CHALLENGE, HOLD, BLOCK = "allow", "challenge", "hold", "block"
STOPPED = (HOLD, BLOCK)
PATIENCE = 3  # honest payments stopped before a customer leaves
CHECK_PASSED_SHARE = {False: 0.97, True: 0.25}  # by whether it is fraud: some victims pass the check themselves
TRIES_MAX = 3  # of a campaign after it was stopped
SMALLER = 0.45
LATER_S = (1_200, 14_400)  # how much later a fraudster tries again
RETRIES_PER_DAY_MAX = 100_000
PASSED_ON = frozenset(ROLES.index(role) for role in MULE_ROLES)
Decide = Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Answered:
    """An event, what was decided, and what it truly was."""

    event: dict[str, Any]
    action: str
    fraud: bool
    campaign: int


@dataclass
class Reactions:
    """What the people of a town have gone through so far."""

    annoyed: Counter[int] = field(default_factory=Counter)
    left: set[int] = field(default_factory=set)
    stopped: Counter[int] = field(default_factory=Counter)  # by campaign
    given_up: set[int] = field(default_factory=set)
    withheld: Counter[tuple[int, int]] = field(default_factory=Counter)  # by account and payer: never arrived
    missing: Counter[tuple[int, int]] = field(default_factory=Counter)  # by campaign and mule: cannot be passed on
    stopped_won: int = 0
    lost_won: int = 0


@dataclass(order=True)
class _Waiting:
    """An act that was not in the plan of the day, in the queue of what comes next."""

    time_us: int
    key: int
    acts: Acts = field(compare=False)


def live(town: Town, decide: Decide, *, first_day: int, days: int, reactions: Reactions | None = None
         ) -> Iterator[Answered]:  # fmt: skip
    """Let the town live through some days while `decide` answers every event with an action.

    `decide` gets the events in order of time and answers allow, challenge, hold or block.
    """
    world = reactions if reactions is not None else Reactions()
    pen = Pen(town)
    for number in range(first_day, first_day + days):
        yield from _Day(town, pen, number, world).run(decide)


class _Day:
    """One day of the loop."""

    def __init__(self, town: Town, pen: Pen, number: int, world: Reactions) -> None:
        self._town, self._pen, self._number, self._world = town, pen, number, world
        self._rng = generator(town.seed, Purpose.REACTIONS, number)
        self._end_us = town.start_us + (number + 1) * DAY_US
        self._queue: list[_Waiting] = []
        self._added = 0
        self._reactions: set[int] = set()

    def run(self, decide: Decide) -> Iterator[Answered]:
        """The day's events, and those that reactions add to it, each decided."""
        planned = self._town.day(self._number)
        rows = self._pen.rows(planned)
        for place, row in enumerate(rows):
            yield from self._due(int(planned["time_us"][place]), decide)
            act = planned.take(slice(place, place + 1))
            if self._happens(act):
                yield self._decided(row, act, decide)
        yield from self._due(self._end_us, decide)

    def _due(self, until_us: int, decide: Decide) -> Iterator[Answered]:
        while self._queue and self._queue[0].time_us <= until_us:
            acts = heappop(self._queue).acts
            if self._happens(acts):
                yield self._decided(self._pen.rows(acts)[0], acts, decide)

    def _happens(self, act: Acts) -> bool:
        """Whether somebody is still there to do it, and has the money."""
        campaign = int(act["campaign"][0])
        gave_up = campaign in self._world.given_up and bool(act["fraud"][0])
        if int(act["customer"][0]) not in self._world.left and not gave_up and not self._lacks(act):
            return True
        self._withhold(act, campaign)
        return False

    def _lacks(self, act: Acts) -> bool:
        """A transfer that was stopped never arrives, and a mule cannot pass on what did not arrive."""
        customer, amount = int(act["customer"][0]), int(act["amount"][0])
        if int(act["kind"][0]) == Kind.DEPOSIT:
            return self._taken(self._world.withheld, (customer, int(act["party"][0])), amount)
        if int(act["role"][0]) in PASSED_ON:
            return self._taken(self._world.missing, (int(act["campaign"][0]), customer), amount)
        return False

    @staticmethod
    def _taken(sums: Counter[tuple[int, int]], which: tuple[int, int], amount: int) -> bool:
        if sums[which] < amount:
            return False
        sums[which] -= amount
        return True

    def _decided(self, row: dict[str, Any], act: Acts, decide: Decide) -> Answered:
        action = decide(row)
        fraud, campaign = bool(act["fraud"][0]), int(act["campaign"][0])
        if int(act["kind"][0]) in JUDGED:
            self._react(act, action, fraud, campaign)
        return Answered(row, action, fraud, campaign)

    def _react(self, act: Acts, action: str, fraud: bool, campaign: int) -> None:
        amount, world = int(act["amount"][0]), self._world
        passed = action == CHALLENGE and self._rng.random() < CHECK_PASSED_SHARE[fraud]
        if action == CHALLENGE:
            self._check(act, passed)
        if action == ALLOW or passed:
            world.lost_won += amount * fraud
            self._arrives(act)
            return
        self._withhold(act, campaign)
        if fraud:
            world.stopped_won += amount
            self._adapt(act, campaign)
        else:
            self._annoy(act)

    def _withhold(self, act: Acts, campaign: int) -> None:
        """What a planned transfer would have brought is missing at the other end."""
        payee, customer, amount = (int(act[name][0]) for name in ("party", "customer", "amount"))
        if self._is_for_here(act) and not self._is_again(act):
            self._world.withheld[payee, customer] += amount
            self._world.missing[campaign, payee] += amount

    def _arrives(self, act: Acts) -> None:
        """A transfer that is tried again and goes through arrives, too."""
        if self._is_for_here(act) and self._is_again(act):
            deposit = {"kind": Kind.DEPOSIT, "customer": act["party"][0], "party": act["customer"][0], "fraud": False}
            self._add(act, 1_000_000, **deposit)

    def _is_for_here(self, act: Acts) -> bool:
        """Whether an act is a transfer to an account that this bank has by now."""
        payee = int(act["party"][0])
        transfer = int(act["kind"][0]) == Kind.TRANSFER and payee < OTHER_BANKS
        return transfer and int(self._town.people.joined[payee]) <= self._number

    def _is_again(self, act: Acts) -> bool:
        """Whether an act is a reaction, not of the day's plan."""
        return int(act["key"][0]) in self._reactions

    def _check(self, act: Acts, passed: bool) -> None:
        """The result of the check comes back half a minute later."""
        self._add(act, 30_000_000, kind=Kind.CHECK, result=RESULTS.index("ok") if passed else OK + 1, fraud=False)

    def _annoy(self, act: Acts) -> None:
        """An honest payment that was stopped is tried again, once; too often, and the customer leaves."""
        customer = int(act["customer"][0])
        self._world.annoyed[customer] += 1
        if self._world.annoyed[customer] >= PATIENCE:
            self._world.left.add(customer)
        elif self._rng.random() < 0.5:
            self._add(act, int(self._rng.integers(60, 1_800)) * 1_000_000)

    def _adapt(self, act: Acts, campaign: int) -> None:
        """A fraudster tries less, later; after some failures he gives up."""
        self._world.stopped[campaign] += 1
        if self._world.stopped[campaign] > TRIES_MAX:
            self._world.given_up.add(campaign)
            return
        smaller = max(int(int(act["amount"][0]) * SMALLER) // 100 * 100, 100)
        self._add(act, int(self._rng.integers(*LATER_S)) * 1_000_000, amount=smaller)

    def _add(self, act: Acts, after_us: int, **changes: Any) -> None:
        """Put an act into the day that is like another, later and changed; what would fall into tomorrow is let go."""
        at_us = int(act["time_us"][0]) + after_us
        if at_us >= self._end_us or self._added >= RETRIES_PER_DAY_MAX:
            return
        key = int(keys(self._number, REACTIONS_STREAM, self._added, 1)[0])
        self._added += 1
        self._reactions.add(key)
        given = {name: values[0] for name, values in act.columns.items()}
        if changes.get("kind") == Kind.CHECK:
            given = {name: given[name] for name in ("customer", "device", "campaign")} | {"ref": act["key"][0]}
        if changes.get("kind") == Kind.DEPOSIT:
            given = {name: given[name] for name in ("amount", "campaign")} | {"channel": APP}
        again = joined([acts_of(1, **(given | changes | {"time_us": at_us, "key": key}))])
        heappush(self._queue, _Waiting(at_us, key, again))
