"""Data sets for the tests of this room, frozen from the small histories of `making`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from haechi.features import default_spec
from haechi.learning.dataset import DAY_US
from haechi.learning.freeze import freeze
from haechi.learning.frozen import DataSet, DataSets
from haechi.learning.labels import table_of
from haechi.learning.practice import Learning

from .making import SCHEMA, START_US, frames

UNTIL_US = START_US + 40 * DAY_US
SAID = {
    "said:kind": pl.String, "said:who": pl.String, "said:typology": pl.String, "said:action": pl.String,
    "said:score": pl.Float64, "said:ruled": pl.Boolean, "said:released": pl.String,
}  # fmt: skip


def said(frame: pl.DataFrame, **given: pl.Series | str) -> pl.DataFrame:
    """A frame with what was said and decided; imported labels, nothing decided, unless given."""
    missing = [pl.lit(None, kind).alias(name) for name, kind in SAID.items()]
    frame = frame.with_columns(missing).with_columns(
        pl.when(pl.col("label") >= 0).then(pl.lit("import")).alias("said:kind")
    )
    return frame.with_columns(
        [pl.lit(v, SAID[f"said:{k}"]).alias(f"said:{k}") if isinstance(v, str) else v.alias(f"said:{k}")
         for k, v in given.items()]
    )  # fmt: skip


def history(**changes) -> list[pl.DataFrame]:
    """The small history in three frames; `changes` are columns put over its own."""
    whole = pl.concat(frames())
    whole = said(whole).with_columns([v.alias(k) for k, v in changes.items()])
    return [whole.slice(i, 1500) for i in range(0, whole.height, 1500)]


def frozen(folder: Path, of: list[pl.DataFrame] | None = None, labels=(), **changes) -> DataSet:
    """A data set of the small history."""
    options = {"until_us": UNTIL_US, "as_of_us": None, "practice": Learning(), "overrides": None, "now_us": 7}
    of = history() if of is None else of
    table = labels if isinstance(labels, pl.DataFrame) else table_of(labels)
    return freeze(DataSets(folder), of, table, SCHEMA, default_spec(SCHEMA), **(options | changes))


def rng() -> np.random.Generator:
    """The same dice for every test."""
    return np.random.default_rng(5)
