"""A written town that is lived through day by day, while its fraudsters answer what is stopped.

Features come from one replay of everything that happened, each label flowing in at the moment it became known. What
crews change (haechi.town.crews) is changed before the memory sees a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from haechi.events import Schema, read_frames
from haechi.features import Memory, default_spec
from haechi.features.replay import Replayer
from haechi.learning.dataset import DAY_US, Index, Mask
from haechi.lifecycle.loop.ground import COLUMNS, NEVER_US, Ground, ground_of
from haechi.town.crews import NOBODY, Crews
from haechi.town.report.folder import SEOUL_US, TownFolder

__all__ = ["TownWorld"]

JUDGED_KINDS = ("payment", "transfer", "withdrawal")
BROUGHT = ("deposit", "fan_in")  # what a fraud brings to another account here
ROWS = 200_000


class TownWorld:
    """A town's days in their order."""

    def __init__(self, folder: Path, *, rows: int = ROWS, seed: int = 0, answers: bool = True) -> None:
        """Open a town that was written with its labels. `answers`: whether fraudsters learn from what is stopped."""
        town = TownFolder.open(folder)
        self._schema, self._rng, self._answers = Schema.read("bank"), np.random.default_rng([seed, 83]), answers
        frames = read_frames(self._schema, town.labelled(folder / "labelled.parquet"))
        self._frames, self._left = iter(frames), pl.DataFrame()
        self._frauds, self._part, self.crews = _truth(town, seed)
        judged = town.events().filter(pl.col("kind").is_in(JUDGED_KINDS)).select(pl.len())
        self._share = min(1.0, rows / max(judged.collect(engine="streaming").item(), 1))
        spec = default_spec(frames.schema, overrides={"behaviour": True})  # what surprises is told by behaviour
        self._replayer = Replayer(Memory(spec))
        self._columns = (*COLUMNS, *(f"entity:{name}" for name in frames.schema.entity_names))
        days = timedelta(days=int(town.info["days"]))
        self.span_us = _us(town.ends - days), _us(town.ends)
        self._day_us = self.span_us[0]

    def days(self, until_us: int) -> Iterator[Ground]:
        """The days up to a moment that were not lived yet; tell what was stopped on one before asking for the next."""
        while self._day_us < min(until_us, self.span_us[1]):
            frame = self._happened(self._planned(self._day_us + DAY_US), self._day_us)
            kept = self._kept(frame)
            rows, _ = self._replayer.feed(frame, kept)
            told = frame.select([c for c in self._columns if c in frame.columns]).filter(pl.Series(kept))
            self._day_us += DAY_US
            yield ground_of(told, rows, self._replayer.memory.spec, self._frauds, self._share, self._zone)

    def stopped(self, day: Ground, alerts: Mask) -> None:
        """What somebody was alerted to on a day is stopped where it was fraud, and whoever did it knows."""
        campaign = self._campaigns(day.ids)
        tried = (campaign != NOBODY) & day.truth
        self.crews.hear(campaign[tried], campaign[tried & alerts])

    @property
    def _zone(self) -> str:
        return self._schema.timezone

    def _planned(self, until_us: int) -> pl.DataFrame:
        """What is written for the time before a moment and was not taken yet."""
        while not self._left.height or self._left["time_us"][-1] < until_us:
            more = next(self._frames, None)
            if more is None:
                break
            self._left = pl.concat([self._left, more]) if self._left.height else more
        now = int(self._left["time_us"].search_sorted(until_us, "left")) if self._left.height else 0
        taken, self._left = self._left[:now], self._left[now:]
        return taken

    def _kept(self, frame: pl.DataFrame) -> Mask:
        chosen: Mask = frame["id"].is_in(self._frauds["event_id"].implode()).to_numpy()
        chosen = chosen | (frame["label"].fill_null(-1).to_numpy() == 1)
        chosen |= self._rng.random(frame.height) < self._share
        return np.asarray(chosen & frame["kind"].is_in(JUDGED_KINDS).to_numpy())

    def _campaigns(self, ids: pl.Series) -> Index:
        named = pl.DataFrame({"event_id": ids}).join(self._part, on="event_id", how="left", maintain_order="left")
        return named["campaign"].fill_null(NOBODY).to_numpy()

    def _happened(self, frame: pl.DataFrame, day_us: int) -> pl.DataFrame:
        """A day as its fraudsters live it by now."""
        if not self._answers or not frame.height:
            return frame
        named = frame.select(event_id="id").join(self._part, on="event_id", how="left", maintain_order="left")
        campaign = named["campaign"].fill_null(NOBODY).to_numpy()
        takes = named["takes"].fill_null(False).to_numpy()
        care = self.crews.care(campaign)
        time_us, amount = frame["time_us"].to_numpy(), frame["amount"].fill_null(0).to_numpy()
        moved = self.crews.moved(time_us, campaign, _first(time_us, campaign, takes), day_us)
        there = frame.with_columns(
            pl.Series("time_us", moved),
            pl.when(pl.col("amount").is_not_null()).then(pl.Series(self.crews.smaller(amount, care))).alias("amount"),
            pl.col("known_at_us") + pl.Series(moved - time_us),
        )
        gone = takes & self.crews.gave_up(campaign)
        return there.filter(pl.Series(~gone)).sort("time_us", maintain_order=True)


def _truth(town: TownFolder, seed: int) -> tuple[pl.DataFrame, pl.DataFrame, Crews]:
    """True frauds with their typology; which campaign an event is part of, and whether it takes money; the crews."""
    events = pl.read_parquet(town.path / "truth" / "events.parquet")
    frauds = events.filter("fraud").unique("event_id").select("event_id", "typology")
    ours = town.campaigns().filter("is_fraud").sort("campaign_id").select("campaign_id", "typology")
    part = events.join(ours.select("campaign_id").with_row_index("campaign"), on="campaign_id")
    takes = pl.col("fraud") | pl.col("role").is_in(BROUGHT)
    part = part.select("event_id", pl.col("campaign").cast(pl.Int64), takes=takes)
    return frauds, part.unique("event_id", keep="first", maintain_order=True), Crews(ours["typology"].to_list(), seed)


def _first(time_us: Index, campaign: Index, takes: Mask) -> Index:
    """When the campaign of each event first takes money that day; NEVER_US where it takes none."""
    told = pl.DataFrame({"campaign": campaign, "time_us": time_us, "takes": takes})
    first = pl.col("time_us").filter(pl.col("takes")).min().over("campaign")
    return told.select(first.fill_null(NEVER_US)).to_series().to_numpy()


def _us(local: object) -> int:
    """A wall clock of Seoul in microseconds UTC."""
    return int(np.datetime64(local, "us").astype(np.int64)) - SEOUL_US  # type: ignore[call-overload]
