"""The load generator: closed loop or open loop, on plain sockets and one epoll.

No event loop library: uvloop's and asyncio's timers tick in milliseconds, at 5,000 requests a second that would send
them in bursts of five and add up to a millisecond to what is measured. `select` on the epoll's own descriptor sleeps by
the microsecond. It is also cheaper, and what the generator burns is taken from the server beside it.

In an open loop a request's latency counts from the moment it was due, not from when it could be sent: a server that
stalls is charged for all who would have come meanwhile (no coordinated omission).
"""

from __future__ import annotations

import http.client
import select
from array import array
from collections import deque
from collections.abc import Iterator
from time import perf_counter_ns, process_time
from typing import Any

import msgspec
import numpy as np

from haechi.bench.bodies import bodies
from haechi.bench.connection import Connection
from haechi.bench.errors import LoadFailed, NotHaechi
from haechi.bench.plan import Figures, Latency, Plan
from haechi.bench.schedule import due_ns

_PROBLEM = b"urn:haechi:problem:"
_NEVER = 1 << 62
_NAP_S_MAX = 0.25


def check_is_haechi(plan: Plan) -> dict[str, Any]:
    """Ask who answers at the port; raises NotHaechi for a stranger or a leftover server of ours."""
    line = http.client.HTTPConnection(plan.host, plan.port, timeout=10)
    try:
        line.request("GET", "/healthz")
        answer = line.getresponse()
        health = msgspec.json.decode(answer.read(4_096))
    except (OSError, http.client.HTTPException, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotHaechi(
            f"port {plan.port} does not answer as Haechi ({type(error).__name__}): start the server first"
        ) from None
    finally:
        line.close()
    if answer.status != 200 or not isinstance(health, dict) or health.get("service") != "haechi":
        raise NotHaechi(f"something else answers at port {plan.port}: choose the port Haechi listens on")
    if plan.instance is not None and health.get("instance") != plan.instance:
        raise NotHaechi(f"another Haechi answers at port {plan.port}: stop the leftover server, then measure again")
    return health


def run(plan: Plan) -> Figures:
    """Carry out a plan in this process; see `run_apart` for a process of its own."""
    plan.check()
    check_is_haechi(plan)
    load = Load(plan)
    try:
        load.run()
    finally:
        load.close()
    return load.figures()


class Load:
    """A running test: its connections, its requests and what it has seen so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._epoll = select.epoll()
        self._connections: dict[int, Connection] = {}
        self._idle: deque[Connection] = deque()  # in turn, so that none is idle until the server hangs up
        self._bodies: Iterator[bytes] = bodies(plan)
        self._head = _head(plan)
        self._left = plan.requests_max
        self._in_flight = 0
        self._statuses: dict[int, int] = {}
        self._took_ns = array("q")
        self._lag_ns = array("q")
        self._refused = self._broken = self._unanswered = self._sent = 0
        self._from_ns = self._end_ns = self._last_ns = 0
        self._cpu_s = 0.0

    def run(self) -> None:
        """Send until time or count is used up, then wait for the answers still missing."""
        for _ in range(self.plan.connections):
            self._connect()
        cpu_s, start_ns = process_time(), perf_counter_ns()
        self._from_ns = self._last_ns = start_ns + int(self.plan.warm_up_s * 1e9)
        self._end_ns = self._from_ns + int(self.plan.seconds * 1e9)
        if self.plan.rate_per_s is None:
            self._run_closed()
        else:
            self._run_open(start_ns)
        self._cpu_s = process_time() - cpu_s

    def close(self) -> None:
        """Hang up everywhere."""
        for connection in self._connections.values():
            connection.close()
        self._epoll.close()

    def figures(self) -> Figures:
        """What was seen after the warm-up."""
        requests = len(self._took_ns)
        seconds = max((self._last_ns - self._from_ns) / 1e9, 1e-9)
        events = requests * self.plan.events_per_request
        return Figures(
            requests=requests,
            events=events,
            seconds=seconds,
            requests_per_s=requests / seconds,
            events_per_s=events / seconds,
            latency=latency(self._took_ns),
            statuses={str(status): count for status, count in sorted(self._statuses.items())},
            refused_events=self._refused,
            unanswered=self._unanswered,
            broken=self._broken,
            lag_p99_ms=percentile_ms(self._lag_ns, 99.0),
            events_sent=self._sent * self.plan.events_per_request,
            generator_us_per_request=self._cpu_s * 1e6 / max(self._sent, 1),
        )

    def _run_closed(self) -> None:
        while True:
            now_ns = perf_counter_ns()
            if now_ns < self._end_ns:
                while self._idle and self._left:
                    self._send(perf_counter_ns())
            if not self._in_flight or self._is_over(now_ns):
                return
            self._take(self._epoll.poll(_NAP_S_MAX))

    def _run_open(self, start_ns: int) -> None:
        schedule = due_ns(self.plan.rate_per_s or 1.0, self.plan.arrivals, self.plan.seed)
        due: deque[int] = deque()
        next_ns = start_ns + next(schedule)
        unscheduled = self._left
        while True:
            now_ns = perf_counter_ns()
            while next_ns <= now_ns:
                due.append(next_ns)
                self._lag_ns.append(now_ns - next_ns)
                unscheduled -= 1
                next_ns = start_ns + next(schedule)
                if next_ns >= self._end_ns or not unscheduled:
                    next_ns = _NEVER
            while due and self._idle and self._left:
                self._send(due.popleft())
            if (next_ns == _NEVER and not self._in_flight and not (due and self._left)) or self._is_over(now_ns):
                self._unanswered += len(due) if self._left else 0
                return
            self._nap((next_ns - perf_counter_ns()) / 1e9)
            self._take(self._epoll.poll(0))

    def _nap(self, seconds: float) -> None:
        if seconds > 0:
            select.select((self._epoll,), (), (), min(seconds, _NAP_S_MAX))

    def _is_over(self, now_ns: int) -> bool:
        """Whether the time for late answers is used up, too."""
        if now_ns < self._end_ns + int(self.plan.drain_s * 1e9):
            return False
        self._unanswered += self._in_flight
        return True

    def _send(self, due_at_ns: int) -> None:
        body = next(self._bodies, None)
        if body is None:
            self._left = 0
            return
        self._left -= 1
        self._sent += 1
        self._in_flight += 1
        connection = self._idle.popleft()
        connection.due_ns = due_at_ns
        try:
            if not connection.send(b"%b%d\r\n\r\n%b" % (self._head, len(body), body)):
                self._epoll.modify(connection.fd, select.EPOLLIN | select.EPOLLOUT)
        except ConnectionError:
            self._replace(connection)

    def _take(self, ready: list[tuple[int, int]]) -> None:
        for fd, happened in ready:
            connection = self._connections[fd]
            try:
                if happened & select.EPOLLOUT and connection.push():
                    self._epoll.modify(fd, select.EPOLLIN)
                if happened & ~select.EPOLLOUT and connection.receive():
                    self._note(connection, perf_counter_ns())
            except ConnectionError:
                self._replace(connection)

    def _note(self, connection: Connection, now_ns: int) -> None:
        self._in_flight -= 1
        self._idle.append(connection)
        if connection.due_ns < self._from_ns:
            return
        self._took_ns.append(now_ns - connection.due_ns)
        self._last_ns = now_ns
        status = connection.status
        self._statuses[status] = self._statuses.get(status, 0) + 1
        if status == 200 and self.plan.events_per_request > 1:
            self._refused += connection.answer.count(_PROBLEM)

    def _connect(self) -> None:
        connection = Connection(self.plan.host, self.plan.port)
        self._connections[connection.fd] = connection
        self._epoll.register(connection.fd, select.EPOLLIN)
        self._idle.append(connection)

    def _replace(self, connection: Connection) -> None:
        """A broken line is counted and dialled again, but not without end."""
        self._broken += 1
        if connection in self._idle:
            self._idle.remove(connection)
        else:
            self._in_flight -= 1
        del self._connections[connection.fd]
        self._epoll.unregister(connection.fd)
        connection.close()
        if self._broken > 4 * self.plan.connections:
            raise LoadFailed(f"{self._broken} connections broke: the server closes or refuses them, look into its log")
        try:
            self._connect()
        except OSError as error:
            raise LoadFailed(f"the server is gone ({error.strerror or error}): look into its log") from None


def latency(took_ns: array[int]) -> Latency:
    """The usual percentiles, in milliseconds."""
    p50, p90, p99, p999, highest = (percentile_ms(took_ns, p) for p in (50.0, 90.0, 99.0, 99.9, 100.0))
    return Latency(p50_ms=p50, p90_ms=p90, p99_ms=p99, p999_ms=p999, max_ms=highest)


def percentile_ms(values_ns: array[int], percent: float) -> float:
    """A percentile that was really observed, never one between two observations."""
    if not values_ns:
        return 0.0
    # Counted in thousandths of a percent, so that 99.9 % of 1,000 is the 999th value and not, by rounding, the last.
    rank = -(-len(values_ns) * round(percent * 1_000) // 100_000)
    return int(np.partition(np.asarray(values_ns), rank - 1)[rank - 1]) / 1e6


def _head(plan: Plan) -> bytes:
    kind = "application/json" if plan.events_per_request == 1 else "application/x-ndjson"
    return (
        f"POST {plan.path} HTTP/1.1\r\nHost: {plan.host}:{plan.port}\r\nAuthorization: Bearer {plan.key}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: "
    ).encode()
