"""What to measure, and what came out."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from haechi.bench.errors import BadPlan, NotLoopback

CONNECTIONS_MAX = 1_024
SECONDS_MAX = 3_600.0
REQUESTS_MAX = 50_000_000
EVENTS_PER_REQUEST_MAX = 10_000
TURNS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One load test: closed loop when `rate_per_s` is None, else open loop at that rate."""

    port: int
    key: str
    host: str = "127.0.0.1"
    instance: str | None = None
    connections: int = 32
    seconds: float = 10.0
    warm_up_s: float = 1.0
    requests_max: int = REQUESTS_MAX
    rate_per_s: float | None = None
    arrivals: str = "constant"
    seed: int = 1
    events_per_request: int = 1
    customers: int = 10_000
    bodies_path: str | None = None
    turn: int = 0  # above 0: the file is a town that goes on, from this turn on (bodies.py)
    drain_s: float = 10.0

    @property
    def path(self) -> str:
        """The call that is measured."""
        return "/v1/decide" if self.events_per_request == 1 else "/v1/decide/batch"

    def check(self) -> None:
        """Refuse a plan that is unbounded, senseless or aimed at another machine."""
        if self.host != "localhost" and not _is_loopback(self.host):
            raise NotLoopback(f"{self.host} is not this machine: the load generator only measures loopback addresses")
        for name, value, highest in (
            ("connections", self.connections, CONNECTIONS_MAX),
            ("seconds", self.seconds, SECONDS_MAX),
            ("requests_max", self.requests_max, REQUESTS_MAX),
            ("events_per_request", self.events_per_request, EVENTS_PER_REQUEST_MAX),
            ("customers", self.customers, 10**9),
            ("turn", self.turn + 1, TURNS_MAX),
        ):
            if not 0 < value <= highest:
                raise BadPlan(f"{name} must be above 0 and at most {highest:,}, got {value}")
        if self.rate_per_s is not None and not 0 < self.rate_per_s <= 1e6:
            raise BadPlan(f"rate_per_s must be above 0 and at most 1,000,000, got {self.rate_per_s}")
        if self.arrivals not in ("constant", "poisson"):
            raise BadPlan(f"arrivals must be constant or poisson, got {self.arrivals}")
        if not 0 <= self.warm_up_s <= 600 or not 0 < self.drain_s <= 600:
            raise BadPlan("warm_up_s and drain_s must lie between 0 and 600 seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long answers took, in milliseconds; in an open loop counted from the moment a request was due."""

    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one load test found; `requests` were answered after the warm-up, whatever their status."""

    requests: int
    events: int
    seconds: float
    requests_per_s: float
    events_per_s: float
    latency: Latency
    statuses: dict[str, int] = field(default_factory=dict)
    refused_events: int = 0
    unanswered: int = 0
    broken: int = 0
    lag_p99_ms: float = 0.0
    events_sent: int = 0  # the warm-up included
    generator_us_per_request: float = 0.0

    @property
    def errors(self) -> int:
        """All that went wrong: other statuses than 200, refused lines, broken connections, missing answers."""
        wrong = sum(count for status, count in self.statuses.items() if status != "200")
        return wrong + self.refused_events + self.unanswered + self.broken


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
