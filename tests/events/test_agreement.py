"""Goal: whole frames and single events mean the same, value by value, whatever stands in the cells.

Method: random cells, from sound to absurd, are read by `convert` as columns (of text, of JSON values, of typed columns)
and by `Schema.event` and `Schema.label` one by one; canonical rows and rejections must be equal.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.events import BadRow, Schema
from haechi.events.convert import Chunk, canonical_columns, canonical_row, convert

from .shop import SHOP, SHOP_COLUMNS

SCHEMA = Schema.parse(SHOP).bind(SHOP_COLUMNS)

number_texts = st.one_of(
    st.sampled_from(
        [
            "",
            "0.29",
            "1.005",
            "2.675",
            "-3",
            "1e3",
            "nan",
            "NaN",
            "inf",
            "-inf",
            "1e999",
            "NA",
            "None",
            " 5",
            "+5",
            "1_000",
            "١٢",
            "0.125",
            "0.135",
            "99999999999999.99",
            "1e16",
            "1e-30",
            "1.",
            ".5",
            "abc",
            "1,5",
            "0x10",
            "12345678901234567.89",
            "-0.0",
            "1" * 70,
            "1e400",
            "0.28999999999999998",
            "9" * 15,
            "1e13",
            "10000000000000.01",
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False, width=64).map(repr),
    st.decimals(min_value=0, max_value=10**9, places=4, allow_nan=False).map(str),
    st.text(max_size=6),
)
time_texts = st.one_of(
    st.datetimes(min_value=datetime(1969, 12, 1), max_value=datetime(2210, 1, 1)).map(lambda d: d.isoformat(sep=" ")),
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2199, 1, 1)).map(lambda d: d.isoformat()),
    st.sampled_from(
        [
            "",
            "2024-10-25",
            "2024-10-25T07:02:00+09:00",
            "2024-10-25T07:02:00Z",
            "2024-10-25 07:02",
            "2024-10-25T07:02:00.5+0900",
            "2024-02-30",
            "2024-10-25T24:00:00",
            "2024-10-25T07:02:60",
            "2024-10-25T07:02:00.123456789",
            "20241025",
            "2024-W01-1",
            "1970-01-01T23:59:59Z",
            "1970-01-02",
            "2199-12-31T23:59:59.999999Z",
            "2200-01-01",
            "now",
            "2024-10-25T07:02:00z",
            "2024-10-25x07:02:00",
            "2024-10-25 07:02:00 +09:00",
            "0000-01-01",
            "2024-10-25T07:02:00+99:00",
            "2024-10-25T07",
        ]
    ),
)
any_text = st.one_of(st.text(max_size=5), st.sampled_from(["", "a\x1fb", "x" * 65_536, "x" * 65_537, "NA", "315.0"]))
label_texts = st.sampled_from(["0", "1", "2", "", "1.0", "true", " 1", "nan", "x"])
money_texts = st.sampled_from(["", "EUR", "KRW", "KWD", "krw", "CLF"])

text_rows = st.fixed_dictionaries(
    {"id": any_text, "at": time_texts, "who": any_text, "card": any_text, "zip": any_text, "paid": number_texts}
    | {"money": money_texts, "C1": number_texts, "C2": number_texts, "product": any_text, "lat": number_texts}
    | {"lon": number_texts, "dob": any_text, "fraud": label_texts}
)
SOUND = {
    "id": "a", "at": "2024-10-25 07:02:00", "who": "c", "card": "k", "zip": "z", "paid": "0.29", "money": "EUR",
    "C1": "1", "C2": "", "product": "p", "lat": "1", "lon": "2", "dob": "1990-01-01", "fraud": "1",
}  # fmt: skip


def one_by_one(schema: Schema, rows: list[dict]) -> tuple[list[tuple], list[tuple]]:
    accepted, rejected = [], []
    for line, row in enumerate(rows, 1):
        try:
            event, label = schema.event(row, line), schema.label(row, line)
        except BadRow as error:
            rejected.append((line, error.code, str(error)))
        else:
            accepted.append(canonical_row(schema, event, label, line))
    return accepted, rejected


def at_once(schema: Schema, frame: pl.DataFrame) -> tuple[list[tuple], list[tuple]]:
    lines = pl.int_range(1, frame.height + 1, eager=True)
    found = convert(schema, Chunk(frame, lines, lambda i: frame.row(i, named=True)), 1)
    assert dict(found.frame.schema) == canonical_columns(schema)
    return found.frame.rows(), [(b.line, b.code, b.message) for b in found.rejected]


def same(schema: Schema, frame: pl.DataFrame) -> None:
    assert at_once(schema, frame) == one_by_one(schema, frame.rows(named=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(text_rows, max_size=6))
def test_columns_of_wild_text_mean_what_single_rows_mean(rows) -> None:
    same(SCHEMA, pl.DataFrame(rows, schema=dict.fromkeys(SHOP_COLUMNS, pl.String)))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SHOP_COLUMNS), st.data())
def test_one_wild_column_among_sound_ones(column, data) -> None:
    wild = {"at": time_texts, "fraud": label_texts, "money": money_texts} | dict.fromkeys(
        ["paid", "C1", "lat"], number_texts
    )
    cells = data.draw(st.lists(wild.get(column, any_text), min_size=1, max_size=8))
    same(SCHEMA, pl.DataFrame([SOUND | {column: c} for c in cells], schema=dict.fromkeys(SHOP_COLUMNS, pl.String)))


TYPED = {
    pl.Float64: st.one_of(st.none(), st.floats()),
    pl.Float32: st.one_of(st.none(), st.floats(width=32)),
    pl.Int64: st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-5, 10**12)),
    pl.UInt64: st.one_of(st.none(), st.integers(0, 2**64 - 1)),
    pl.Int8: st.one_of(st.none(), st.integers(-128, 127)),
    pl.Boolean: st.one_of(st.none(), st.booleans()),
    pl.Date: st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2300, 1, 1))),
    pl.Datetime("us"): st.one_of(st.none(), st.datetimes(datetime(1950, 1, 1), datetime(2250, 1, 1))),
    pl.Datetime("ms"): st.one_of(st.none(), st.datetimes(datetime(1950, 1, 1), datetime(2250, 1, 1))),
    pl.Datetime("us", "UTC"): st.one_of(
        st.none(), st.datetimes(datetime(1950, 1, 1), datetime(2250, 1, 1), timezones=st.just(UTC))
    ),
    pl.Decimal(20, 5): st.one_of(st.none(), st.decimals(-(10**6), 10**12, places=5)),
    pl.Binary: st.one_of(st.none(), st.binary(max_size=3)),
    pl.List(pl.Int64): st.one_of(st.none(), st.lists(st.integers(0, 5), max_size=2)),
    pl.Null: st.none(),
}


@pytest.mark.parametrize("dtype", TYPED, ids=str)
def test_typed_columns_mean_what_single_rows_mean(dtype) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(SHOP_COLUMNS), st.lists(TYPED[dtype], min_size=1, max_size=6))
    def check(column, cells) -> None:
        frame = pl.DataFrame([SOUND] * len(cells), schema=dict.fromkeys(SHOP_COLUMNS, pl.String))
        same(SCHEMA, frame.with_columns(pl.Series(column, cells, dtype=dtype, strict=False)))

    check()


@pytest.mark.parametrize(
    "time",
    [
        *[{"unit": u, "origin": "2017-12-01"} for u in ("s", "ms", "us", "ns", "min", "h", "d")],
        *[{"unit": "s"}, {"unit": "ms"}, {"unit": "order"}, {"timezone": "Asia/Seoul"}],
        *[{"timezone": "America/New_York"}, {"format": "%d/%m/%Y %H:%M"}],
        {"unit": "s", "origin": "2017-12-01T00:00:00+09:00"},
    ],
    ids=str,
)
def test_every_way_to_write_a_time_agrees(time) -> None:
    schema = Schema.parse({"name": "t", "kind": "x", "time": {"column": "t"} | time})
    cells = [
        "1",
        "1.5",
        "86400",
        "-1",
        "1e3",
        "1729807320",
        "1729807320000",
        "x",
        "",
        "nan",
        "inf",
        "9" * 30,
        "1_0",
        "٣",
    ]
    cells += [
        "2024-03-10 02:30:00",
        "2024-11-03 01:30:00",
        "2024-03-10T02:30:00",
        "25/10/2024 07:02",
        "1987-05-10 00:30:00",
    ]
    same(schema, pl.DataFrame({"t": cells}))
    numbers = [0, 1, -1, 86_400, 1_729_807_320, 1_729_807_320_123, 2**62, 10**12, None]
    same(schema, pl.DataFrame({"t": numbers}))
    same(
        schema,
        pl.DataFrame(
            {"t": [*[float(n) if n is not None else None for n in numbers], 0.5, 1.0000005, np.nan, np.inf, 1e300]}
        ),
    )
    moments = [datetime(2024, 3, 10, 2, 30), datetime(2024, 11, 3, 1, 30), datetime(1960, 1, 1), None]
    same(schema, pl.DataFrame({"t": moments}))
    same(schema, pl.DataFrame({"t": [date(2024, 1, 1), None]}))


def test_sums_are_exact_in_both_ways() -> None:
    cents = [*range(5000), 10**15, 10**15 - 1, 123_456_789_012_345]
    texts = [f"{c // 100}.{c % 100:02}" for c in cents]
    schema = Schema.parse({"name": "t", "kind": "x", "time": "t", "amount": {"column": "a", "currency": "EUR"}})
    for cells in (texts, [float(t) for t in texts], [Decimal(t) for t in texts]):
        frame = pl.DataFrame({"t": ["2024-01-01"] * len(cells), "a": cells})
        rows, rejected = at_once(schema, frame)
        assert [row[4] for row in rows] == cents
        assert not rejected
        same(schema, frame)


@pytest.mark.parametrize("currency", ["KRW", "EUR", "KWD", "CLF"])
@pytest.mark.parametrize("sign", ["reject", "absolute"])
@settings(max_examples=25, deadline=None)
@given(cells=st.lists(st.one_of(number_texts, st.floats(-1e17, 1e17).map(repr)), min_size=1, max_size=10))
def test_every_currency_rounds_alike(currency, sign, cells) -> None:
    amount = {"column": "a", "currency": currency, "negative": sign}
    schema = Schema.parse({"name": "t", "kind": "x", "time": "t", "amount": amount})
    same(schema, pl.DataFrame({"t": ["2024-01-01"] * len(cells), "a": cells}))
    floats = [float(c) if c.isascii() and c.replace(".", "", 1).isdigit() else 0.5 for c in cells]
    same(schema, pl.DataFrame({"t": ["2024-01-01"] * len(cells), "a": floats}))
