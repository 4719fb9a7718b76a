"""Stories are drawn evenly and told whole, in order, long ones with what is left out counted."""

from __future__ import annotations

import shutil
from datetime import timedelta

import polars as pl

from haechi.town.report.facts import gather
from haechi.town.report.folder import TownFolder
from haechi.town.report.stories import STEPS_MAX, Story, draw, tell
from haechi.town.report.telling import told as article

from .folders import START, Making


def drawn(folder: TownFolder, seed: int, **how: int) -> list[str]:
    return draw(folder, seed, **how)["campaign_id"].unique(maintain_order=True).to_list()


def told(folder: TownFolder, name: str) -> Story:
    rows = folder.truth().collect().filter(pl.col("campaign_id") == name)
    [story] = tell(folder, rows, gather(folder, rows["event_id"])[1])
    return story


def test_a_draw_is_even_and_repeats_with_its_seed(town, facts) -> None:
    folder = TownFolder.open(town)
    once = drawn(folder, 3)
    assert once == drawn(folder, 3)
    assert once != drawn(folder, 4)
    assert len(set(once)) == len(once) == 60
    frauds = set(facts.campaigns.filter("is_fraud")["campaign_id"])
    assert [name in frauds for name in once] == [True] * 50 + [False] * 10
    counts: dict[str, int] = {}
    for seed in range(300):
        for name in drawn(folder, seed, frauds=10, look_alikes=0):
            counts[name] = counts.get(name, 0) + 1
    # 300 draws of 10 out of 60: 50 each, standard deviation below 7.
    assert set(counts) == frauds
    assert all(20 < n < 80 for n in counts.values())


def test_kinds_of_look_alikes_take_turns(town, tmp_path) -> None:
    shutil.copytree(town, tmp_path / "town")
    path = tmp_path / "town" / "truth" / "campaigns.parquet"
    campaigns = pl.read_parquet(path)
    last = campaigns.filter(~pl.col("is_fraud"))["campaign_id"].max()
    rare = pl.when(pl.col("campaign_id") == last).then(pl.lit("rare")).otherwise("typology")
    campaigns.with_columns(typology=rare).write_parquet(path)
    for seed in range(5):
        assert last in drawn(TownFolder.open(tmp_path / "town"), seed, frauds=0, look_alikes=2)


def test_a_small_town_gives_all_it_has(town) -> None:
    assert len(drawn(TownFolder.open(town), 1, frauds=1_000, look_alikes=0)) == 60


def test_a_story_holds_its_events_in_order(town, facts) -> None:
    story = told(TownFolder.open(town), "camp-3")
    truth = facts.campaigns.filter(pl.col("campaign_id") == "camp-3").row(0, named=True)
    assert [s.kind for s in story.steps[:4]] == ["call", "login", "transfer", "transfer"]
    assert sum(s.amount or 0 for s in story.steps) == truth["loss_won"]
    assert [s.at for s in story.steps] == sorted(s.at for s in story.steps)
    assert story.begins == story.steps[0].at
    assert story.left_out == 0
    if story.reported:
        known = [s.known for s in story.steps if s.kind == "transfer"]
        assert known == [story.reported] * 2


def test_a_long_story_is_cut_in_the_middle_and_says_so(tmp_path) -> None:
    making = Making(people=5, days=3, seed=1)
    making.ordinary()
    ids = [making.event("payment", START + timedelta(minutes=n), 1, amount=100 + n) for n in range(STEPS_MAX + 25)]
    for event_id in ids:
        making._true(event_id, "long", "card_testing", "payment")
    making._campaign("long", "card_testing", True, START, 0)
    making._campaign("never", "card_testing", True, START + timedelta(days=99), 0)
    folder = TownFolder.open(making.write(tmp_path / "town"))
    assert drawn(folder, 1) == ["long"]
    story = told(folder, "long")
    assert story.left_out == 25
    assert [s.amount for s in story.steps] == [*range(100, 120), *range(145, 165)]


def made(tmp_path, hours_until_known: int) -> Story:
    """A fraud on the town's last day that becomes known so many hours later."""
    making = Making(people=5, days=3, seed=1)
    making.ordinary()
    paid = making.event("payment", START + timedelta(days=2, hours=12), 1, amount=9_000, merchant="m-1")
    making._true(paid, "one", "card_stolen", "card_use")
    known = START + timedelta(days=2, hours=12 + hours_until_known)
    making.labels.append({"event_id": paid, "fraud": True, "known_at": known.isoformat(), "source": "customer"})
    making._campaign("one", "card_stolen", True, START + timedelta(days=2), 9_000)
    return told(TownFolder.open(making.write(tmp_path / "town")), "one")


def test_a_file_does_not_know_what_comes_after_the_last_day(tmp_path) -> None:
    assert made(tmp_path / "early", 3).steps[0].known is not None
    assert made(tmp_path / "late", 13).steps[0].known is None


def test_the_bank_reads_its_own_record_and_the_truth_stands_apart(tmp_path) -> None:
    page = article(made(tmp_path, 3), 1)
    file, truth = page.split('<details class="truth">')
    for word in ("주운 카드", "card_stolen", "남의 카드 사용", "another", "카드 도난"):
        assert word not in file
    assert "카드 거래" in file
    assert "카드 도난" in truth
    assert "남의 카드 사용" in truth
