"""Turns: events that came together are decided together, turn by turn, in the order in which they came.

Nearly all of them are read, learned and written in slices (decision/swift.py). With a helper (features/beside.py) the
memory learns one slice while what the one before brought is committed and sent. It is begun when all of the one before
is decided and numbered, so the order of learning stays the order of the journal. Whatever else needs the memory, or
changes what decides, waits for the moment between two slices (`between`), or has the one under way ended (`settle`).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from haechi.api import Busy, Fault, NotReady, Refusal
from haechi.decision import Answer
from haechi.decision.swift import Begun, Swift
from haechi.features.beside import Beside, Steps, take_steps
from haechi.features.memory import Learned
from haechi.stores import Broken, Closed, Damaged, StoreError
from haechi.stores import Busy as QueueFull

__all__ = ["Outcome", "Turns", "refusal_of"]

log = logging.getLogger("haechi")

LINES_MIN = 3  # fewer are decided one by one
BESIDE_MIN = 8  # fewer are learned sooner than the helper wakes up
Outcome = Answer | Refusal
Call = Callable[[], object]


@dataclass(slots=True)
class _Turn:
    """Events that came together, what became of the first of them, and who waits for all."""

    lines: Sequence[bytes]
    then: Callable[[list[Outcome]], None]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def left(self) -> Sequence[bytes]:
        """Those that are not decided yet."""
        return self.lines[len(self.outcomes) :] if self.outcomes else self.lines


class Turns:
    """Decides for one house; the event loop alone calls it."""

    def __init__(
        self,
        swift: Swift | None,
        one: Callable[[bytes], Answer],
        admit: Callable[[int], None],
        decided: Callable[[Sequence[Answer]], None],
    ) -> None:
        """`one` decides an event the general way; `admit` makes sure that the journal takes so many more, or refuses;
        `decided` counts what slices brought."""
        self._swift, self._one, self._admit, self._decided = swift, one, admit, decided
        self._helper: Beside | None = None
        self._soon: Callable[[Call], object] = lambda call: None
        self._waiting: deque[_Turn] = deque()
        self._begun: Begun | None = None  # of the first turn, and with the helper
        self._calls: list[Call] = []

    def learn_beside(self, helper: Beside, soon: Callable[[Call], object]) -> None:
        """From now on this helper learns slices; call `landed` when it has answered. `soon` is `loop.call_soon`."""
        self._helper, self._soon = helper, soon

    def learn_here(self) -> None:
        """End what the helper does, and do without one."""
        self.settle()
        self._helper = None

    def take(self, lines: Sequence[bytes], then: Callable[[list[Outcome]], None]) -> None:
        """Decide events in their order; `then` hears of all of them, whether they are on disk yet or not."""
        self._waiting.append(_Turn(lines, then))
        self._go_on()

    def between(self, call: Call) -> None:
        """Call this as soon as all that is learned has its number, and nothing is being learned."""
        if self._begun is None:
            call()
        else:
            self._calls.append(call)

    def settle(self) -> None:
        """End the slice under way here and now; what waits behind it comes later."""
        if self._begun is not None:
            self._land()
            self._soon(self._go_on)

    def landed(self) -> None:
        """The helper has learned a slice."""
        if self._begun is not None:  # else it was settled before the loop heard of it
            self._land()
            self._go_on()

    def _go_on(self) -> None:
        """Decide what waits, until the helper has something to do."""
        while self._begun is None and self._waiting:
            turn = self._waiting[0]
            if not turn.left:
                self._waiting.popleft()
                turn.then(turn.outcomes)
            elif (begun := self._begin(turn)) is None:
                turn.outcomes.append(self._alone(turn.left[0]))
            elif self._helper is None or len(begun.lines) < BESIDE_MIN:
                self._write(turn, begun, take_steps(self._steps.address))
            else:
                self._ask(self._helper, turn, begun)

    @property
    def _steps(self) -> Steps:
        assert self._swift is not None
        return self._swift.steps

    def _ask(self, helper: Beside, turn: _Turn, begun: Begun) -> None:
        try:
            helper.ask(self._steps)
        except OSError:
            log.exception("nobody learns beside the loop any more, which is slower and nothing else: report this")
            self._helper = None
            self._write(turn, begun, take_steps(self._steps.address))
        else:
            self._begun = begun

    def _land(self) -> None:
        """Take up what the helper has learned, and call who waits for the moment behind it."""
        assert self._helper is not None
        assert self._begun is not None
        turn, begun, self._begun = self._waiting[0], self._begun, None
        self._write(turn, begun, self._helper.heard())
        calls, self._calls = self._calls, []
        for call in calls:
            try:
                call()
            except Exception:
                log.exception("what had to be done between two slices failed")

    def _begin(self, turn: _Turn) -> Begun | None:
        """Begin with the first that are left, as many as are plain; None: the first one goes alone."""
        if self._swift is None or len(turn.left) < LINES_MIN:
            return None
        try:
            self._admit(len(turn.left))
            return self._swift.begin(turn.left)
        except (Refusal, StoreError, Damaged):  # alone, each hears of it
            return None

    def _write(self, turn: _Turn, begun: Begun, taken: int) -> None:
        """Decide what was learned; an event that the memory refused hears of it alone."""
        assert self._swift is not None
        learned = self._swift.learned(begun, taken)
        turn.outcomes += self._finish(begun, learned)
        if len(learned.rows) < len(begun.lines):
            turn.outcomes.append(self._alone(turn.left[0]))

    def _finish(self, begun: Begun, learned: Learned) -> list[Outcome]:
        assert self._swift is not None
        try:
            answers = self._swift.finish(begun, learned)
        except (StoreError, Damaged) as error:
            return [refusal_of(error)] * len(learned.rows)
        except Exception:
            log.exception("deciding %d events failed", len(learned.rows))
            return [_fault()] * len(learned.rows)
        self._decided(answers)
        return list(answers)

    def _alone(self, line: bytes) -> Outcome:
        try:
            return self._one(line)
        except Refusal as refusal:
            return refusal
        except Exception:
            log.exception("deciding an event failed")
            return _fault()


def refusal_of(error: StoreError | Damaged) -> Refusal:
    """What an error of the store means to a caller."""
    if isinstance(error, QueueFull):
        return Busy(str(error))
    if isinstance(error, Broken):
        return NotReady(f"the journal takes nothing more ({error}): mend the disk, then start again")
    if isinstance(error, Closed):
        return NotReady("the server is stopping: ask another one")
    log.error("%s", error)
    return Fault("what is stored about this event cannot be read: the server's log names it, run `haechi doctor`")


def _fault() -> Refusal:
    return Fault("we made a mistake: the server's log has it, please report it")
