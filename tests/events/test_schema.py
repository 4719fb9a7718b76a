"""Goal: a schema file says exactly what it means, and a slip in it is named with what was probably meant."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path

import pytest

from haechi.events import BadRow, BadSchema, Event, Label, Schema, WrongColumn

from .shop import SHOP, SHOP_COLUMNS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
TINY = {"name": "t", "kind": "x", "time": "at"}
NATIVE = {
    "id": "p-1",
    "kind": "payment",
    "time": "2024-10-25T07:02:00+09:00",
    "customer": "c-17",
    "card": "k-1",
    "merchant": "ice-cream-3",
    "device": "d-9",
    "amount": 7000,
    "currency": "KRW",
    "merchant_category": "ice_cream",
    "channel": "pos",
    "till": {"number": 3},
}


def test_a_native_event_is_read_whole() -> None:
    schema = Schema.read("bank")
    assert schema.event(NATIVE) == Event(
        id="p-1",
        kind="payment",
        time_us=1_729_807_320_000_000,
        amount=7000,
        currency="KRW",
        entities={"customer": "c-17", "card": "k-1", "merchant": "ice-cream-3", "device": "d-9"},
        categories={"merchant_category": "ice_cream", "channel": "pos"},
        fields={"till": {"number": 3}},
    )
    assert schema.label(NATIVE) is None
    told = NATIVE | {"fraud": True, "known_at": "2024-10-26T00:00:00Z"}
    assert schema.label(told) == Label("p-1", True, 1_729_900_800_000_000, "bank")
    assert schema.label(NATIVE | {"fraud": False}).known_at_us == 1_729_807_320_000_000 + schema.label_delay_us


def test_the_built_in_schema_knows_its_entities() -> None:
    schema = Schema.read("bank")
    assert schema.entity_names == ("customer", "account", "card", "device", "payee", "merchant", "ip")
    assert (schema.subject, schema.timezone, schema.currency) == ("customer", "Asia/Seoul", "KRW")
    assert schema.has_place
    assert schema.has_label
    assert not schema.ordinal
    assert "birth_date" in schema.attribute_names


@pytest.mark.parametrize("name", ["fdh", "s_ffsd"])
def test_the_schemas_in_the_documents_are_sound(name) -> None:
    schema = Schema.read(DOCS / f"{name}.toml")
    assert schema.is_bound
    assert schema.has_label
    assert schema.ordinal is (name == "s_ffsd")
    assert schema.bind(schema.columns) == schema


def test_a_row_of_every_role(shop) -> None:
    row = {"id": 1, "at": "2024-10-25", "who": 17.0, "card": "k", "zip": 123, "paid": 0.29, "C1": "2.5", "C2": None}
    event = shop.event(row | {"product": "p", "lat": "1", "lon": 2, "dob": "1990-01-01", "fraud": 1, "extra": "kept"})
    assert event.entities == {"customer": "17", "home": "k\x1f123"}
    assert (event.id, event.amount, event.currency, event.lat, event.lon) == ("1", 29, "EUR", 1.0, 2.0)
    assert (event.numbers, event.categories) == ({"C1": 2.5}, {"product": "p"})
    assert (event.attributes, event.fields) == ({"birth_date": "1990-01-01"}, {"extra": "kept"})


def test_missing_values_are_absent(shop) -> None:
    event = shop.event({"id": "1", "at": "2024-10-25", "who": "", "card": "k", "C1": "nan", "lat": 1, "paid": ""})
    assert (event.entities, event.numbers, event.categories, event.amount, event.currency, event.lat) == (
        {},
        {},
        {},
        None,
        "",
        None,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": None}, "no_id"),
        ({"at": ""}, "no_time"),
        ({"who": "x" * 65_537}, "too_long"),
        ({"lat": 91}, "no_such_place"),
        ({"C1": "inf"}, "infinite"),
        ({"C1": 10**400}, "not_a_number"),
        ({"who": [1]}, "nested"),
        ({"money": "KRWW"}, "unknown_currency"),
        ({"card": "a\x1fb"}, "separator"),
        ({"paid": -1}, "negative_amount"),
        ({"extra": "x" * 70_000}, "too_long"),
        ({"extra": {"a": "x" * 70_000}}, "too_long"),
        ({"extra": list(range(70_000))}, "too_long"),
        ({"who": 10**100}, "too_long"),
        ({"product": float("inf")}, "infinite"),
        ({"product": b"\xff"}, "not_utf8"),
        ({"id": {}}, "nested"),
    ],
    ids=str,
)
def test_a_bad_row_says_why(shop, change, code) -> None:
    row = {"id": "1", "at": "2024-10-25", "who": "c", "card": "k", "zip": "z", "paid": 1, "lat": 1, "lon": 1}
    with pytest.raises(BadRow) as caught:
        shop.event(row | change)
    assert caught.value.code == code
    assert len(str(caught.value)) < 250


def test_deep_fields_are_refused_and_shallow_ones_kept(shop) -> None:
    deep: object = 1
    for _ in range(100):
        deep = {"a": deep}
    with pytest.raises(BadRow, match="deeper than 32"):
        shop.event({"id": "1", "at": "2024-10-25", "extra": deep})
    assert shop.event({"id": "1", "at": "2024-10-25", "extra": [[[1]]]}).fields == {"extra": [[[1]]]}


def test_kinds_are_mapped_and_others_pass() -> None:
    schema = Schema.parse(TINY | {"kind": {"column": "type", "map": {"CASH_OUT": "withdrawal"}, "default": "payment"}})
    kinds = [schema.event({"at": "2024-10-25", "type": t}, 1).kind for t in ("CASH_OUT", "login", "", None)]
    assert kinds == ["withdrawal", "login", "payment", "payment"]
    strict = Schema.parse(TINY | {"kind": {"column": "type"}})
    with pytest.raises(BadRow, match="type is missing"):
        strict.event({"at": "2024-10-25"}, 1)


def test_a_schema_may_have_no_entity_at_all() -> None:
    schema = Schema.parse(TINY)
    assert (schema.subject, schema.entity_names, schema.currency, schema.has_label) == (None, (), "", False)
    assert schema.event({"at": "2024-10-25", "V1": 2}, 7).id == "7"
    assert schema.label({"at": "2024-10-25"}) is None


def test_patterns_take_what_has_no_other_role() -> None:
    schema = Schema.parse(SHOP | {"numbers": {"columns": ["C*", "*id"], "except": ["C2"]}})
    assert not schema.is_bound
    with pytest.raises(BadSchema, match="bind it"):
        schema.event({})
    bound = schema.bind([*SHOP_COLUMNS, "myid", "C3"])
    assert bound.number_names == ("C1", "C3", "myid")
    assert Schema.parse(bound.document) == bound
    with pytest.raises(BadSchema, match="matches no column"):
        Schema.parse(TINY | {"numbers": {"columns": ["V*"]}}).bind(["at", "x"])


def test_a_wrong_column_names_the_nearest_or_what_there_is() -> None:
    with pytest.raises(WrongColumn, match=r"no column 'at'; did you mean 'AT'\?"):
        Schema.parse(TINY).bind(["x", "AT"])
    with pytest.raises(WrongColumn, match=r"there are: c0, .*, c11, "):
        Schema.parse(TINY).bind([f"c{i}" for i in range(99)])


def test_labels_of_every_kind() -> None:
    label = {"column": "y", "positive": [1, "Yes"], "negative": [False, 0], "delay": "36h"}
    schema = Schema.parse(TINY | {"label": label})
    seen = {}
    for value in (
        1,
        1.0,
        "1",
        "1.0",
        " 1 ",
        "yes",
        "YES",
        0,
        "0",
        False,
        "false",
        2,
        None,
        "",
        [1],
        float("nan"),
        2**60,
    ):
        found = schema.label({"at": "2024-10-25", "y": value}, 1)
        seen[str(value)] = None if found is None else found.fraud
    assert [k for k, v in seen.items() if v is True] == ["1", "1.0", " 1 ", "yes", "YES"]
    assert [k for k, v in seen.items() if v is False] == ["0", "False", "false"]


def test_a_label_is_known_when_its_column_says_but_never_before_the_event() -> None:
    label = {"column": "y", "positive": [1], "negative": [0], "known_at": {"column": "told"}}
    schema = Schema.parse(TINY | {"label": label, "time": {"column": "at", "timezone": "Asia/Seoul"}})
    row = {"at": "2024-10-25 07:02:00", "y": 1}
    assert schema.label(row | {"told": "2024-10-25 07:02:01"}, 1).known_at_us == 1_729_807_321_000_000
    assert schema.label(row | {"told": "2020-01-01"}, 1).known_at_us == 1_729_807_320_000_000
    assert schema.label(row, 1) is None
    with pytest.raises(BadRow, match="at is missing"):
        schema.label({"y": 1}, 1)


def test_other_signs_for_missing_can_be_named() -> None:
    schema = Schema.parse(TINY | {"missing": ["?", "\\N"], "entities": {"who": "who"}, "id": "id"})
    assert schema.event({"id": "1", "at": "2024-10-25", "who": "?"}).entities == {}
    with pytest.raises(BadRow, match="id is missing"):
        schema.event({"id": "\\N", "at": "2024-10-25"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "needs 'name'"),
        ({"entity": {}}, "did you mean 'entities'"),
        ({"kind": 5}, "wrong type"),
        ({"kind": {"column": "k", "map": {"a": 1}}}, "kind.map"),
        ({"amount": {"column": "a"}}, "needs a currency"),
        ({"amount": {"column": "a", "currency": "EURO"}}, "no ISO 4217"),
        ({"amount": {"column": "a", "currency": "EUR", "unit": "x"}}, "amount.unit"),
        ({"label": {"column": "y", "positive": [1], "negative": [0]}}, "when does a label become known"),
        ({"label": {"column": "y", "positive": [1], "negative": ["1"], "delay": "7d"}}, "both positive and negative"),
        ({"label": {"column": "y", "positive": [1], "delay": "7d"}}, "needs 'negative'"),
        ({"time": {}}, "needs 'column'"),
        ({"entities": {"a": {}}}, "entities.a needs 'column'"),
        ({"entities": {"a": 5}}, "must be a table"),
        ({"place": {"lat": "lat"}}, "needs 'lon'"),
        ({"numbers": {"columns": "C*"}}, "wrong type"),
        ({"numbers": {"columns": [1]}}, "list of names"),
        ({"private": {"field": []}}, "did you mean 'fields'"),
        ({"optional": 1}, "wrong type"),
    ],
    ids=str,
)
def test_a_slip_in_a_schema_is_named(change, message) -> None:
    with pytest.raises(BadSchema, match=message):
        Schema.parse(TINY | change)


def test_a_schema_file_that_cannot_be_read_says_so(tmp_path) -> None:
    with pytest.raises(BadSchema, match="built in: bank"):
        Schema.read(tmp_path / "none.toml")
    (tmp_path / "a.toml").write_text("name = ")
    with pytest.raises(BadSchema, match="is not TOML"):
        Schema.read(tmp_path / "a.toml")
    (tmp_path / "a.toml").write_bytes(b"\xff")
    with pytest.raises(BadSchema, match="cannot read"):
        Schema.read(tmp_path / "a.toml")
    (tmp_path / "a.toml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(BadSchema, match="larger than"):
        Schema.read(tmp_path / "a.toml")


def test_a_schema_survives_the_way_to_another_process() -> None:
    schema = Schema.parse(SHOP).bind(SHOP_COLUMNS)
    assert schema.event({"id": "1", "at": "2024-10-25"}).id == "1"
    there = pickle.loads(pickle.dumps(schema))
    assert there == schema
    assert there.event({"id": "1", "at": "2024-10-25"}).id == "1"
    assert tomllib.loads('name = "x"')["name"] == "x"
