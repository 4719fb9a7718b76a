"""What the door counts about itself: plain integers on the way in, Prometheus text only when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from haechi.api.front import Figure

UNKNOWN = "unknown"  # under this call stand the requests that no route took
BOUNDS_S = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS_S)


class Figures(Collector):
    """Requests by call and status, and how long each call took."""

    def __init__(self, calls: Iterable[str]) -> None:
        self.requests: dict[tuple[str, int], int] = {}
        self.in_flight = 0
        self.held_bytes = 0
        self.gone = 0
        self._buckets = {call: [0] * (len(BOUNDS_S) + 1) for call in (UNKNOWN, *calls)}
        self._sum_ns = dict.fromkeys(self._buckets, 0)

    def count(self, call: str, status: int, took_ns: int, times: int = 1) -> None:
        """Note answered requests; costs a microsecond and allocates nothing that stays."""
        key = (call, status)
        self.requests[key] = self.requests.get(key, 0) + times
        self._buckets[call][bisect_left(_BOUNDS_NS, took_ns)] += times
        self._sum_ns[call] += took_ns * times

    def count_unread(self, status: int) -> None:
        """Note a request that was refused before it could be read as a call."""
        key = (UNKNOWN, status)
        self.requests[key] = self.requests.get(key, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """Put the integers into Prometheus' shapes."""
        requests = CounterMetricFamily("haechi_http_requests", "Answered requests.", labels=["call", "status"])
        for (call, status), count in sorted(self.requests.items()):
            requests.add_metric([call, str(status)], count)
        yield requests
        yield CounterMetricFamily(
            "haechi_http_gone", "Callers that hung up before their request was complete.", self.gone
        )
        yield GaugeMetricFamily("haechi_http_in_flight", "Requests being answered now.", self.in_flight)
        yield GaugeMetricFamily("haechi_http_held_bytes", "Bytes of bodies held now.", self.held_bytes)
        seconds = HistogramMetricFamily("haechi_http_seconds", "Time from headers to answer.", labels=["call"])
        for call, counts in self._buckets.items():
            seconds.add_metric([call], list(_cumulated(counts)), self._sum_ns[call] / 1e9)
        yield seconds

    def render(self, house: Iterable[Figure]) -> bytes:
        """Write the door's and the house's figures as Prometheus text."""
        registry = CollectorRegistry()
        registry.register(self)
        registry.register(_House(house))
        return bytes(generate_latest(registry))


class _House(Collector):
    def __init__(self, figures: Iterable[Figure]) -> None:
        self._families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for figure in figures:
            family = self._families.get(figure.name)
            if family is None:
                shape = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
                family = shape(figure.name, figure.help, labels=[name for name, _ in figure.labels])
                self._families[figure.name] = family
            family.add_metric([value for _, value in figure.labels], figure.value)

    def collect(self) -> Iterator[Metric]:
        yield from self._families.values()


def _cumulated(counts: list[int]) -> Iterator[tuple[str, float]]:
    total = 0
    for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), counts, strict=True):
        total += count
        yield bound, total
