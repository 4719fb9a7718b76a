"""The swift way: the six steps of decide.py for a plain event that is allowed, without an object made of it.

Nearly every event is written plainly, is new, and is as harmless as it looks. Its bytes become the kernel's row in one
compiled call, the detectors judge the row, and when weighing allows it there is nothing to tell but numbers: the answer
is written into a template. tests/decision/test_swift.py holds every decision against decide.py's.

Whatever is otherwise goes the general way: before step 1 when the event or the house is not plain, behind it when the
risk asks for weighing. Then the event is made, and what was known is handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from xxhash import xxh3_64_intdigest

from haechi.decision.allowed import written
from haechi.decision.decide import decide
from haechi.decision.house import House, RowDetector
from haechi.decision.rarity import alarm
from haechi.decision.recall import Answer
from haechi.decision.sight import Sight
from haechi.decision.weigh import combined_risk, weigh_stake
from haechi.events import Event, Signal
from haechi.features.memory import Known
from haechi.features.plain import Plain, Said, packed, unpacked
from haechi.stores import DECIDED, Entry

__all__ = ["Swift"]


class Course(Protocol):
    """The memory in the course of time."""

    def look_and_learn_read(self, plain: Plain, body: bytes) -> Any:
        """What was known before the event that was just read, which is history from now on."""
        ...

    def look_and_learn_lines(self, ints: np.ndarray, floats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same for many encoded events, as many of the first as can be learned: their rows, how unexplained."""
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
        name, journal = plain.name_in(body), house.journal
        key = journal.key(name.decode())
        if key is None or plain.money not in self._assumed or journal.broken is not None:
            return None
        said = plain.said(body)
        known = self._course.look_and_learn_read(plain, body)  # 1 remember, and 5 learn
        looked = house.clock()
        signals = self._look(known)  # 2 look
        judged = house.clock()
        risk = self._weigh(signals, said)  # 3 weigh
        if risk is None:
            return decide(self._event_of(body), house, body, (started, known))
        took = (house.clock() - judged) // 1_000, (looked - started) // 1_000, (judged - looked) // 1_000
        entry = self._entry(said, body, known.row, known.unexplained, signals, risk, took)
        (ticket,) = journal.write_new((entry,), (key,))  # 4 write down; 6: nobody is called
        if house.watcher is not None:
            house.watcher.saw((_sight(said, entry, known.row, signals, risk, took),))
        return Answer("allow", entry.decision or b"", ticket)

    def answer_lines(self, lines: Sequence[bytes]) -> list[Answer]:
        """Answer the first of these events, as many as are plain and new, in their order; each step is taken for all.

        What a step took is divided by the number of events. The caller has made room in the journal for them all.
        """
        house, plain, course = self._house, self._plain, self._course
        started = house.clock()
        if not self._applies() or house.journal.broken is not None:
            return []
        encoder = plain.encoder
        ints, floats = (
            np.zeros((len(lines), encoder.ints_width), np.int64),
            np.empty((len(lines), encoder.floats_width)),
        )
        found = plain.read_lines(lines, ints, floats)
        keys = self._new(found)
        rows, unexplained = course.look_and_learn_lines(ints[: len(keys)], floats[: len(keys)])  # 1 remember, 5 learn
        n, odd, looked = len(rows), unexplained.tolist(), house.clock()
        signals = self._look_at_all(rows)  # 2 look
        judged = house.clock()
        risks = [self._weigh(s, said) for s, said in zip(signals, found, strict=False)]  # 3 weigh
        each = 1_000 * max(n, 1)
        took = (house.clock() - judged) // each, (looked - started) // each, (judged - looked) // each
        answers: list[Answer] = []
        waiting: list[tuple[Entry, int, Sight]] = []
        for i, (body, said, risk) in enumerate(zip(lines, found, risks, strict=False)):
            if risk is None:
                self._write_down(waiting, answers)
                known = Known(rows[i], encoder.spec, odd[i])
                answers.append(decide(self._event_of(body), house, body, (started, known)))
            else:
                entry = self._entry(said, body, rows[i], odd[i], signals[i], risk, took)
                waiting.append((entry, keys[i], _sight(said, entry, rows[i], signals[i], risk, took)))
        self._write_down(waiting, answers)  # 4 write down; 6: nobody is called
        return answers

    def _new(self, found: Sequence[Said]) -> list[int]:
        """The keys of the first events, as many as have new ids and money that has prices."""
        keys: dict[int, None] = {}
        for said in found:
            key = self._house.journal.key(said.name.decode())
            if key is None or key in keys or said.money not in self._assumed:
                break
            keys[key] = None
        return list(keys)

    def _write_down(self, waiting: list[tuple[Entry, int, Sight]], answers: list[Answer]) -> None:
        """Queue what waits, in one go, and let it be seen by whoever watches."""
        if waiting:
            entries, keys, sights = zip(*waiting, strict=True)
            tickets = self._house.journal.write_new(entries, keys)
            answers += [Answer("allow", e.decision or b"", t) for e, t in zip(entries, tickets, strict=True)]
            if self._house.watcher is not None:
                self._house.watcher.saw(sights)
            waiting.clear()

    def _entry(
        self,
        said: Said,
        body: bytes,
        row: Any,
        unexplained: float,
        signals: list[Signal] | None,
        risk: float,
        took: tuple[int, int, int],
    ) -> Entry:
        amount = self._assumed[said.money] if said.units is None else said.units
        loss = self._house.policy.expected_loss(risk, amount, said.kind)
        return Entry(
            type=DECIDED,
            event_id=said.name.decode(),
            time_us=said.time_us,
            body=body,
            decision=self._write(said.name, risk, round(loss), signals or (), *took),
            digest=xxh3_64_intdigest(row),
            unexplained=unexplained,
        )

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
        self._deadlines_ns = [policy.deadlines_ns.get(d.name, policy.deadline_ns) for d in detectors]
        judges = [d.judge_row for d in detectors if isinstance(d, RowDetector)]
        self._judges = tuple(zip(judges, self._deadlines_ns, strict=False))
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

    def _look_at_all(self, rows: Any) -> list[list[Signal] | None]:
        """The same for many rows."""
        columns, n = [], len(rows)
        clock = self._house.clock
        started = clock()
        for detector, deadline_ns in zip(self._house.detectors, self._deadlines_ns, strict=True):
            try:
                column = detector.judge_rows(rows)  # type: ignore[attr-defined]
            except Exception:  # noqa: BLE001 - look.py asks it again, logs what it says and counts it
                return [None] * n
            ended = clock()
            if ended - started > deadline_ns * n:
                return [None] * n
            columns.append(column)
            started = ended
        return [
            signals if all(0.0 <= s.score <= 1.0 for s in signals) else None
            for signals in ([column[i] for column in columns] for i in range(n))
        ]

    def _weigh(self, signals: Sequence[Signal] | None, said: Said) -> float | None:
        """The risk, when the event is allowed."""
        if signals is None:
            return None
        policy = self._house.policy
        if len(signals) == 1 and signals[0].one_in == 0.0:  # one probability is the risk, and is no rarity
            risk = signals[0].score * policy.trust.get(signals[0].detector, 1.0)
        else:
            risk = combined_risk(signals, policy, said.kind)
        if risk < self._harmless and alarm(signals, policy) == "allow":
            return risk
        weighed = weigh_stake(signals, policy, said.kind, unpacked(said.money), said.units)
        return risk if weighed.action == "allow" else None


def _sight(
    said: Said, entry: Entry, row: Any, signals: Sequence[Signal] | None, risk: float, took: tuple[int, int, int]
) -> Sight:
    return Sight(entry, said.kind, said.units, said.subject, row, "allow", risk, signals or (), sum(took))
