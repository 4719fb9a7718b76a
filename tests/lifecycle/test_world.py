"""A town that is lived through: what nobody stops happens as it is written, and what is stopped is tried otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from haechi.events import Schema, read_frames
from haechi.features import replay
from haechi.learning.dataset import DAY_US
from haechi.lifecycle.loop.ground import Ground, joined
from haechi.lifecycle.loop.world import JUDGED_KINDS, TownWorld
from haechi.town import parameters, write_town

DAYS = 24


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "town"
    size = parameters("small", customers=250, days=DAYS, fraud={"level": 6.0})
    write_town(folder, size, 5, format="parquet", labelled=True)
    return folder


def lived(town: Path, *, stops: bool = False, answers: bool = True) -> tuple[Ground, TownWorld]:
    world = TownWorld(town, rows=10**9, answers=answers)
    days = []
    for day in world.days(world.span_us[1]):
        world.stopped(day, np.full(len(day.events), stops))
        days.append(day)
    return joined(days), world


@pytest.fixture(scope="module")
def still(town: Path) -> Ground:
    return lived(town)[0]


def test_what_nobody_stops_is_the_replay_of_what_is_written(town: Path, still: Ground) -> None:
    frames = read_frames(Schema.read("bank"), sorted((town / "events").glob("*.parquet")))
    whole = replay(still.spec, frames, keep=lambda f: np.asarray(f["kind"].is_in(JUDGED_KINDS).to_numpy()))
    assert still.ids.to_list() == whole.frame["id"].to_list()
    assert still.matrix.tobytes() == whole.features.tobytes()
    assert (still.weight == 1.0).all()
    truth = pl.read_parquet(town / "truth" / "events.parquet").filter("fraud")["event_id"]
    assert set(still.ids.filter(pl.Series(still.truth))) == set(truth) & set(still.ids)
    unanswered, _ = lived(town, stops=True, answers=False)
    assert unanswered.matrix.tobytes() == still.matrix.tobytes()


def test_days_come_one_by_one_and_once(town: Path) -> None:
    world = TownWorld(town, rows=10**9)
    first_us, last_us = world.span_us
    assert last_us - first_us == DAYS * DAY_US
    some = list(world.days(first_us + 3 * DAY_US))
    assert [len(np.unique(day.events.day)) for day in some] == [1, 1, 1]  # type: ignore[arg-type]
    rest = list(world.days(last_us + 1))
    assert len(rest) == DAYS - 3
    assert rest[0].events.time_us[0] >= first_us + 3 * DAY_US
    assert not list(world.days(last_us + 1))


def test_what_is_stopped_is_tried_for_less_at_other_hours_and_given_up(town: Path, still: Ground) -> None:
    answered, world = lived(town, stops=True)
    before, after = (dict(zip(g.ids.to_list(), range(len(g.ids)), strict=True)) for g in (still, answered))
    same = [one for one in before if one in after]
    old, new = np.array([before[one] for one in same]), np.array([after[one] for one in same])
    fraud = still.truth[old]
    amounts = [g.events.amount[at] for g, at in ((still, old), (answered, new)) if g.events.amount is not None]
    smaller, moved = amounts[1] < amounts[0], still.events.time_us[old] != answered.events.time_us[new]
    assert smaller[fraud].mean() > 0.3
    assert moved[fraud].mean() > 0.3
    told = world.crews.told()
    assert told["careful"][0] < told["campaigns"] == sum(told["careful"])
    # Events of a campaign that are no fraud themselves go with it; nobody else's change.
    part = pl.read_parquet(town / "truth" / "events.parquet")
    ours = set(part.join(world_campaigns(town), on="campaign_id")["event_id"])
    honest = np.array([one not in ours for one in same])
    assert not smaller[honest].any()
    assert not moved[honest].any()
    gone = set(before) - set(after)
    assert gone <= ours
    assert len(gone) > 0 or told["gave_up"] == 0


def test_labels_come_as_much_sooner_or_later_as_their_events(town: Path, still: Ground) -> None:
    answered, _ = lived(town, stops=True)
    both = pl.DataFrame({"id": still.ids, "time": still.events.time_us, "known": still.events.known_at_us}).join(
        pl.DataFrame({"id": answered.ids, "at": answered.events.time_us, "told": answered.events.known_at_us}), on="id"
    )
    late = both.filter((pl.col("known") < 2**61) & (pl.col("known") > pl.col("time")) & (pl.col("told") > pl.col("at")))
    assert (late["told"] - late["known"] == late["at"] - late["time"]).all()


def test_the_same_seed_gives_the_same_days(town: Path) -> None:
    one, same = (joined(list(TownWorld(town, rows=2_000, seed=4).days(2**62))) for _ in range(2))
    other = joined(list(TownWorld(town, rows=2_000, seed=5).days(2**62)))
    assert one.ids.to_list() == same.ids.to_list() != other.ids.to_list()
    assert one.weight.max() == pytest.approx(1 / TownWorld(town, rows=2_000)._share)


def world_campaigns(town: Path) -> pl.DataFrame:
    return pl.read_parquet(town / "truth" / "campaigns.parquet").filter("is_fraud").select("campaign_id")
