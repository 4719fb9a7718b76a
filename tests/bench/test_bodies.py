"""What is sent is the same for the same seed, and never the same event twice."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import msgspec

from haechi.api.shapes import Event
from haechi.bench.bodies import bodies, events
from haechi.bench.plan import Plan
from haechi.bench.schedule import due_ns


def test_events_are_sound_and_never_repeat() -> None:
    many = [msgspec.json.decode(body, type=Event) for body in islice(events(3, 100), 5_000)]
    assert len({event.id for event in many}) == 5_000
    assert len({event.customer for event in many}) == 100
    assert all(a.time <= b.time for a, b in pairwise(many))


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    first, again, other = (list(islice(events(seed, 100), 200)) for seed in (1, 1, 2))
    assert first == again
    assert not set(first) & set(other)


def test_batches_hold_so_many_lines() -> None:
    batch = next(bodies(Plan(port=1, key="k", events_per_request=7)))
    assert batch.count(b"\n") == 7


def test_a_constant_schedule_is_even() -> None:
    assert list(islice(due_ns(4.0, "constant", 0), 4)) == [0, 250_000_000, 500_000_000, 750_000_000]


def test_a_poisson_schedule_has_the_rate_and_the_spread_and_its_seed() -> None:
    due = list(islice(due_ns(1_000.0, "poisson", 5), 20_000))
    assert due == list(islice(due_ns(1_000.0, "poisson", 5), 20_000))
    assert due[:9] != list(islice(due_ns(1_000.0, "poisson", 6), 9))
    gaps = [b - a for a, b in pairwise(due)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((g - mean) ** 2 for g in gaps) / len(gaps)) ** 0.5
    assert abs(mean - 1e6) < 3e4
    assert abs(spread / mean - 1) < 0.05


def test_a_town_goes_on_where_it_stopped_with_its_own_people(tmp_path: Path) -> None:
    told = [
        {"id": f"e{n}", "kind": kind, "time": f"2025-03-{day:02}T10:00:00+09:00", "customer": "c-1", "fraud": False}
        for n, (day, kind) in enumerate([(1, "payment"), (15, "profile"), (17, "login"), (28, "payment")])
    ]
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, told)) + b"\n")
    found = [
        msgspec.json.decode(body) for body in islice(bodies(Plan(port=1, key="k", bodies_path=str(path), turn=2)), 3)
    ]
    assert [(e["id"], e["time"], e["kind"]) for e in found] == [
        ("e2-2", "2025-04-14T10:00:00+09:00", "login"),
        ("e3-2", "2025-04-25T10:00:00+09:00", "payment"),
        ("e2-3", "2025-04-28T10:00:00+09:00", "login"),
    ]
    assert all(e["customer"] == "c-1" and "fraud" not in e for e in found)
    assert list(islice(bodies(Plan(port=1, key="k", bodies_path=str(path))), 9)) == path.read_bytes().splitlines()
    path.write_bytes(b"")
    assert list(bodies(Plan(port=1, key="k", bodies_path=str(path), turn=1))) == []
