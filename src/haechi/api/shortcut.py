"""The short way of a decision: a head that was understood once, byte for byte, is not taken apart again.

A program sends the same head with every event, but for the length of the body. The long way (parser, routing, checks of
the media type) understands it once; from then on the same bytes, followed by exactly as many bytes of body, go straight
to the house. What may change between two requests is checked each time: the key, the room for the request, the body.
Whatever is not exactly so takes the long way.
"""

from __future__ import annotations

import logging
from asyncio import TimerHandle, get_running_loop
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import NamedTuple, Protocol

from haechi.api.body import check_depth
from haechi.api.errors import Fault, Refusal
from haechi.api.figures import Figures
from haechi.api.front import Front
from haechi.api.keyring import Keyring
from haechi.api.limits import Limits

LOG = logging.getLogger("haechi.api")
CALL, TARGET, SCOPE = "decide", b"/v1/decide", "decide"
HEADS_MAX = 1_024
HEAD_BYTES_MAX = 2_048
TURN_NS = 2_000_000  # while many come, turns begin so far apart, unless enough wait
MANY, ENOUGH = 3, 12
LATELY = 0.99  # what is left, a turn later, of the most who waited at once
_END = b"\r\n\r\n"
_ONCE = (b"content-length", b"content-type", b"authorization")
_NEVER = frozenset({b"transfer-encoding", b"content-encoding", b"expect", b"connection", b"upgrade"})
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\ncontent-length: %d\r\n%b\r\n"


class Known(NamedTuple):
    """What an understood head says: how long head and body are together, where the body starts, whose key it brings."""

    whole: int
    start: int
    authorization: bytes


class Line(Protocol):
    """The connection's side of an exchange."""

    keep_alive: bool

    def reply(self, answer: bytes) -> None:
        """Send a whole answer."""
        ...

    def refused(self, refusal: Refusal) -> None:
        """Send a problem document as the long way would."""
        ...


class Shortcut:
    """Knows the heads of programs that decide, and takes their events straight to the house."""

    def __init__(
        self, front: Front, keyring: Keyring, figures: Figures, limits: Limits, is_json: Callable[[bytes], bool]
    ) -> None:
        self._front, self._keyring, self._figures, self._limits = front, keyring, figures, limits
        self._is_json = is_json
        self._heads: dict[bytes, Known] = {}
        self._bodies: list[bytes] = []  # what came in this turn of the event loop, and who waits for it
        self._lines: list[Line] = []
        self._since_ns = 0
        self._looked = 0  # how many of them had come when the sockets were looked at last
        self._begun_ns, self._last = 0, 0  # when the last turn began, and of how many it was
        self._most = 0.0  # how many waited at once lately, those included who wait for the disk
        self._pause: TimerHandle | None = None
        self._admitted: set[bytes] = set()  # whose keys were checked in this turn

    def known(self, data: bytes) -> Known | None:
        """What the head of these bytes says, if they are one whole request whose head was understood before."""
        end = data.find(_END, 0, HEAD_BYTES_MAX)
        if end < 0:
            return None
        known = self._heads.get(data[: end + 4])
        return known if known is not None and known.whole == len(data) else None

    def learn(self, data: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Remember the head of a whole POST to /v1/decide, as the parser understood it, unless anything is unusual."""
        end = data.find(_END, 0, HEAD_BYTES_MAX)
        names = [name for name, _ in headers]
        if end < 0 or any(names.count(name) != 1 for name in _ONCE) or not _NEVER.isdisjoint(names):
            return
        said = dict(headers)
        length = int(said[b"content-length"])
        if end + 4 + length != len(data) or length > self._limits.body_bytes_max:
            return
        if not self._is_json(said[b"content-type"]):
            return
        if len(self._heads) >= HEADS_MAX:
            self._heads.clear()
        self._heads[data[: end + 4]] = Known(len(data), end + 4, said[b"authorization"])

    def admits(self, known: Known, body: bytes) -> bool:
        """Whether key, room and body are in order; if not, the long way says what is wrong."""
        figures, limits = self._figures, self._limits
        if figures.in_flight >= limits.in_flight_max or figures.held_bytes + len(body) > limits.held_bytes_max:
            return False
        try:
            check_depth(body, limits.depth_max)
            if known.authorization not in self._admitted:
                self._keyring.admit(known.authorization, SCOPE)
                self._admitted.add(known.authorization)  # last: what is admitted is decided in this turn, and forgotten
        except Refusal:
            return False
        return True

    def decide(self, body: bytes, line: Line) -> None:
        """Decide one event, together with all that come in the same turn of the event loop, or while it looks for more.

        The line gets its answer once the decision is on disk.
        """
        self._figures.in_flight += 1
        self._figures.held_bytes += len(body)
        self._bodies.append(body)
        self._lines.append(line)
        if len(self._lines) == 1:
            self._since_ns, self._looked = perf_counter_ns(), 0
            get_running_loop().call_soon(self._decide_all)
        elif self._pause is not None and self._nobody_is_missing():
            self._pause.cancel()
            self._decide_all()

    def _nobody_is_missing(self) -> bool:
        """Enough wait, or as many as lately ever did at once: callers who ask again when answered are all here."""
        return len(self._lines) >= ENOUGH or self._figures.in_flight >= self._most

    def _decide_all(self) -> None:
        # A turn costs a third of a millisecond for itself. Who was answered just now asks again soon: while every
        # look at the sockets brings more, look again. When events come one at a time, none of them waits.
        self._pause = None
        if self._looked < len(self._lines) < self._limits.slice_lines:
            self._looked = len(self._lines)
            get_running_loop().call_soon(self._decide_all)
            return
        now_ns = perf_counter_ns()
        early_ns = self._begun_ns + TURN_NS - now_ns
        if early_ns > 0 and self._last >= MANY and not self._nobody_is_missing():
            self._pause = get_running_loop().call_later(early_ns / 1e9, self._decide_all)
            return
        self._begun_ns, self._last = now_ns, len(self._lines)
        self._most = max(self._figures.in_flight, self._most * LATELY)
        bodies, lines = self._bodies, self._lines
        self._bodies, self._lines = [], []
        self._admitted.clear()
        for start in range(0, len(lines), self._limits.slice_lines):
            part = slice(start, start + self._limits.slice_lines)
            self._decide_together(bodies[part], lines[part], self._since_ns)

    def _decide_together(self, bodies: Sequence[bytes], lines: Sequence[Line], since_ns: int) -> None:
        figures = self._figures

        def settled(outcomes: Sequence[bytes | Refusal]) -> None:
            figures.in_flight -= len(bodies)
            figures.held_bytes -= sum(map(len, bodies))
            self._answer(lines, outcomes, perf_counter_ns() - since_ns)

        try:
            self._front.decide_together(bodies, settled)
        except Refusal as refusal:
            settled([refusal] * len(lines))
        except Exception:
            LOG.exception("the call %s failed", CALL)
            settled([Fault("we made a mistake: the server's log has it, please report it")] * len(lines))

    def _answer(self, lines: Sequence[Line], outcomes: Sequence[bytes | Refusal], took_ns: int) -> None:
        refused = 0
        for line, outcome in zip(lines, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                refused += 1
                self._figures.count(CALL, outcome.status, took_ns)
                line.refused(outcome)
            else:
                line.reply(_HEAD % (len(outcome), b"" if line.keep_alive else b"connection: close\r\n") + outcome)
        if refused < len(lines):
            self._figures.count(CALL, 200, took_ns, len(lines) - refused)
