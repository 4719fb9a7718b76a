"""What is sent: events of the built-in schema, different each time and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

from haechi.bench.plan import Plan

_START_S = 1_735_689_600  # 2025-01-01
_EVENTS_PER_SECOND_OF_STORY = 64
_KINDS = (b"groceries", b"ice_cream", b"fuel", b"travel", b"electronics", b"pharmacy", b"books")


def events(seed: int, customers: int) -> Iterator[bytes]:
    """Card payments without end: ids never repeat, time never goes back."""
    clock = b""
    # Steps that share no factor with the moduli walk through all customers and shops in a scattered order.
    for n in count():
        if n % _EVENTS_PER_SECOND_OF_STORY == 0:
            second = _START_S + n // _EVENTS_PER_SECOND_OF_STORY
            clock = datetime.fromtimestamp(second, UTC).isoformat().encode()
        who = (n * 7_919 + seed) % customers
        shop = (n * 104_729 + who) % 2_003
        yield (
            b'{"id":"b%d-%d","kind":"payment","time":"%b","customer":"c-%d","card":"k-%d","device":"d-%d",'
            b'"merchant":"m-%d","amount":%d,"currency":"KRW","merchant_category":"%b","channel":"pos"}'
            % (seed, n, clock, who, who, who, shop, 500 + (n * 31 + shop) % 90_000, _KINDS[shop % len(_KINDS)])
        )


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file of events, each once."""
    with path.open("rb") as file:
        for line in file:
            if line := line.strip():
                yield line


def bodies(plan: Plan) -> Iterator[bytes]:
    """The bodies of a plan's requests, one event or one batch each."""
    source = lines_of(Path(plan.bodies_path)) if plan.bodies_path else events(plan.seed, plan.customers)
    if plan.events_per_request == 1:
        return source
    return _batches(source, plan.events_per_request)


def _batches(source: Iterator[bytes], size: int) -> Iterator[bytes]:
    while batch := list(islice(source, size)):
        yield b"\n".join(batch) + b"\n"
