"""Plain bodies give the same rows, bit by bit, whether compiled code reads them or the schema and the encoder do."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from haechi.events import BadRow, Schema
from haechi.features import default_spec
from haechi.features.encode import Encoder
from haechi.features.plain import BODY_BYTES_MAX, Plain, packed, unpacked
from haechi.features.table import KIND_SIZE, MONEY, TIME_US, UNITS

BANK = Schema.read("bank")
MINUTES = Schema.parse({
    "name": "counted", "id": {"column": "n"},
    "kind": {"column": "type", "map": {"P": "payment", "T": "check", "D": "deposit"}, "default": "P"},
    "time": {"column": "t", "unit": "min", "origin": "2020-01-01"},
    "entities": {"card": {"column": "c"}, "shop": {"column": "s"}},
    "amount": {"column": "a", "currency": "EUR", "unit": "minor"}, "numbers": {"columns": ["x", "y"]},
    "categories": {"columns": ["s", "z"]},
})  # fmt: skip
NAIVE = Schema.parse({
    "name": "naive", "kind": "payment", "time": "at", "id": {"column": "id"}, "entities": {"card": {"column": "card"}},
    "amount": {"column": "amount", "currency": "KWD"},
})  # fmt: skip
SEED = 2**62 + 12_345


def reader(schema: Schema, **overrides: Any) -> tuple[Plain, Encoder, np.ndarray, np.ndarray]:
    encoder = Encoder(default_spec(schema, overrides=overrides or None), SEED)
    ints, floats = np.zeros(encoder.ints_width, np.int64), np.zeros(encoder.floats_width)
    plain = Plain.of(schema, encoder, ints, floats)
    assert plain is not None
    return plain, encoder, ints, floats


READERS = {schema.name: reader(schema) for schema in (BANK, MINUTES, NAIVE)}
READERS["behaved"] = reader(BANK, behaviour=True)


def agree(name: str, body: bytes) -> bool:
    """Whether the body is plain; when it is, that both ways give the same of it."""
    plain, encoder, ints, floats = READERS[name]
    if not plain.read(body):
        return False
    happened = plain.schema.event(msgspec.json.decode(body))  # and so the general way takes it, too
    other_ints, other_floats = np.zeros_like(ints), np.zeros_like(floats)
    encoder.one(happened, other_ints, other_floats)
    assert ints.tolist() == other_ints.tolist(), body
    assert floats.view(np.int64).tolist() == other_floats.view(np.int64).tolist(), body
    words = plain.words
    assert words[TIME_US] == happened.time_us
    assert (None if words[UNITS] < 0 else words[UNITS]) == happened.amount
    assert unpacked(words[MONEY]) == happened.currency
    assert plain.name_in(body).decode() == happened.id
    assert plain.kind_in(body) == happened.kind
    assert happened.kind != "check"
    assert words[KIND_SIZE] >= 0
    return True


simple = st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters='"\\\x7f'), max_size=20)
texts = simple | st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(["", "check", "deposit", "\0"])
numbers = (
    st.integers(-10, 10**6)
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(0, 10**9, places=2).map(float)
    | st.decimals(-180, 180, places=6).map(float)
)
times = st.datetimes().map(lambda t: t.isoformat() + "+09:00") | st.sampled_from(
    ["2024-10-25T07:02:00+09:00", "2024-10-25 07:02:00.5Z", "2024-02-30T00:00:00Z", "2024-10-25T24:00:00Z",
     "2199-12-31", "2024-10-25T07:02:00", "2024-10-25T07:02:00.123456-11:30", "1970-01-01T23:59:59Z",
     "2024-10-25T07:02:60Z", "2024-12-31T23:59:59.1234567Z", "2024-10-25T07:02:00+24:00", "2100-02-29T00:00:00Z",
     "20241025T070200Z"]
)  # fmt: skip
values = texts | numbers | st.booleans() | st.none() | st.lists(numbers, max_size=2)


def plain_events(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """Events that compiled code should read, nearly always."""
    clock = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)).map(lambda t: t.isoformat() + "+09:00")
    needed = {schema.time.column: st.integers(0, 10**8) if schema.time.unit else clock}
    needed[schema.id_column] = simple.filter(bool)
    floats = st.decimals(-80, 80, places=6).map(float) | st.integers(0, 80)
    attributes = {column for _, column in schema.attributes}
    others: dict[str, st.SearchStrategy[Any]] = {c: simple | st.integers(0, 10**15) for c in schema.columns}
    others |= dict.fromkeys([*schema.number_names, *(schema.place or ())], floats | st.none())
    others |= dict.fromkeys(["note", "extra"], simple | floats | st.booleans() | st.none())
    if schema.place:
        needed |= dict.fromkeys(schema.place, floats)
    if schema.kind.column:
        others[schema.kind.column] = simple | st.sampled_from(["P", "D", "deposit", "profile"])
    if schema.amount:
        others[schema.amount.column] = st.integers(0, 10**7) | st.decimals(0, 10**7, places=3).map(float)
        others[schema.amount.currency_column or "_"] = st.sampled_from(["EUR", "KWD", "KRW", "", None])
    return st.fixed_dictionaries(
        needed, optional={c: s for c, s in others.items() if c not in attributes and c not in needed}
    )


def odd_events(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """The same with up to three fields that hold whatever they like."""
    odd = st.dictionaries(st.sampled_from([*schema.columns, "note", "extra"]) | texts, values, max_size=3)
    when = st.fixed_dictionaries({}, optional={schema.time.column: times})
    return st.builds(lambda a, b, c: a | b | c, plain_events(schema), odd, when)


def written(event: dict[str, Any], style: int) -> bytes:
    separators = (" ,\n", "\t: ") if style & 1 else (",", ":")
    text = json.dumps(event, ensure_ascii=bool(style & 2), separators=separators, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


@given(st.data(), st.sampled_from(sorted(READERS)), st.integers(0, 1))
@settings(max_examples=300)
def test_both_ways_agree_on_plain_events(data, name, style) -> None:
    event(str(agree(name, written(data.draw(plain_events(READERS[name][0].schema)), style))))


@given(st.data(), st.sampled_from(sorted(READERS)), st.integers(0, 3))
@settings(max_examples=300)
def test_both_ways_agree_on_whatever_compiled_code_takes(data, name, style) -> None:
    agree(name, written(data.draw(odd_events(READERS[name][0].schema)), style))


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 3))
def test_damage_is_never_taken_for_an_event(noise, where, kind) -> None:
    body = PAYMENT[: where % len(PAYMENT)] + noise + PAYMENT[where % len(PAYMENT) + kind :]
    agree("bank", body)


PAYMENT = (
    '{"id":"b1-7","kind":"payment","time":"2025-01-01T00:00:01+00:00","customer":"c-1","card":"k-1","device":"d-1",'
    '"merchant":"m-가게","amount":7000,"currency":"KRW","merchant_category":"ice_cream","channel":"pos",'
    '"lat":37.566535,"lon":-126.9,"risk":0.25,"note":"새벽","flag":true}'
).encode()


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(PAYMENT), **changes}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "body",
    [
        PAYMENT, changed(amount=12.5, currency="EUR"), changed(amount=None), changed(amount=""), changed(customer=339),
        changed(customer=""), changed(customer=None), changed(currency=None), changed(kind="deposit"),
        changed(lat=None, lon=None), changed(amount=0.29, currency="USD"), changed(risk=-0.0),
        changed(amount=1.005, currency="KWD"), changed(risk=-3), changed(birth_date=None), b" " + PAYMENT + b"\r\n",
        changed(time="2025-01-01 00:00:01.25Z"),
    ],
)  # fmt: skip
def test_ordinary_bodies_are_plain(body) -> None:
    assert agree("bank", body)
    assert agree("behaved", body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", PAYMENT[:-1], PAYMENT + b"x", PAYMENT[:-1] + b',"id":"again"}', changed(kind="check"),
        changed(birth_date="2007-01-01"), changed(note={"a": 1}), changed(note="a\nb"), changed(amount=-1),
        changed(id=""), changed(amount="7000"), changed(time="2025-01-01T00:00:01"), changed(currency="XXX"),
        changed(amount=10**15 + 1), changed(customer=1.5), changed(customer=True),
        changed(risk=0.12345678901234567), changed(lat=91.0), changed(lon=None), changed(id="x" * 129),
        changed(customer="x" * 129), changed(note="x" * BODY_BYTES_MAX),
        PAYMENT.replace(b"7000", b"07000"), PAYMENT.replace(b"7000", b"7e3"), PAYMENT.replace(b"7000", b"7."),
        PAYMENT.replace(b"7000", b"-0"), PAYMENT.replace(b"true", b"treu"),
        PAYMENT.replace("새벽".encode(), b"\xed\xa0\x80"),
        PAYMENT.replace("새벽".encode(), b"\xc0\x80"), PAYMENT.replace("새벽".encode(), b"\xf4\x90\x80\x80"),
    ],
)  # fmt: skip
def test_what_is_unusual_goes_the_general_way(body) -> None:
    assert not agree("bank", body)


def test_lines_are_read_until_one_is_not_plain() -> None:
    plain, encoder, _, _ = reader(BANK, behaviour=True)
    lines = [changed(id=f"e-{n}", time=f"2025-0{1 + n % 9}-01T0{n % 8}:20:00Z") for n in range(40)]
    lines[30] = changed(birth_date="2007-01-01")
    ints = np.zeros((40, encoder.ints_width), np.int64)
    floats = np.zeros((40, encoder.floats_width))
    found = plain.read_lines(lines, ints, floats)
    assert len(found) == 30
    for n, line in enumerate(lines[:30]):
        happened = BANK.event(msgspec.json.decode(line))
        other_ints, other_floats = np.zeros_like(ints[0]), np.zeros_like(floats[0])
        encoder.one(happened, other_ints, other_floats)
        assert ints[n].tolist() == other_ints.tolist()
        assert floats[n].view(np.int64).tolist() == other_floats.view(np.int64).tolist()
        assert found.names[n].decode() == happened.id
        assert (found.time_us[n], found.units[n], found.kinds[n]) == (happened.time_us, happened.amount, happened.kind)
        assert found.subjects[n] == encoder.subject_key(happened)
    assert len(plain.read_lines([b"x"], ints, floats)) == 0


def test_a_schema_that_asks_for_more_has_no_reader() -> None:
    joined = {**BANK.document, "entities": {"pair": {"columns": ["a", "b"]}}}
    formatted = {**BANK.document, "time": {"column": "time", "format": "%d.%m.%Y"}}
    missing = {**BANK.document, "missing": ["?"]}
    for document in (joined, formatted, missing):
        schema = Schema.parse(document)
        encoder = Encoder(default_spec(schema))
        assert Plain.of(schema, encoder, np.zeros(1, np.int64), np.zeros(1)) is None


def test_currencies_are_packed_and_unpacked() -> None:
    assert unpacked(packed("KRW")) == "KRW"
    assert unpacked(packed("")) == ""


def test_a_body_that_the_general_way_refuses_is_never_plain() -> None:
    with pytest.raises(BadRow):
        BANK.event(msgspec.json.decode(changed(amount=-1)))
    assert not agree("bank", changed(amount=-1))
