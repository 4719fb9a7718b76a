"""What the load tests found is told even when one of them went wrong."""

from __future__ import annotations

from dataclasses import asdict

from haechi.bench import Figures, Latency
from haechi.bench.http import HttpFigures, Loaded
from haechi.commands.bench_command import lines

LATENCY = Latency(p50_ms=1.0, p90_ms=2.0, p99_ms=3.0, p999_ms=4.0, max_ms=5.0)


def found(**wrong: object) -> Loaded:
    figures = Figures(
        requests=90, events=90, seconds=1.0, requests_per_s=90.0, events_per_s=90.0, latency=LATENCY, **wrong
    )
    return Loaded(figures, 70.0)


def test_a_part_that_went_wrong_says_so_and_takes_no_other_with_it() -> None:
    parts = {"closed": found(statuses={"200": 90}), "open": found(statuses={"200": 80, "503": 10}, unanswered=7)}
    told = lines("http", asdict(HttpFigures(parts, {"batch": "the server is gone"}, {"allow": 99, "hold": 1}, 130.0)))
    assert [line.partition(":")[0] for line in told] == [
        "http, closed loop", "http, batches", "http, open loop", "  WRONG", "  of 100 decisions 99.00% were to allow",
        "  floor, one sync of this disk",
    ]  # fmt: skip
    assert "90 events/s, p50 1.00 ms, p99 3.00 ms, server 70 us an event" in told[0]
    assert told[1].endswith("not taken, the server is gone")
    assert told[3].endswith("503 10, unanswered 7")
