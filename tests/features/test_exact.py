"""Exact windows against a naive oracle that recounts the plain list: ties, late events, bursts, full records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.events import Event
from haechi.features import BadSpec, Exact, Memory, Window
from haechi.features.encode import Encoder
from haechi.features.exact import ENTRIES_MAX, LATE_US, WINDOWS_MAX, reach_us
from haechi.features.replay import Replayer

from .making import DAY_US, START_US, event, history, spec

MINUTE_US = 60_000_000
SPANS = (MINUTE_US, 3_600_000_000, DAY_US)
SPEC = spec()
EVERY = [
    Window(function, entity, of, span, where)
    for function, of in (
        ("count", ""), ("sum", "amount"), ("mean", "amount"), ("max", "amount"), ("min", "amount"),
        ("distinct", "channel"), ("distinct", "merchant"),
    )
    for entity in ("customer", "merchant") if of != entity
    for span in SPANS
    for where in ((), (("channel", ("app", "web")),))
]  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "gap": st.sampled_from((0, 0, 1, 59_999_999, MINUTE_US, MINUTE_US + 1, 3_600_000_000, DAY_US // 2)),
        "late": st.sampled_from((0, 0, 0, 0, 1, MINUTE_US, 7_200_000_000)),
        "amount": st.one_of(st.none(), st.integers(0, 10**13)),
        "currency": st.sampled_from(("KRW", "", "EUR")),
        "customer": st.sampled_from((None, "a", "a", "b")),
        "merchant": st.sampled_from((None, "m", "n")),
        "channel": st.sampled_from((None, "app", "web", "pos")),
    }
)


def events_of(rows: list[dict[str, Any]]) -> list[Event]:
    now, found = START_US, []
    for i, row in enumerate(rows):
        now += row["gap"]
        entities = {n: row[n] for n in ("customer", "merchant") if row[n] is not None}
        channel = {} if row["channel"] is None else {"channel": row["channel"]}
        found.append(
            Event(id=str(i), kind="payment", time_us=now - row["late"], entities=entities, amount=row["amount"],
                  currency=row["currency"] if row["amount"] is not None else "", categories=channel)
        )  # fmt: skip
    return found


def oracle(past: list[Event], now: Event, window: Window) -> Decimal | None:
    """The window recounted with decimals; None when there is nothing to tell."""
    key = now.entities.get(window.entity)
    if key is None:
        return None
    inside = [
        e for e in past
        if e.entities.get(window.entity) == key and 0 <= now.time_us - e.time_us <= window.span_us
        and all(e.categories.get(name) in values for name, values in window.where)
    ]  # fmt: skip
    if window.function == "count":
        return Decimal(len(inside))
    if window.function == "distinct":
        return Decimal(len({e.categories.get(window.of, e.entities.get(window.of)) for e in inside} - {None}))
    home = now.currency or "KRW"
    amounts = [Decimal(e.amount) for e in inside if e.amount is not None and (e.currency or "KRW") == home]
    if window.function == "sum":
        return sum(amounts, Decimal(0))
    if not amounts:
        return None
    chosen = {"max": max, "min": min, "mean": lambda a: sum(a) / len(a)}[window.function]
    return chosen(amounts)


def kept(windows: list[Window], **more: Any) -> Exact:
    return Exact(windows, SPEC, currency="KRW", **more)


def rows_of(exact: Exact, events: list[Event]) -> np.ndarray:
    encoder = Encoder(SPEC)
    ints, floats = np.zeros(encoder.ints_width, np.int64), np.zeros(encoder.floats_width)
    found = []
    for one in events:
        encoder.one(one, ints, floats)
        found.append(exact.look_and_learn(ints, one.currency))
    return np.array(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=60))
def test_every_window_equals_the_oracle_to_the_last_digit(rows: list[dict[str, Any]]) -> None:
    events = events_of(rows)
    exact = kept(EVERY)
    out = rows_of(exact, events)
    for i, one in enumerate(events):
        for window, place in exact.windows.items():
            expected = oracle(events[:i], one, window)
            value, at_least = out[i, place].tolist()
            if expected is None:
                assert np.isnan(value), window
            else:
                assert value == float(expected), window
                assert window.function in ("mean", "min") or at_least == value


def test_a_burst_grows_its_record_and_stays_exact() -> None:
    times = [START_US + i // 3 for i in range(ENTRIES_MAX - 1)]
    events = [Event(id=str(i), kind="payment", time_us=t, entities={"customer": "a"}, amount=i, currency="KRW")
              for i, t in enumerate(times)]  # fmt: skip
    exact = kept([Window("count", "customer", "", DAY_US), Window("sum", "customer", "amount", DAY_US)])
    out = rows_of(exact, events)
    assert out[:, 0, 0].tolist() == list(range(len(events)))
    assert out[:, 1, 0].tolist() == [i * (i - 1) // 2 for i in range(len(events))]


def test_a_full_record_says_at_least_and_recovers() -> None:
    events = [Event(id=str(i), kind="payment", time_us=START_US + i * 1_000_000, entities={"customer": "a"}, amount=1)
              for i in range(3_000)]  # fmt: skip
    later = Event(id="l", kind="payment", time_us=START_US + 2 * DAY_US, entities={"customer": "a"}, amount=1)
    wide, narrow = Window("count", "customer", "", DAY_US), Window("count", "customer", "", MINUTE_US)
    exact = kept([wide, narrow])
    out = rows_of(exact, [*events, later])
    full = out[2_999, exact.windows[wide]]
    assert np.isnan(full[0])
    assert ENTRIES_MAX * 7 // 8 <= full[1] < 2_999
    assert out[2_999, exact.windows[narrow]].tolist() == [60.0, 60.0]
    assert out[3_000, exact.windows[wide]].tolist() == [0.0, 0.0]


def test_sums_beyond_whole_float64_are_at_least() -> None:
    events = [Event(id=str(i), kind="payment", time_us=START_US + i, entities={"customer": "a"}, amount=10**15)
              for i in range(12)]  # fmt: skip
    exact = kept([Window("sum", "customer", "amount", DAY_US), Window("mean", "customer", "amount", DAY_US)])
    out = rows_of(exact, events)
    assert out[9, 0].tolist() == [9e15, 9e15]
    assert np.isnan(out[10, 0, 0])
    assert out[10, 0, 1] == 2.0**53
    assert np.isnan(out[10, 1]).all()


def test_windows_that_began_inside_say_at_least() -> None:
    exact = kept([Window("count", "customer", "", DAY_US)], since_us=START_US)
    one = Event(id="1", kind="payment", time_us=START_US + 5, entities={"customer": "a"})
    other = Event(id="2", kind="payment", time_us=START_US + DAY_US, entities={"customer": "a"})
    out = rows_of(exact, [one, other])
    assert np.isnan(out[0, 0, 0])
    assert out[0, 0, 1] == 0.0
    assert out[1, 0].tolist() == [1.0, 1.0]


def test_idle_keys_give_their_room_back() -> None:
    window = Window("count", "customer", "", MINUTE_US)
    exact = kept([window], bytes_max=1 << 16)
    step = (MINUTE_US + LATE_US) // 100
    events = [Event(id=str(i), kind="payment", time_us=START_US + i * step, entities={"customer": f"c{i}"})
              for i in range(3_000)]  # fmt: skip
    rows_of(exact, events)
    assert exact.refused() == 0
    assert exact.bytes_used() < 1 << 18
    assert reach_us([window]) == MINUTE_US + LATE_US
    assert reach_us([]) == LATE_US


def test_without_room_an_event_makes_windows_at_least() -> None:
    window = Window("count", "customer", "", DAY_US)
    exact = kept([window], bytes_max=1 << 13)
    events = [Event(id=str(i), kind="payment", time_us=START_US + i, entities={"customer": f"c{i}"})
              for i in range(400)]  # fmt: skip
    out = rows_of(exact, [*events, *events])
    assert exact.refused() > 0
    assert np.isnan(out[-1, 0, 0])
    assert out[-1, 0, 1] in (0.0, 1.0)


def test_a_frame_and_single_events_give_the_same_bits() -> None:
    frame = history(600, 4)
    memory = Memory(SPEC)
    memory.keep_windows(kept(EVERY[:30]))
    memory.keep_windows(kept(EVERY[30:]))
    single = [memory.look_and_learn(event(row)) for row in frame.iter_rows(named=True)]
    replayer = Replayer(Memory(SPEC))
    replayer.memory.keep_windows(kept(EVERY))
    replayer.feed(frame.head(300), np.ones(300, bool))
    first = replayer.windows
    replayer.feed(frame.tail(300), np.ones(300, bool))
    both = np.concatenate([first, replayer.windows])
    alone = np.array([known.exact for known in single])
    assert memory.windows == replayer.memory.windows == {w: i for i, w in enumerate(EVERY)}
    assert np.array_equal(alone, both, equal_nan=True)
    memory.drop_windows()
    assert memory.look_and_learn(event(frame.row(0, named=True))).exact is None


def test_a_frame_without_currencies_is_in_the_home_currency() -> None:
    frame = history(50, 4).drop("currency")
    exact = kept([Window("sum", "customer", "amount", DAY_US * 400)])
    ints, _ = Encoder(SPEC).frame(frame)
    out = exact.feed(ints, frame, keep=True)
    assert out is not None
    last = frame.row(-1, named=True)["entity:customer"]
    expected = frame.head(49).filter(pl.col("entity:customer") == last)["amount"].sum()
    assert out[-1, 0, 0] == expected
    assert exact.feed(ints, frame) is None


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(BadSpec, match="a window names 'payee'; known are"):
        kept([Window("count", "payee", "", DAY_US)])
    with pytest.raises(BadSpec, match="the limit is"):
        kept([Window("count", "customer", "", DAY_US + i) for i in range(WINDOWS_MAX + 1)])
