"""The default recipe: any schema gives features with names, units and phrases; features.toml changes them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from haechi.features import BadSpec, Memory, default_spec, replay

from .making import event, history, schema, spec


def test_every_feature_has_a_name_a_unit_and_two_phrases() -> None:
    features = spec().features
    assert len({f.name for f in features}) == len(features) > 150
    for f in features:
        assert f.unit
        assert f.family
        assert f.role in ("level", "contrast")
        assert f.phrase["en"]
        assert f.phrase["ko"]
        assert "{" not in f.phrase["en"] + f.phrase["ko"]


def test_what_the_issue_of_a_schema_needs_is_there() -> None:
    names = set(spec().names)
    for window in ("5m", "1h", "1d", "7d", "30d"):
        for base in ("count", "sum", "mean", "std", "max", "z", "ratio"):
            assert f"customer.{base}_{window}" in names
            assert f"merchant.{base}_{window}" in names
    assert {
        "customer.gap_s",
        "customer.hour_share",
        "customer.rank50",
        "customer.median50",
        "merchant.crowd_z20",
    } <= names
    assert {
        "customer.channel.share",
        "customer.merchant.seen",
        "merchant.fraud_run",
        "merchant.unexplained_7d",
    } <= names
    assert {"number.risk", "category.channel", "amount", "hour"} <= names


def test_an_unknown_feature_names_its_neighbours() -> None:
    with pytest.raises(KeyError, match=r"customer\.count_1h"):
        spec().index("customer.count_1hh")


def test_equal_specs_have_equal_hashes_and_others_do_not() -> None:
    assert spec().hash == spec().hash
    assert spec().hash != spec(windows=["1h", "1d", "7d"]).hash


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"windows": ["1h", "1d"]}, "2 windows"),
        ({"windows": ["1d", "1h", "7d"]}, "windows must grow"),
        ({"windows": ["1h", "1d", "soon"]}, "must be like"),
        ({"memory": {"hot": 3}}, "at least 64"),
        ({"memory": {"shop": 3}}, "does not know 'shop'"),
        ({"entities": {"merchant": {"pairs": ["nobody"]}}}, "no entity and no category"),
        ({"entities": {"shop": {}}}, "does not know 'shop'"),
        ({"nonsense": 1}, "does not know 'nonsense'"),
        ({"remove": ["customer.nothing"]}, "no feature is called so"),
        ({"remove": ["*"]}, "leaves no feature"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSpec, match=message):
        spec(**overrides)


def test_an_entity_can_be_given_exact_windows_and_partners() -> None:
    chosen = spec(entities={"merchant": {"ring": True, "pairs": ["customer"], "verdicts": False}})
    names = set(chosen.names)
    assert "merchant.rank50" in names
    assert "merchant.customer.seen" in names
    assert "merchant.fraud_run" not in names


def roles(**changes: Any) -> SimpleNamespace:
    base = {
        "entity_names": ("customer", "card", "device", "payee", "ip", "merchant"),
        "number_names": (),
        "category_names": (),
        "attribute_names": ("birth_date", "segment"),
        "currency": "EUR",
        "timezone": "Asia/Seoul",
        "has_place": True,
        "has_label": False,
        "ordinal": False,
    }
    return SimpleNamespace(**{**base, **changes})


def test_attributes_give_an_age_and_peers() -> None:
    memory = Memory(default_spec(roles(), has_amount=True))
    row = history(1, 1).row(0, named=True) | {"lat": 37.5, "lon": 127.0, "attribute:birth_date": "2006-11-15"}
    memory.look_and_learn(event(row))
    an_hour_later = {"id": "2", "time_us": row["time_us"] + 3_600_000_000, "lat": 35.1, "lon": 129.0}
    later = event(row | an_hour_later | {"attribute:birth_date": None})
    known = memory.look_and_learn(later)
    assert known.value("customer.age_years") == pytest.approx(17.0, abs=0.01)
    assert known.value("peers.events") == 1
    assert known.value("customer.km") == pytest.approx(324, abs=3)
    assert known.value("customer.km_per_hour") == pytest.approx(324 / 1.02, abs=3)


def test_running_numbers_have_no_clock() -> None:
    names = set(default_spec(roles(ordinal=True), has_amount=True).names)
    assert "customer.count_1000" in names
    assert not {"hour", "weekday", "customer.hour_share"} & names


def test_a_source_without_entities_still_has_raw_features() -> None:
    bare = roles(entity_names=(), attribute_names=(), number_names=("v1", "v2"), has_place=False)
    memory = Memory(default_spec(bare, has_amount=True))
    known = memory.look_and_learn(event(history(1, 1).row(0, named=True) | {"number:v1": 2.5}))
    assert known.value("number.v1") == 2.5
    assert set(memory.spec.names) == {"amount", "amount_cents", "hour", "weekday", "number.v1", "number.v2"}


def test_a_schema_without_labels_has_no_label_features() -> None:
    assert not [f for f in default_spec(roles(), has_amount=True).features if f.family == "label"]
    assert [f for f in default_spec(schema()).features if f.family == "label"]


def test_features_can_be_removed_by_name_or_pattern() -> None:
    whole, fewer = spec(), spec(remove=["merchant.crowd_*", "amount_cents"])
    gone = set(whole.names) - set(fewer.names)
    assert gone == {n for n in whole.names if n.startswith("merchant.crowd_")} | {"amount_cents"}
    assert fewer.hash != whole.hash
    frame = history(400, 9)
    rows = replay(fewer, [frame]).features
    at = [whole.index(n) for n in fewer.names]
    assert rows.tobytes() == np.ascontiguousarray(replay(whole, [frame]).features[:, at]).tobytes()
    memory = Memory(fewer)
    no_labels = [event(row) for row in frame.head(5).iter_rows(named=True)]
    assert [memory.look_and_learn(e).row.tobytes() for e in no_labels] == [r.tobytes() for r in rows[:5]]
