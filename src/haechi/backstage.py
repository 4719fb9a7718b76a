"""The house as the console sees it: what api's front is for machines, this is for people."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from haechi.app import OpenHouse
from haechi.cases import CaseDesk
from haechi.cases.pulse import Pulse
from haechi.cases.recent import EVENTS_MAX, Recent
from haechi.commands.profiling import profile_of
from haechi.console.behind import Decided, MoneyToday
from haechi.console.townstage import TownStage
from haechi.decision import Policy
from haechi.decision.decision import decode
from haechi.decision.policies import Kept, kept
from haechi.following import Follower
from haechi.front import HouseFront
from haechi.learning.registry import Registry
from haechi.restore import event_of
from haechi.rulebook.models import ModelPeople
from haechi.rulebook.opened import people_of, scores_of
from haechi.security import StoredKey
from haechi.stores import ApiKey

__all__ = ["Backstage"]

SUPERVISED = "supervised"
KEPT_DECISIONS = 4_096
MONEY_FOR_US = 5_000_000


class Backstage:
    """What stands behind the console; every call comes from one of its threads."""

    def __init__(self, opened: OpenHouse, front: HouseFront, now_us: Callable[[], int]) -> None:
        self._opened, self._front, self._now_us = opened, front, now_us
        self.rules = people_of(opened, front.rules, now_us)
        self.models = ModelPeople(Registry(opened.home.models), scores_of(opened), front.models)
        self.town: TownStage | None = None
        self.timezone = opened.schema.time.timezone or "UTC"
        spec, seed = opened.course.memory.spec, opened.course.memory.seed
        self.follower = Follower(
            opened.schema, spec, seed, opened.archive, opened.store.journal, now_us, EVENTS_MAX,
            lambda: opened.snapshots.is_fresh,
        )  # fmt: skip
        self._decided: OrderedDict[str, Decided] = OrderedDict()  # what was decided never changes
        self._lock, self._describing = threading.Lock(), threading.Lock()
        self._money: tuple[int, int, MoneyToday] | None = None

    @property
    def cases(self) -> CaseDesk:
        """What people do."""
        return self._front.cases

    @property
    def recent(self) -> Recent:
        """What happened lately, and to whom."""
        return self.follower.recent

    @property
    def pulse(self) -> Pulse:
        """What is decided in these minutes."""
        return self.follower.pulse

    @property
    def policy(self) -> Policy:
        """What the bank is willing to pay and to risk."""
        return self._opened.house.policy

    def policy_of(self, version: str) -> Kept | None:
        """A policy that decisions name."""
        return kept(self._opened.store.meta, version)

    @property
    def subject(self) -> str:
        """The entity whose behaviour is judged."""
        return self.recent.subject

    def decided(self, event_id: str) -> Decided | None:
        """An event with its decision; what lies in the archive is read once."""
        with self._lock:
            found = self._decided.get(event_id)
            if found is not None:
                self._decided.move_to_end(event_id)
                return found
        entry = None if _unfit(event_id) else self._opened.store.journal.find(event_id)
        if entry is None:
            return None
        event = event_of(self._opened.schema, entry.body)
        found = Decided(entry.seq, event, decode(entry.decision) if entry.decision else None)
        with self._lock:
            self._decided[event_id] = found
            while len(self._decided) > KEPT_DECISIONS:
                self._decided.popitem(last=False)
        return found

    def profile(self, customer: str) -> dict[str, Any] | None:
        """What is usual for a customer, from her whole history; it takes a while, and one at a time."""
        opened = self._opened
        with self._describing:
            return profile_of(opened.archive, opened.store.journal, opened.schema, opened.spec, customer)

    def money_today(self, since_us: int) -> MoneyToday:
        """What happened to money since then, counted again every few seconds."""
        now = self._now_us()
        with self._lock:
            if self._money and self._money[0] == since_us and now < self._money[1] + MONEY_FOR_US:
                return self._money[2]
        sums = self._front.cases.money_since(since_us)
        found = MoneyToday(*(_named(one, self.policy.currency) for one in sums))
        with self._lock:
            self._money = since_us, now, found
        return found

    def api_keys(self) -> list[ApiKey]:
        """Every API key."""
        return self._opened.store.keys.all()

    def key(self, digest: bytes) -> StoredKey | None:
        """Find an API key by its hash."""
        return self._opened.key(digest)

    def trouble(self) -> list[str]:
        """What does not work as it should."""
        wrong = {
            "journal": self._opened.store.journal.broken is not None,
            "model": not any(one.name == SUPERVISED for one in self._opened.house.detectors),
            "reading": self.follower.is_reading,
            "slow": self.pulse.is_slow(self._now_us()),
        }
        return [name for name, holds in wrong.items() if holds]

    def close(self) -> None:
        """Stop following."""
        self.follower.close()


def _named(sums: dict[str, int], currency: str) -> dict[str, int]:
    """Sums by currency; what names none is in the policy's, and nothing is no sum."""
    found: dict[str, int] = {}
    for name, amount in sums.items():
        found[name or currency] = found.get(name or currency, 0) + amount
    return {name: amount for name, amount in found.items() if amount}


def _unfit(event_id: str) -> bool:
    """Whether this cannot be the id of any event."""
    return "\0" in event_id or any("\ud800" <= c <= "\udfff" for c in event_id)
