"""What goes over the wire about labels and data sets."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta


class LabelDelay(msgspec.Struct):
    """How long frauds of one source and typology took until somebody said so."""

    kind: Annotated[str, Meta(description="How it was found out; `all` of them together.")]
    typology: Annotated[str, Meta(description="Which fraud; `all`, or empty where nobody said.")]
    labels: int
    median_s: float
    p90_s: float


class LabelDelays(msgspec.Struct):
    """Delays of the newest labels."""

    labels: int
    newest: Annotated[int, Meta(description="Delays are taken from at most so many labels, the newest.")]
    revised: Annotated[int, Meta(description="Events that one word calls fraud and another does not.")]
    delays: list[LabelDelay]


class DataSet(msgspec.Struct):
    """The card of a data set: what it holds and what screening found; more in docs/learning.md."""

    hash: str
    made_us: int
    until: str
    spans: dict[str, str]
    events: int
    taught: dict[str, int]
    label_sources: dict[str, dict[str, int]]
    labels: dict[str, Any]
    maturity: dict[str, Any]
    base_rate: dict[str, Any]
    selection: dict[str, float]
    shifts: dict[str, Any]
    hashes: dict[str, Any]
    spec_hash: str
    screening: list[dict[str, Any]] = []
    columns: dict[str, Any] = {}


class DataSets(msgspec.Struct):
    """Every data set of a home."""

    datasets: list[DataSet]
