"""The swift way: the six steps of decide.py for a plain event that is allowed, without an object made of it.

Nearly every event is written plainly, is new, and is as harmless as it looks. Its bytes become the kernel's row in one
compiled call, the detectors judge the row, and when weighing allows it there is nothing to tell but numbers: the answer
is written into a template. tests/decision/test_swift.py holds every decision against decide.py's.

Whatever is otherwise goes the general way: before step 1 when the event or the house is not plain, behind it when the
risk asks for weighing. Then the event is made, and what was known is handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from xxhash import xxh3_64_intdigest

from haechi.decision.allowed import Took, Write, written
from haechi.decision.decide import decide
from haechi.decision.harmless import Harmless
from haechi.decision.heard import Heard, Signals, heard_of
from haechi.decision.house import House, RowDetector, Rules
from haechi.decision.rarity import alarm
from haechi.decision.recall import Answer
from haechi.decision.sight import Sights
from haechi.decision.weigh import combined_risk, weigh_stake
from haechi.events import Event, Signal
from haechi.features.beside import Steps
from haechi.features.memory import Asked, Learned
from haechi.features.plain import NO_AMOUNT, Plain, Spoken, packed, unpacked
from haechi.stores import DECIDED, Entry

__all__ = ["Swift"]


class Course(Protocol):
    """The memory in the course of time."""

    def look_and_learn_read(self, plain: Plain, body: bytes) -> Any:
        """What was known before the event that was just read, which is history from now on."""
        ...

    @property
    def steps(self) -> Steps:
        """What learns the events asked about last."""
        ...

    def ask_lines(self, ints: np.ndarray, floats: np.ndarray) -> Asked:
        """Ask for the same for many encoded events; nothing else may want the memory until `steps` were taken."""
        ...

    def lines_asked(self, asked: Asked, money: Sequence[int], *, whole: bool) -> Learned:
        """What was known before them, and their currencies; `whole` unless the memory refused an event."""
        ...


class Swift:
    """Answers plain events of one house."""

    def __init__(self, house: House, course: Course, plain: Plain, event_of: Callable[[bytes], Event]) -> None:
        """`event_of` makes an event of its body, where the general way must go on."""
        self._house, self._course, self._plain, self._event_of = house, course, plain, event_of
        self._parts: tuple[Any, ...] = ()
        self._writers: dict[str, Write] = {}
        self._take_up()

    def answer(self, body: bytes) -> Answer | None:
        """Answer an event; None: it is not plain or not new, and nothing was done."""
        house, plain = self._house, self._plain
        started = house.clock()
        if house.rules is not None or not self._applies() or not plain.read(body):
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
        risk = self._weigh(signals, said, 0)  # 3 weigh
        if risk is None:
            return decide(self._event_of(body), house, body, (started, known, 0))
        took = (house.clock() - judged) // 1_000, (looked - started) // 1_000, (judged - looked) // 1_000
        heard = heard_of(signals or ())
        (decision,) = self._told("", said, (risk,), heard, took)
        entry = _entry(name, said.time_us[0], body, decision, known.row, known.unexplained)
        ticket = journal.write_new((entry,), (key,))  # 4 write down; 6: nobody is called
        if house.watcher is not None:
            house.watcher.saw(Sights((entry,), said, known.row[None], "allow", (risk,), heard, sum(took)))
        return Answer("allow", decision, ticket)

    @property
    def steps(self) -> Steps:
        """What has to be done between `begin` and `learned`; it needs no lock and may be done by another thread."""
        return self._course.steps

    def begin(self, lines: Sequence[bytes]) -> Begun | None:
        """Read the first of these events, as many as are plain and new, and ask the memory about them; None: none is.

        Each step is taken for all of them, and the time it took is divided by their number. The caller has made room in
        the journal for them all.
        """
        house, plain = self._house, self._plain
        if not self._applies() or house.journal.broken is not None:
            return None
        encoder, count = plain.encoder, len(lines)
        ints, floats = np.zeros((count, encoder.ints_width), np.int64), np.empty((count, encoder.floats_width))
        found = plain.read_lines(lines, ints, floats)
        keys = self._new(found)
        if not keys:
            return None
        n, started = len(keys), house.clock()
        asked = self._course.ask_lines(ints[:n], floats[:n])  # 1 remember, and 5 learn
        return Begun(started, found.part(slice(n)), lines[:n], keys, asked)

    def learned(self, begun: Begun, taken: int) -> Learned:
        """What was known before them, once so many of `steps` were taken; the memory may have refused the last ones."""
        return self._course.lines_asked(begun.asked, begun.said.money, whole=taken > 0)

    def finish(self, begun: Begun, learned: Learned) -> list[Answer]:
        """Decide those that were learned."""
        house, started, n = self._house, begun.started, len(learned.rows)
        found, lines, keys = begun.said.part(slice(n)), begun.lines[:n], begun.keys[:n]
        looked = house.clock()
        heard = self._look_at_all(learned.rows)  # 2 look
        judged = house.clock()
        risks: list[float | None] = [None] * n if heard is None else self._weigh_all(heard, found)  # 3 weigh
        version = "" if house.rules is None else self._ask(house.rules, lines, learned, risks)
        each = 1_000 * max(n, 1)
        took = (house.clock() - judged) // each, (looked - started) // each, (judged - looked) // each
        block = Block(found, lines, keys, learned.rows, learned.unexplained, risks, heard)
        answers: list[Answer] = []
        with house.journal.as_one():  # what is kept back says how many were learned before: they must be there, too
            for i in (i for i, risk in enumerate(risks) if risk is None):
                answers += self._allow(block.part(len(answers), i), version, took)
                met = started, learned.known(i), n - 1 - i
                answers.append(decide(self._event_of(lines[i]), house, lines[i], met))
            answers += self._allow(block.part(len(answers), n), version, took)
        return answers

    def _ask(self, rules: Rules, lines: Sequence[bytes], learned: Learned, risks: list[float | None]) -> str:
        """Take back the risk of events about which the rules have something to say; the version that was asked."""
        version = ""
        for i in (i for i, risk in enumerate(risks) if risk is not None):
            try:
                agreed = rules.decide(self._event_of(lines[i]), learned.known(i))
            except Exception:  # noqa: BLE001 - look.py asks them again, logs what they say and counts it
                risks[i] = None
                continue
            if agreed.lines or agreed.floor or agreed.score:
                risks[i] = None
            version = agreed.version
        return version

    def _allow(self, block: Block, version: str, took: Took) -> list[Answer]:
        """Allow all events of a block, in one go."""
        said, lines, keys, rows, unexplained, risks, heard = block
        if not lines or heard is None:
            return []
        written = self._told(version, said, risks, heard, took)
        entries = list(map(_entry, said.names, said.time_us, lines, written, rows, unexplained))
        ticket = self._house.journal.write_new(entries, keys)  # 4 write down; 6: nobody is called
        if self._house.watcher is not None:
            self._house.watcher.saw(Sights(entries, said, rows, "allow", risks, heard, sum(took)))
        return [Answer("allow", decision, ticket) for decision in written]

    def _new(self, found: Spoken) -> list[int]:
        """The keys of the first events, as many as have new ids and money that has prices."""
        keys, priced = self._house.journal.keys(found.names), self._assumed.keys()
        money = found.money[: len(keys)]
        return keys if priced >= set(money) else keys[: [one in priced for one in money].index(False)]

    def _writer(self, rules: str) -> Write:
        """What writes a decision of these detectors and rules; rules by their version."""
        write = self._writers.get(rules)
        if write is None:
            self._writers = {rules: written(self._voices, {**self._house.versions, "rules": rules})}
            write = self._writers[rules]
        return write

    def _told(self, rules: str, said: Spoken, risks: Sequence[float], heard: Heard, took: Took) -> list[bytes]:
        """The decisions to allow these events, as they are told; rules by their version."""
        assumed, loss = self._assumed, self._house.policy.expected_loss
        amounts = [assumed[m] if units == NO_AMOUNT else units for units, m in zip(said.units, said.money, strict=True)]
        losses = [round(loss(*one)) for one in zip(risks, amounts, said.kinds, strict=True)]
        numbers = np.empty((len(said), 1 + 2 * len(heard.voices)))
        numbers[:, 0], numbers[:, 1::2], numbers[:, 2::2] = risks, heard.scores.T, heard.one_in.T
        return self._writer(rules)(said.names, numbers.tolist(), losses, took)

    def _applies(self) -> bool:
        """Whether this house has nothing that needs more than the row; a change of its parts is taken up."""
        house = self._house
        parts = self._parts
        if house.detectors is not parts[0] or house.policy is not parts[1] or house.versions is not parts[2]:
            self._take_up()
        return self._rows_do

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
        self._voices = [(d.name, d.version) for d in detectors]
        self._harmless = Harmless(policy, [d.name for d in detectors])
        self._writers = {}

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

    def _look_at_all(self, rows: Any) -> Heard | None:
        """The same for many rows, by column."""
        detectors, clock = self._house.detectors, self._house.clock
        scores, one_in = np.empty((2, len(detectors), len(rows)))
        started = clock()
        for n, (detector, deadline_ns) in enumerate(zip(detectors, self._deadlines_ns, strict=True)):
            try:
                detector.judge_rows(rows, scores[n], one_in[n])  # type: ignore[attr-defined]
            except Exception:  # noqa: BLE001 - look.py asks it again, logs what it says and counts it
                return None
            ended = clock()
            if ended - started > deadline_ns * len(rows):
                return None
            started = ended
        return Heard(self._voices, scores, one_in)

    def _weigh_all(self, heard: Heard, found: Spoken) -> list[float | None]:
        """The risks of those that are allowed."""
        risks = self._harmless.risks(heard.scores, heard.one_in)
        return [risk if risk >= 0.0 else self._weigh_one(heard, i, found) for i, risk in enumerate(risks)]

    def _weigh_one(self, heard: Heard, place: int, said: Spoken) -> float | None:
        signals = list(Signals(heard, place))
        return self._weigh(signals, said, place) if all(0.0 <= s.score <= 1.0 for s in signals) else None

    def _weigh(self, signals: Sequence[Signal] | None, said: Spoken, place: int) -> float | None:
        """The risk, when the event at this place is allowed."""
        if signals is None:
            return None
        policy, kind = self._house.policy, said.kinds[place]
        if len(signals) == 1 and signals[0].one_in == 0.0:  # one probability is the risk, and is no rarity
            risk = signals[0].score * policy.trust.get(signals[0].detector, 1.0)
        else:
            risk = combined_risk(signals, policy, kind)
        if risk < self._harmless.limit and alarm(signals, policy) == "allow":
            return risk
        units, currency = said.units[place], unpacked(said.money[place])
        weighed = weigh_stake(signals, policy, kind, currency, None if units == NO_AMOUNT else units)
        return risk if weighed.action == "allow" else None


class Begun(NamedTuple):
    """Since when events are being looked at, what they say, bodies, keys, and where the answers will be."""

    started: int
    said: Spoken
    lines: Sequence[bytes]
    keys: Sequence[int]
    asked: Asked


class Block(NamedTuple):
    """Many events by column: what they say, bodies, keys, rows, how unexplained they are, risks, signals."""

    said: Spoken
    lines: Sequence[bytes]
    keys: Sequence[int]
    rows: np.ndarray
    unexplained: Sequence[float]
    risks: Sequence[Any]  # None: not allowed here
    heard: Heard | None

    def part(self, first: int, stop: int) -> Block:
        """Some events that stand side by side."""
        heard, part = self.heard, slice(first, stop)
        if heard is not None:
            heard = Heard(heard.voices, heard.scores[:, part], heard.one_in[:, part])
        return Block(
            self.said.part(part), self.lines[part], self.keys[part], self.rows[part], self.unexplained[part],
            self.risks[part], heard,
        )  # fmt: skip


def _entry(name: bytes, time_us: int, body: bytes, decision: bytes, row: Any, unexplained: float) -> Entry:
    return Entry(
        type=DECIDED,
        event_id=name.decode(),
        time_us=time_us,
        body=body,
        decision=decision,
        digest=xxh3_64_intdigest(row),
        unexplained=unexplained,
    )
