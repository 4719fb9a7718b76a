"""What is sent: events of the built-in schema, different each time and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from haechi.bench.plan import Plan

_START_S = 1_735_689_600  # 2025-01-01
_EVENTS_PER_SECOND_OF_STORY = 64
_KINDS = (b"groceries", b"ice_cream", b"fuel", b"travel", b"electronics", b"pharmacy", b"books")
FORTNIGHT = timedelta(days=14)
_SAID = ("profile", "check", "verdict", "report", "application")


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


class Deed(NamedTuple):
    """One event of a town, to be done again on other days."""

    name: bytes
    day: date
    clock: bytes
    rest: bytes


def deeds(path: Path) -> list[Deed]:
    """What the people of a town did in its last two weeks; not what others said of them, nor who they are."""
    told = [msgspec.json.decode(line, type=dict[str, object]) for line in lines_of(path)]
    if not told:
        return []
    last = date.fromisoformat(str(told[-1]["time"])[:10])
    found = []
    for event in told:
        day = date.fromisoformat(str(event["time"])[:10])
        if last - day < FORTNIGHT and event["kind"] not in _SAID:
            rest = {name: value for name, value in event.items() if name not in ("id", "time", "fraud", "known_at")}
            clock = str(event["time"])[10:].encode()
            found.append(Deed(str(event["id"]).encode(), day, clock, msgspec.json.encode(rest)[1:]))
    return found


def going_on(path: Path, turn: int) -> Iterator[bytes]:
    """A town without end: its last two weeks again and again, each time under other ids, from this turn on."""
    return _again(deeds(path), turn)


def _again(told: list[Deed], turn: int) -> Iterator[bytes]:
    for n in count(turn) if told else ():
        days = {day: (day + n * FORTNIGHT).isoformat().encode() for day in {deed.day for deed in told}}
        for name, day, clock, rest in told:
            yield b'{"id":"%b-%d","time":"%b%b",%b' % (name, n, days[day], clock, rest)


def bodies(plan: Plan) -> Iterator[bytes]:
    """The bodies of a plan's requests, one event or one batch each."""
    source = events(plan.seed, plan.customers)
    if plan.bodies_path:
        path = Path(plan.bodies_path)
        source = going_on(path, plan.turn) if plan.turn else lines_of(path)
    if plan.events_per_request == 1:
        return source
    return _batches(source, plan.events_per_request)


def _batches(source: Iterator[bytes], size: int) -> Iterator[bytes]:
    while batch := list(islice(source, size)):
        yield b"\n".join(batch) + b"\n"
