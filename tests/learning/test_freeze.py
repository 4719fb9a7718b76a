"""A data set is cut, weighed and named by its content; what nobody knows teaches nothing."""

from __future__ import annotations

import json

import polars as pl
import pytest

from haechi.learning.dataset import DAY_US
from haechi.learning.errors import BadProtocol, DamagedDataSet, DataSetNotFound
from haechi.learning.frozen import DataSets
from haechi.learning.practice import Learning

from .freezing import UNTIL_US, frozen, history, said
from .making import DELAY_DAYS, SCHEMA, frames


def test_the_same_history_is_the_same_data_set_and_the_card_says_what_is_in_it(tmp_path) -> None:
    one, again = frozen(tmp_path / "a"), frozen(tmp_path / "b")
    assert one.hash == again.hash
    card = one.card
    assert card["maturity"]["gap_days"] == pytest.approx(DELAY_DAYS, abs=0.1)
    assert card["taught"]["fraud"] > 100
    assert sum(card["taught"].values()) == card["events"] == 4_000
    assert card["label_sources"] == {"import": {k: card["taught"][k] for k in ("fraud", "legitimate")}}
    assert card["base_rate"]["corrected"] > card["base_rate"]["known"]
    assert set(card["hashes"]) == {"events", "labels", "schema"}
    assert card["columns"]["number:risk"]["missing"] == 0
    assert one.card["shifts"] == {}
    one.check()


def test_the_schema_keeps_its_order_which_is_part_of_the_features(tmp_path) -> None:
    kept = json.loads((frozen(tmp_path).folder / "schema.json").read_text())["schema"]
    assert json.dumps(kept) == json.dumps(dict(SCHEMA.document))
    assert json.dumps(kept) != json.dumps(kept, sort_keys=True)


def test_young_events_do_not_teach_and_the_memory_hears_every_label(tmp_path) -> None:
    # One label in fifty comes within the hour.
    quick = pl.concat(history()).with_columns(
        pl.when(pl.int_range(pl.len()) % 50 == 0).then(pl.col("time_us") + 10**9).otherwise("known_at_us")
        .alias("known_at_us")
    )  # fmt: skip
    data = frozen(tmp_path, [quick])
    whole = pl.concat(list(data))
    young = whole.filter(pl.col("time_us") > UNTIL_US - int(data.card["maturity"]["gap_days"] * DAY_US))
    assert young.height > 100
    assert (young["taught"] == -1).all()
    assert (young["label"] >= 0).any()
    events = data.source().events
    assert (events.y == whole["taught"].to_numpy()).all()
    assert events.weight is not None
    assert set(events.weight.tolist()) == {1.0}


def test_decided_and_never_complained_about_is_presumed_legitimate_unless_told_otherwise(tmp_path) -> None:
    unlabelled = [f.with_columns(pl.when(pl.col("label") == 1).then(1).otherwise(-1).cast(pl.Int8).alias("label"))
                  for f in frames()]  # fmt: skip
    live = [said(f, action="allow") for f in unlabelled]
    data = frozen(tmp_path / "live", live)
    assert data.card["label_sources"]["presumed"]["legitimate"] > 3_000
    taught = pl.concat(list(data)).filter(pl.col("said:kind") == "presumed")
    assert (taught["label"] == -1).all(), "the memory is not told what nobody confirmed"
    careful = frozen(tmp_path / "careful", live, practice=Learning(presume_legitimate=False))
    assert careful.card["taught"]["legitimate"] == 0
    imported = frozen(tmp_path / "imported", [said(f) for f in unlabelled])
    assert imported.card["taught"]["legitimate"] == 0, "unlabelled is not legitimate"


def test_what_was_let_through_by_chance_stands_for_what_was_stopped(tmp_path) -> None:
    whole = said(pl.concat(frames()), action="allow").with_row_index("n")
    stopped, let = pl.col("n") % 10 == 0, pl.col("n") % 100 == 50
    whole = whole.with_columns(
        pl.when(stopped & ~let).then(pl.lit("block")).otherwise("said:action").alias("said:action"),
        pl.when(let).then(pl.lit("block")).alias("said:released"),
        pl.when(stopped & ~let).then(-1).otherwise("label").cast(pl.Int8).alias("label"),
    ).drop("n")
    data = frozen(tmp_path, [whole])
    selection = data.card["selection"]
    assert (selection["stopped"], selection["released"]) == (360, 40)
    assert selection["weight_of_a_release"] == pytest.approx(1 + 360 / 40)
    rows = pl.concat(list(data))
    assert rows.filter(pl.col("said:released") == "block")["weight"].unique().to_list() == [10.0]
    assert (rows.filter(pl.col("said:action") == "block")["taught"] == -1).all()


def test_a_label_weighs_what_its_kind_is_reliable(tmp_path) -> None:
    whole = pl.concat(history()).with_columns(pl.lit("check").alias("said:kind"))
    data = frozen(tmp_path, [whole], practice=Learning(reliability={"check": 0.8}))
    assert pl.concat(list(data)).filter(pl.col("taught") >= 0)["weight"].unique().to_list() == [0.8]


def test_the_next_data_set_tells_how_columns_moved(tmp_path) -> None:
    frozen(tmp_path)
    moved = [f.with_columns((pl.col("amount") * 8).alias("amount")) for f in history()]
    card = frozen(tmp_path, moved, now_us=8).card
    psi = card["shifts"]["psi"]
    assert next(iter(psi)) == "amount"
    assert psi["amount"] > 1 > 0.1 > psi["number:risk"]


def test_data_sets_are_found_by_the_start_of_their_hash_and_checked(tmp_path) -> None:
    sets = DataSets(tmp_path)
    with pytest.raises(DataSetNotFound, match="none; make one"):
        sets.find("ab")
    one = frozen(tmp_path)
    assert sets.find(one.hash[:6]).hash == one.hash
    assert frozen(tmp_path, now_us=9).card["made_us"] == 7, "the same content is the one that was there"
    schema = one.folder / "schema.json"
    schema.write_bytes(schema.read_bytes() + b" ")
    with pytest.raises(DamagedDataSet, match="make it again"):
        one.check()
    card = one.folder / "card.json"
    card.write_text(json.dumps(one.card | {"spec_hash": "old"}))
    with pytest.raises(DamagedDataSet, match="make a new data set"):
        _ = sets.find(one.hash).spec
    card.write_text("{")
    with pytest.raises(DamagedDataSet, match="cannot be read"):
        sets.all()


def test_no_events_is_no_data_set(tmp_path) -> None:
    with pytest.raises(BadProtocol, match="there are no events before"):
        frozen(tmp_path, [])
