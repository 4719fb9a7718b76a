"""The difficulty gate of a town: its events become raw fields and features, two models compete, limits are checked.

Judged are the kinds that somebody decides: payments, transfers, withdrawals. The first part of the town teaches and the
last part is judged; events whose labels had no time to arrive teach nothing. Every fraud is kept, and of the other
events an even draw, each of which then stands for as many as were passed over: figures stay those of the whole town.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from haechi.commands.screen import Bars, console
from haechi.events import Schema, read_frames
from haechi.features import default_spec
from haechi.features.replay import replay
from haechi.learning.dataset import DAY_US, Index, Mask, Rows
from haechi.learning.difficulty import Difficulty, Sampled, measure
from haechi.learning.errors import BadProtocol
from haechi.learning.raw import RawFields
from haechi.town.report.folder import SEOUL_US, TownFolder

JUDGED_KINDS = ("payment", "transfer", "withdrawal")
TEACH_SHARE = 0.7  # of the town's time; what follows is judged
LABEL_GAP_US = 7 * DAY_US  # events younger than this at the border do not teach: their labels are on the way
OTHERS_TAUGHT, OTHERS_JUDGED = 150_000, 300_000  # about so many events that are no fraud are drawn
NOT_RAW = {"id", "time", "fraud", "known_at"}
WANTED = {
    "fraud_share": "0.05 % to 0.3 % of events are fraud",
    "raw_auc": "AUC of raw fields from 0.70 to 0.85",
    "raw_ap": "AP of raw fields below 0.35",
    "field_auc_max": "no single field above AUC 0.75",
    "gain": "Haechi's AP at least twice that of raw fields",
}


@dataclass(frozen=True)
class Span:
    """When a town begins, which moment divides it, and how many events there are on either side."""

    border_us: int
    events: int
    before: int
    after: int


def gate(folder: TownFolder, *, seed: int = 0, shown: Bars) -> Difficulty:
    """Measure how hard a finished town is; BadProtocol when it is too small to tell."""
    frauds = _frauds(folder)
    span = _span(folder)
    sample = _sample(folder, span, frauds, seed)
    with TemporaryDirectory(prefix="haechi-gate-") as scratch:
        features = _features(folder, sample["id"], Path(scratch), shown, span.events)
    ids = frozenset(Schema.read("bank").entity_names)
    sampled = _sampled(sample, features, span, tuple(ids))
    fraud_share = len(frauds) / span.events
    return measure(sampled, fraud_share, seed=seed, progress=lambda step, part: shown.reach(step, part))


def _frauds(folder: TownFolder) -> pl.Series:
    """The ids of all payments, transfers and withdrawals that are truly fraud."""
    found = folder.fraud_ids().select("event_id").collect(engine="streaming")["event_id"]
    kinds = folder.events().filter(pl.col("kind").is_in(JUDGED_KINDS) & pl.col("id").is_in(found.implode()))
    return kinds.select("id").collect(engine="streaming")["id"]


def _span(folder: TownFolder) -> Span:
    times = folder.events().select(events=pl.len(), first=pl.col("at").min(), last=pl.col("at").max())
    told = times.collect(engine="streaming").row(0, named=True)
    border = told["first"] + TEACH_SHARE * (told["last"] - told["first"])
    judged = folder.events().filter(pl.col("kind").is_in(JUDGED_KINDS))
    counts = judged.select(before=(pl.col("at") < border).sum(), after=(pl.col("at") >= border).sum())
    before, after = counts.collect(engine="streaming").row(0)
    border_us = int((border - border.replace(1970, 1, 1, 0, 0, 0, 0)).total_seconds() * 1_000_000) - SEOUL_US
    return Span(border_us, told["events"], before, after)


def _sample(folder: TownFolder, span: Span, frauds: pl.Series, seed: int) -> pl.DataFrame:
    """Every fraud, every event called one, and an even draw of the others, with their weights."""
    accused = folder.accusations.select("event_id", "known")
    rng, parts = np.random.default_rng([seed, 61]), []
    for frame in folder.rows():
        judged = frame.filter(pl.col("kind").is_in(JUDGED_KINDS)).join(
            accused, left_on="id", right_on="event_id", how="left", maintain_order="left")  # fmt: skip
        time_us = judged["at"].cast(pl.Int64) - SEOUL_US
        rate = np.where(time_us.to_numpy() < span.border_us, OTHERS_TAUGHT / max(span.before, 1),
                        OTHERS_JUDGED / max(span.after, 1)).clip(max=1.0)  # fmt: skip
        true = judged["id"].is_in(frauds.implode()).to_numpy()
        always = true | judged["known"].is_not_null().to_numpy()
        kept = always | (rng.random(judged.height) < rate)
        known_us = judged["known"].cast(pl.Int64) - SEOUL_US
        told = judged.drop("at", "known").with_columns(
            _time_us=time_us,
            _true=pl.Series(true),
            _known_us=known_us,
            _weight=pl.Series(np.where(always, 1.0, 1 / rate)),
        )
        parts.append(told.filter(pl.Series(kept)))
    drawn = pl.concat(parts, how="diagonal_relaxed")
    return drawn.join(_kinds(folder), left_on="id", right_on="event_id", how="left", maintain_order="left")


def _kinds(folder: TownFolder) -> pl.DataFrame:
    """Which typology the events of frauds belong to."""
    frauds = folder.campaigns().lazy().filter("is_fraud").select("campaign_id", _kind="typology")
    return folder.truth().join(frauds, on="campaign_id").select("event_id", "_kind").unique("event_id").collect()


def _features(folder: TownFolder, ids: pl.Series, scratch: Path, shown: Bars, events: int) -> Rows:
    """Feature rows of the sampled events, from a replay of everything that happened, labels flowing as they came."""
    schema = Schema.read("bank")
    frames = read_frames(schema, folder.labelled(scratch / "events.parquet"))
    done = replay(
        default_spec(frames.schema),
        frames,
        keep=lambda frame: frame["id"].is_in(ids.implode()).to_numpy(),
        columns=("id",),
        progress=lambda rows: shown.advance("replay", rows, total=events),
    )
    order = done.frame.with_row_index("place").select("id", "place")
    places = pl.DataFrame({"id": ids}).join(order, on="id", how="left", maintain_order="left")["place"]
    if places.null_count():
        raise BadProtocol(f"{places.null_count()} events were refused by the schema bank: "
                          f"check the town with `haechi schema check bank {folder.event_files[0]}`")  # fmt: skip
    rows: Rows = done.features[places.to_numpy()]
    return rows


def _sampled(sample: pl.DataFrame, features: Rows, span: Span, ids: tuple[str, ...]) -> Sampled:
    time_us: Index = sample["_time_us"].to_numpy()
    weight = sample["_weight"].to_numpy()
    known: Mask = (sample["_known_us"].fill_null(np.iinfo(np.int64).max) <= span.border_us).to_numpy()
    teach = np.flatnonzero(time_us < span.border_us - LABEL_GAP_US)
    judge = np.flatnonzero(time_us >= span.border_us)
    raw = sample.drop([name for name in sample.columns if name in NOT_RAW or name.startswith("_")])
    raw = raw.with_columns(id_=sample["id"]).select([s.name for s in raw if s.null_count() < len(s)] + ["id_"])
    fields = RawFields.learn(raw[teach], known[teach], weight[teach], [*ids, "id_"])
    numbers = fields.fields(raw, time_us, SEOUL_US)
    true, kinds = sample["_true"].to_numpy(), sample["_kind"].to_numpy()
    return Sampled(numbers, fields.ids, features, known, true, weight, teach, judge, kinds)


def figures(found: Difficulty) -> dict[str, Any]:
    """What was measured, as plain values."""
    return {
        "holds": found.holds,
        "checks": {
            c.name: {
                "value": c.value,
                "low": c.low,
                "high": round(c.high, 6) if isfinite(c.high) else None,
                "holds": c.holds,
            }
            for c in found.checks
        },
        "raw": {"auc": found.raw.auc, "ap": found.raw.ap},
        "haechi": {"auc": found.haechi.auc, "ap": found.haechi.ap},
        "raw_by_plan": {name: {"auc": r.auc, "ap": r.ap} for name, r in found.by_plan.items()},
        "auc_by_field": found.by_field,
        "auc_by_typology": found.by_kind,
        **found.counts,
    }


def show(found: Difficulty) -> None:
    """The conditions and the strongest fields, as a person reads them."""
    from rich.table import Table

    out, counts = console(), found.counts
    for part, what in (("taught", "teach"), ("judged", "are judged")):
        frauds = f"{counts[f'{part}_frauds']:,} {'known as' if part == 'taught' else 'truly'} fraud"
        out.print(f"{counts[part]:,} events {what} ({counts[f'{part}_rows']:,} of them drawn, {frauds})")
    table = Table(title="difficulty gate", title_justify="left")
    for name in ("wanted", "found", ""):
        table.add_column(name, justify="right" if name == "found" else "left")
    for check in found.checks:
        value = f"{check.value:.3%}" if check.name == "fraud_share" else f"{check.value:.3f}"
        table.add_row(WANTED[check.name], value, "holds" if check.holds else "FAILS")
    out.print(table)
    out.print(f"Haechi's features: AUC {found.haechi.auc:.3f}, AP {found.haechi.ap:.3f}; raw fields: "
              f"AUC {found.raw.auc:.3f}, AP {found.raw.ap:.3f}")  # fmt: skip
    strongest = list(found.by_field.items())[:8]
    out.print("strongest single fields: " + ", ".join(f"{name} {auc:.3f}" for name, auc in strongest))
    hardest = ", ".join(f"{name} {auc:.3f}" for name, auc in list(found.by_kind.items())[:8])
    out.print(f"hardest frauds for Haechi, AUC of each kind alone: {hardest}")
