"""What a model was trained on, as histograms of fixed bins, so that years can be compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt
from numba import njit

import haechi.features  # noqa: F401  its door says where compiled code is kept
from haechi.detectors.artifact import write_whole

__all__ = ["BINS", "FILE", "Reference", "tally"]

BINS = 10  # of known values; one more stands for missing ones
FILE = "reference.bin"
HASH_CHARS = 12
ROWS_MIN = 1_000
Rows = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reference:
    """Edges float32 [features, BINS - 1], padded with infinity; counts int64 [features, BINS + 1], missing last."""

    names: tuple[str, ...]
    edges: Rows
    counts: Counts
    since: str = "the training set"

    @classmethod
    def of(
        cls, rows: Rows, names: tuple[str, ...], *, edges: Rows | None = None, since: str = "the training set"
    ) -> Reference:
        """Count rows into bins of equal mass, or into those that are given, which keep years comparable."""
        bins = _edges(rows) if edges is None else edges
        counts = np.zeros((len(names), BINS + 1), np.int64)
        tally(np.ascontiguousarray(rows, np.float32), bins, counts)
        return cls(names, bins, counts, since)

    @cached_property
    def bins_hash(self) -> str:
        """A short name of the bins: counts under the same name may be compared."""
        return hashlib.sha256(self.edges.tobytes() + "\0".join(self.names).encode()).hexdigest()[:HASH_CHARS]

    def write(self, folder: Path) -> None:
        """Keep it beside its model."""
        write_whole(folder / FILE, msgspec.msgpack.encode({
            "names": self.names, "edges": self.edges.astype("<f4").tobytes(),
            "counts": self.counts.astype("<i8").tobytes(), "since": self.since,
        }))  # fmt: skip

    @classmethod
    def read(cls, folder: Path) -> Reference | None:
        """The reference of the model in a folder; None where none was kept, or one that cannot be read."""
        try:
            told: dict[str, Any] = msgspec.msgpack.decode((folder / FILE).read_bytes())
            n = len(told["names"])
            edges = np.frombuffer(told["edges"], "<f4").reshape(n, BINS - 1)
            counts = np.frombuffer(told["counts"], "<i8").reshape(n, BINS + 1)
        except (OSError, KeyError, TypeError, ValueError, msgspec.DecodeError):
            return None
        return cls(tuple(told["names"]), edges, counts, told["since"])


def _edges(rows: Rows) -> Rows:
    """Nine deciles a column; equal ones are one edge, and what is over is infinite."""
    out = np.full((rows.shape[1], BINS - 1), np.inf, np.float32)
    for at in range(rows.shape[1]):
        known = rows[:, at][np.isfinite(rows[:, at])]
        if len(known):
            cut = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="lower"))
            cut = cut[cut < known.max()]  # an edge at the largest value would divide nothing
            out[at, : len(cut)] = cut
    return out


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def tally(rows: Any, edges: Any, counts: Any) -> None:
    """Count every value into its bin: the first whose edge it does not exceed."""
    last, features = edges.shape[1], rows.shape[1]
    across = edges.T.copy()  # one edge of all features after another: the machine compares eight at once
    bins = np.empty(features, np.int32)
    for r in range(rows.shape[0]):
        row = rows[r]
        for f in range(features):
            bins[f] = 0 if row[f] == row[f] else last + 1
        for b in range(last):
            edge = across[b]
            for f in range(features):
                bins[f] += np.int32(row[f] > edge[f])
        for f in range(features):
            counts[f, bins[f]] += 1


def sampled(rows: int, wanted: int, seed: int) -> npt.NDArray[np.int64]:
    """Positions of an even draw, in order."""
    if rows <= wanted:
        return np.arange(rows)
    drawn = np.random.default_rng(seed).choice(rows, wanted, replace=False)
    return cast(npt.NDArray[np.int64], np.sort(drawn))
