"""The swift way: the six steps of decide.py for a plain event that is allowed, without an object made of it.

Nearly every event is written plainly, is new, and is as harmless as it looks. Its bytes become the kernel's row in one
compiled call, the detectors judge the row, and when the risk is below every action's first risk there is nothing left
to weigh: the answer is written into a template. tests/decision/test_swift.py holds every decision against decide.py's.

Whatever is otherwise goes the general way: before step 1 when the event or the house is not plain, behind it when the
risk asks for weighing. Then the event is made, and what was known is handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from xxhash import xxh3_64_intdigest

from haechi.decision.allowed import written
from haechi.decision.decide import decide
from haechi.decision.house import House, RowDetector
from haechi.decision.rarity import alarm
from haechi.decision.recall import Answer
from haechi.decision.weigh import combined_risk
from haechi.events import Event, Signal
from haechi.features.plain import Plain, packed
from haechi.stores import DECIDED, Entry

__all__ = ["Swift"]


class Course(Protocol):
    """The memory in the course of time."""

    def look_and_learn_read(self, plain: Plain, body: bytes) -> Any:
        """What was known before the event that was just read, which is history from now on."""
        ...


class Swift:
    """Answers plain events of one house."""

    def __init__(self, house: House, course: Course, plain: Plain, event_of: Callable[[bytes], Event]) -> None:
        """`event_of` makes an event of its body, where the general way must go on."""
        self._house, self._course, self._plain, self._event_of = house, course, plain, event_of
        self._parts: tuple[Any, ...] = ()
        self._take_up()

    def answer(self, body: bytes) -> Answer | None:
        """Answer an event; None: it is not plain or not new, and nothing was done."""
        house, plain = self._house, self._plain
        started = house.clock()
        if not self._applies() or not plain.read(body):
            return None
        name = plain.name_in(body)
        event_id, journal = name.decode(), house.journal
        if plain.money not in self._assumed or journal.find(event_id) is not None or journal.broken is not None:
            return None
        time_us, units, money = plain.time_us, plain.units, plain.money
        known = self._course.look_and_learn_read(plain, body)  # 1 remember, and 5 learn
        looked = house.clock()
        signals = self._look(known)  # 2 look
        judged = house.clock()
        risk = None if signals is None else self._weigh(signals, body)  # 3 weigh
        if risk is None or signals is None:
            return decide(self._event_of(body), house, body, (started, known))
        loss = risk * (self._assumed[money] if units is None else units) * house.policy.unrecovered_share
        weighed = (house.clock() - judged) // 1_000
        took = weighed, (looked - started) // 1_000, (judged - looked) // 1_000
        encoded = self._write(name, risk, round(loss), signals, *took)
        entry = Entry(  # 4 write down; 6: nobody is called
            type=DECIDED,
            event_id=event_id,
            time_us=time_us,
            body=body,
            decision=encoded,
            digest=xxh3_64_intdigest(known.row),
            unexplained=known.unexplained,
        )
        return Answer("allow", encoded, journal.write(entry))

    def _applies(self) -> bool:
        """Whether this house has nothing that needs more than the row; a change of its parts is taken up."""
        house = self._house
        parts = self._parts
        if house.detectors is not parts[0] or house.policy is not parts[1] or house.versions is not parts[2]:
            self._take_up()
        return self._rows_do and house.rules is None

    def _take_up(self) -> None:
        house = self._house
        policy, detectors = house.policy, house.detectors
        self._parts = detectors, policy, house.versions
        self._rows_do = all(isinstance(d, RowDetector) for d in detectors)
        self._judges = tuple(
            (d.judge_row, policy.deadlines_ns.get(d.name, policy.deadline_ns)) for d in detectors
            if isinstance(d, RowDetector)
        )  # fmt: skip
        self._assumed = {packed(c): prices.assumed_amount for c, prices in policy.prices.items()}
        self._assumed[0] = self._assumed[packed(policy.currency)]
        self._harmless = min(step.from_risk for step in policy.steps[policy.currency][1:])
        self._write = written([(d.name, d.version) for d in detectors], house.versions)

    def _look(self, known: Any) -> list[Signal] | None:
        """Every detector's signal; None when one fails, is late or unsound: look.py asks again."""
        signals = []
        clock = self._house.clock
        started = clock()
        for judge, deadline_ns in self._judges:
            try:
                signal = judge(known)
            except Exception:  # noqa: BLE001 - look.py asks it again, logs what it says and counts it
                return None
            ended = clock()
            if ended - started > deadline_ns or not 0.0 <= signal.score <= 1.0:
                return None
            signals.append(signal)
            started = ended
        return signals

    def _weigh(self, signals: Sequence[Signal], body: bytes) -> float | None:
        """The risk, when it is below what any action asks for and no view asks by itself."""
        policy = self._house.policy
        risk = combined_risk(signals, policy, self._plain.kind_in(body))
        if risk >= self._harmless or alarm(signals, policy) != "allow":
            return None
        return risk
