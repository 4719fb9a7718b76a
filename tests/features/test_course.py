"""Many events at once are as one by one, labels between them; and nobody waits for the compiler."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from haechi.events import Event, Schema
from haechi.features import Memory, Spec, default_spec
from haechi.features.course import Course

HOUR_US = 3_600_000_000
PROGRAM = """
from haechi.events import Schema
from haechi.features import default_spec
from haechi.features.beside import take_steps
from haechi.features.course import warm_up
from haechi.features.scan import scan_few, scan_lines

spec = default_spec(Schema.read("bank"))
warm_up(spec)
print([len(one.signatures) for one in (scan_few, scan_lines, take_steps)])
"""


def test_events_that_come_together_wait_for_no_compiler() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert said.stdout == "[1, 1, 1]\n"


def opened(spec: Spec, history: pl.DataFrame) -> Course:
    """A course that has learned a history, and whose labels wait for their time."""
    course = Course(Memory(spec))
    course.feed(history)
    return course


def test_labels_that_become_known_between_events_are_learned_between_them() -> None:
    spec = default_spec(Schema.read("bank"))
    customers = [f"c{n % 5}" for n in range(40)]
    history = pl.DataFrame(
        {"time_us": [HOUR_US * n for n in range(1, 41)], "entity:customer": customers, "amount": [1_000] * 40,
         "label": [n % 3 == 0 for n in range(40)], "known_at_us": [HOUR_US * (60 + 2 * n) for n in range(40)]}
    ).with_columns(pl.col("label").cast(pl.Int8))  # fmt: skip
    events = [
        Event(id=f"e{n}", kind="payment", time_us=HOUR_US * hour, entities={"customer": f"c{n % 5}"}, amount=2_000)
        for n, hour in enumerate((50, 60, 61, 70, 65, 90, 90, 100, 200, 201))
    ]
    alone, together = opened(spec, history), opened(spec, history)
    told = [alone.look_and_learn(event) for event in events]
    learned = together.look_and_learn_lines(
        np.stack([together.row_of(event) for event in events]),
        np.full((len(events), together.memory.encoder.floats_width), np.nan),
        [0] * len(events),
    )
    assert learned.rows.tobytes() == b"".join(known.row.tobytes() for known in told)
    assert learned.unexplained == [known.unexplained for known in told]
    assert (alone.waiting, together.waiting) == (0, 0)
    assert alone.notes() == together.notes()


@pytest.mark.parametrize("behaviour", [False, True])
def test_events_and_labels_of_one_customer_are_learned_together(behaviour: bool) -> None:
    """Also where one of them may have to be kept back: then that happens when all of them were learned."""
    spec = default_spec(Schema.read("bank"), overrides={"behaviour": behaviour})
    history = pl.DataFrame(
        {"time_us": [HOUR_US, 2 * HOUR_US], "entity:customer": ["c1", "c3"], "amount": [1_000] * 2, "label": [0, 1],
         "known_at_us": [63 * HOUR_US, 61 * HOUR_US]}
    ).with_columns(pl.col("label").cast(pl.Int8))  # fmt: skip
    events = [
        Event(id=f"e{n}", kind="payment", time_us=hour * HOUR_US, entities={"customer": f"c{c}"}, amount=2_000)
        for n, (hour, c) in enumerate([(60, 1), (62, 1), (64, 2), (65, 1), (66, 2), (67, 4)])
    ]
    alone, together = opened(spec, history), opened(spec, history)
    told = [alone.look_and_learn(event) for event in events]
    for n in (0, 2):
        told[n] = alone.hold(events[n], told[n])
    rows = np.stack([together.row_of(event) for event in events])
    floats = np.full((len(events), together.memory.encoder.floats_width), np.nan)
    learned = together.look_and_learn_lines(rows, floats, [0] * len(events))
    held = [together.hold(events[n], learned.known(n)) for n in (0, 2)]
    assert learned.rows.tobytes() == b"".join(known.row.tobytes() for known in told)
    assert [known.unexplained for known in held] == [told[n].unexplained for n in (0, 2)]
    assert alone.notes() == together.notes()
    for i in range(len(alone.memory.arena.layout.shelves)):
        assert alone.memory.arena.hot_used(i).tobytes() == together.memory.arena.hot_used(i).tobytes()


def test_a_full_memory_learns_the_labels_before_what_it_refuses_and_no_other() -> None:
    schema = Schema.read("bank")
    spec = default_spec(schema, overrides={"memory": {"hot": 64, "cold": 0}})
    history = pl.DataFrame(
        {"time_us": [HOUR_US, 2 * HOUR_US], "entity:customer": ["c0", "c1"], "amount": [1_000] * 2,
         "label": [1, 1], "known_at_us": [3 * HOUR_US, 95 * HOUR_US]}
    )  # fmt: skip
    course = opened(spec, history)
    events = [
        Event(id=f"e{n}", kind="payment", time_us=(3 + n) * HOUR_US, entities={"customer": f"c{n}"}, amount=1)
        for n in range(100)
    ]
    learned = course.look_and_learn_lines(
        np.stack([course.row_of(event) for event in events]),
        np.full((len(events), course.memory.encoder.floats_width), np.nan),
        [0] * len(events),
    )
    assert 0 < len(learned.rows) < 90
    assert course.waiting == 1
