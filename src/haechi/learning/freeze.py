"""Freeze a data set: who teaches, how much each counts, and the card that says what is in it.

* A label teaches when it was known at the cut and its event is older than the gap, which the maturity curve gives.
* An event that was decided here, is older than the gap and was never complained about teaches as legitimate, unless the
  practice says otherwise; the memory is never told so, for nobody confirmed it. Imported events without a label teach
  nothing: unlabelled is not legitimate.
* What was stopped has no outcome. The policy lets a small share of it through (`release_share`); each of those stands
  for itself and for its part of the stopped ones of which nobody knows the outcome, up to `RELEASED_WEIGHT_MAX`.
  Nothing was released: then the model learns nothing about such events, and the card says so.
* A label weighs what its kind is reliable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from haechi.events import Schema
from haechi.features import Spec
from haechi.learning.dataset import DAY_US
from haechi.learning.errors import BadProtocol
from haechi.learning.frozen import EVENTS, SCHEMA, DataSet, DataSets, file_hash
from haechi.learning.labels import delays, last_words, revised
from haechi.learning.maturity import FRAUDS_MIN, Maturity, estimate, seen
from haechi.learning.practice import Learning
from haechi.learning.protocol import stamp
from haechi.learning.shift import Profile, profile_of, shifts

STOPPED = ("hold", "block")
RELEASED_WEIGHT_MAX = 50.0
PRESUMED = "presumed"
TOLD_BY_MAX = 50


@dataclass(frozen=True)
class Cut:
    """Where and how a data set is cut."""

    until_us: int
    as_of_us: int | None
    gap_us: int
    curve: Maturity


def freeze(
    sets: DataSets,
    frames: Iterable[pl.DataFrame],
    labels: pl.DataFrame,
    schema: Schema,
    spec: Spec,
    *,
    until_us: int,
    as_of_us: int | None,
    practice: Learning,
    overrides: dict[str, Any] | None,
    now_us: int,
) -> DataSet:
    """Make a data set of frames in time order, which are gone through twice, and of every label ever told."""
    frames = _Until(frames, until_us)
    cut = _cut(frames, until_us, as_of_us, practice)
    outcome = _selection(frames)
    draft = sets.folder / "draft"
    _fresh(draft)
    document = {"schema": dict(schema.document), "overrides": overrides}
    # In its own order: that of categories and entities is part of what the features are.
    (draft / SCHEMA).write_bytes(msgspec.json.encode(document))
    tally = _Tally(cut)
    for i, frame in enumerate(frames):
        taught = _taught(frame, cut, practice, outcome)
        taught.write_parquet(draft / EVENTS / f"{i:06d}.parquet", compression="zstd")
        tally.add(taught)
    if not tally.events:
        raise BadProtocol(f"there are no events before {stamp(until_us)}: import history, or cut later")
    before = sets.all()
    card = _card(tally, cut, outcome, labels, spec, before[-1] if before else None, draft)
    return sets.keep(draft, card | {"made_us": now_us})


@dataclass(frozen=True)
class _Until:
    """Frames up to a moment, without the labels that came later."""

    frames: Iterable[pl.DataFrame]
    until_us: int

    def __iter__(self) -> Iterator[pl.DataFrame]:
        late = pl.max_horizontal("known_at_us", "time_us") > self.until_us
        for frame in self.frames:
            kept = frame.filter(pl.col("time_us") <= self.until_us)
            if kept.height:
                yield kept.with_columns(pl.when(late).then(-1).otherwise("label").cast(pl.Int8).alias("label"))


def _fresh(draft: Path) -> None:
    import shutil

    shutil.rmtree(draft, ignore_errors=True)
    (draft / EVENTS).mkdir(parents=True)


def _cut(frames: Iterable[pl.DataFrame], until_us: int, as_of_us: int | None, practice: Learning) -> Cut:
    """The gap from the frauds known at the cut."""
    known = [
        frame.filter(pl.col("label") == 1).select("time_us", pl.max_horizontal("known_at_us", "time_us").alias("known"))
        for frame in frames
    ]
    frauds = pl.concat(known) if known else pl.DataFrame(schema={"time_us": pl.Int64, "known": pl.Int64})
    time, known_us = frauds["time_us"].to_numpy(), frauds["known"].to_numpy()
    curve = estimate(known_us - time, until_us - time)
    return Cut(until_us, as_of_us, curve.gap_us(practice.mature_share), curve)


def _selection(frames: Iterable[pl.DataFrame]) -> dict[str, float]:
    """How many events would have been stopped, how many of them were released, and of how many nobody knows more."""
    stopped = released = unknown = 0
    for frame in frames:
        actions, let = frame["said:action"], frame["said:released"].fill_null("") != ""
        held = actions.is_in(list(STOPPED)).fill_null(False)
        stopped += int(held.sum())
        released += int(let.sum())
        unknown += int((held & (frame["label"] < 0)).sum())
    weight = min(1.0 + unknown / released, RELEASED_WEIGHT_MAX) if released else 1.0
    return {"stopped": stopped, "released": released, "stopped_without_outcome": unknown, "weight_of_a_release": weight}


def _taught(frame: pl.DataFrame, cut: Cut, practice: Learning, outcome: dict[str, float]) -> pl.DataFrame:
    """Who teaches in one frame, and how much."""
    mature = pl.col("time_us") <= cut.until_us - cut.gap_us
    known = (pl.col("label") >= 0) & (pl.max_horizontal("known_at_us", "time_us") <= cut.until_us)
    acted = pl.col("said:action").is_not_null() & ~pl.col("said:action").is_in(list(STOPPED))
    presumed = (pl.col("label") < 0) & acted & pl.lit(practice.presume_legitimate)
    kind = pl.when(known).then("said:kind").when(presumed).then(pl.lit(PRESUMED))
    reliable = pl.col("said:kind").replace_strict(
        [*practice.reliability, PRESUMED], [*practice.reliability.values(), 1.0], default=1.0, return_dtype=pl.Float64
    )
    released = pl.when(pl.col("said:released").fill_null("") != "").then(outcome["weight_of_a_release"]).otherwise(1.0)
    return frame.with_columns(kind.alias("said:kind")).with_columns(
        pl.when(mature & known).then(pl.col("label")).when(mature & presumed).then(0).otherwise(-1)
        .cast(pl.Int8).alias("taught"),
        (reliable * released).alias("weight"),
        pl.when(presumed).then(pl.col("time_us") + cut.gap_us).otherwise(pl.col("known_at_us")).alias("taught_at_us"),
    )  # fmt: skip


class _Tally:
    """What the card says about events, counted frame by frame."""

    def __init__(self, cut: Cut) -> None:
        self.cut, self.seen = cut, 0.0
        self.events = self.first_us = self.last_us = 0
        self.taught = {"fraud": 0, "legitimate": 0, "unknown": 0}
        self.by_kind: dict[str, dict[str, int]] = {}
        self.by_typology: dict[str, int] = {}
        self.by_person: dict[str, int] = {}
        self.known_frauds = 0
        self.profile = Profile()

    def add(self, frame: pl.DataFrame) -> None:
        """Count a frame."""
        self.first_us = self.first_us if self.events else int(frame["time_us"][0])
        self.last_us = int(frame["time_us"][-1])
        self.events += frame.height
        self.seen += seen(self.cut.until_us - frame["time_us"].to_numpy(), self.cut.curve)
        for value, name in ((1, "fraud"), (0, "legitimate"), (-1, "unknown")):
            self.taught[name] += int((frame["taught"] == value).sum())
        self.known_frauds += int((frame["label"] == 1).sum())
        kinds = frame.filter(pl.col("taught") >= 0).group_by("said:kind", "taught").len()
        for kind, taught, count in kinds.iter_rows():
            counts = self.by_kind.setdefault(kind or "import", {"fraud": 0, "legitimate": 0})
            counts["fraud" if taught else "legitimate"] += count
        for who, count in frame.filter(pl.col("taught") >= 0).group_by("said:who").len().iter_rows():
            self.by_person[who or "import"] = self.by_person.get(who or "import", 0) + count
        for typology, count in frame.filter(pl.col("taught") == 1).group_by("said:typology").len().iter_rows():
            self.by_typology[typology or ""] = self.by_typology.get(typology or "", 0) + count
        self.profile.add(profile_of(frame))


def _card(
    tally: _Tally,
    cut: Cut,
    outcome: dict[str, float],
    labels: pl.DataFrame,
    spec: Spec,
    before: DataSet | None,
    draft: Path,
) -> dict[str, Any]:
    """The data card: spans, counts, sources, missing values, shifts, selection and hashes."""
    known = last_words(labels, cut.until_us, cut.as_of_us)
    profile = tally.profile.document()
    return {
        "until_us": cut.until_us,
        "until": stamp(cut.until_us),
        "as_of": None if cut.as_of_us is None else stamp(cut.as_of_us),
        "spans": {
            "first": stamp(tally.first_us),
            "last": stamp(tally.last_us),
            "taught_until": stamp(cut.until_us - cut.gap_us),
        },
        "events": tally.events,
        "taught": tally.taught,
        "label_sources": tally.by_kind,
        "told_by": most(tally.by_person, TOLD_BY_MAX),
        "typologies": tally.by_typology,
        "labels": {
            "told": labels.height,
            "events": known.height,
            "revised": revised(labels),
            "delays": [one._asdict() for one in delays(labels)],
        },
        "maturity": cut.curve.document() | {"gap_days": cut.gap_us / DAY_US, "enough_frauds": FRAUDS_MIN},
        "base_rate": {
            "known": tally.known_frauds / tally.events,
            "corrected": tally.known_frauds / tally.seen if tally.seen else None,
            "share_known": tally.seen / tally.events,
        },
        "selection": outcome,
        "columns": profile,
        "shifts": {} if before is None else {"against": before.hash, "psi": shifts(before.card["columns"], profile)},
        "spec_hash": spec.hash,
        "features": len(spec.features),
        "hashes": {
            "events": {path.name: file_hash(path) for path in sorted((draft / EVENTS).iterdir())},
            "labels": _hash(known),
            "schema": file_hash(draft / SCHEMA),
        },
    }


def most(counts: dict[str, int], limit: int) -> dict[str, int]:
    """The largest counts by name, and the others together as `others`."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rest = sum(count for _, count in ranked[limit:])
    return dict(ranked[:limit]) | ({"others": rest} if rest else {})


def _hash(table: pl.DataFrame) -> str:
    import hashlib

    return hashlib.sha256(table.write_csv().encode()).hexdigest()
