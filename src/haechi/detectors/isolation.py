"""Isolation forest: how quickly random cuts set an event apart (Liu, Ting and Zhou, ICDM 2008). An opinion of its own.

It sees what a sum of surprises cannot: combinations that nobody has. Trees are scikit-learn's, laid out as those of a
boosted forest, so that they are walked as fast, and equal to its scores within 1e-9 (tested). On bits the trees can be
grown before anything was seen: calibrated bits have the same distribution everywhere, exponential with one bit of
half-life, so that a fresh home has its forest on the first day; `haechi train` grows it on the home's own events.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from math import log, log2
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.detectors.forest import NODE, UNKNOWN_GOES_LEFT, Forest, Rows
from haechi.detectors.frequency import BITS_MIN
from haechi.detectors.usual import ALL_KINDS, whole
from haechi.events import Event, Reason, Signal
from haechi.features import Known, Spec
from haechi.features.jit import brief

__all__ = ["Isolation", "IsolationForest", "bits_columns", "fresh", "grow"]

NAME = "isolation"
TREES, SAMPLE = 100, 256
REFERENCE_ROWS = 4_096
FRESH_SEED = 20_241_025
FRESH_ABSENT = 0.25  # share of events to which a kind does not apply, in the reference of a fresh home
EULER = 0.5772156649015329
VERSION_CHARS = 12

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class IsolationForest:
    """A forest whose leaves hold the length of the path, and the scores of a reference sample in rising order."""

    forest: Forest
    columns: npt.NDArray[np.int64]
    sample: int
    reference: Floats

    def score(self, rows: Rows) -> Floats:
        """From 0 (deep in the crowd) to 1 (set apart at once), of whole rows."""
        scores, one_in = np.empty((2, len(rows)))
        self.judge(rows, self.forest.score(rows), scores, one_in)
        return scores

    def judge(self, rows: Rows, paths: Floats, scores: Floats, one_in: Floats) -> None:
        """Scores of rows whose paths are that long, and how rare the like is in the reference sample.

        The sample can prove no more than its own size. A row of which nothing is known is as common as anything.
        """
        usual = len(self.forest.roots) * average_path(self.sample)
        rarities(rows, self.columns, paths, usual, self.reference, scores, one_in)

    @property
    def version(self) -> str:
        """A name made from the content."""
        digest = hashlib.sha256(self.forest.nodes.tobytes() + self.columns.tobytes())
        return digest.hexdigest()[:VERSION_CHARS]


class Isolation:
    """Judges by how quickly the row is set apart."""

    def __init__(self, forest: IsolationForest) -> None:
        """`forest` must have been grown for rows of the memory's features."""
        self.name, self.version = NAME, forest.version
        self._forest = forest

    def judge(self, event: Event, known: Known) -> Signal:
        """How rare the event is; an event that is no behaviour is as common as anything."""
        return self.judge_row(known)

    def judge_row(self, known: Known) -> Signal:
        """The same: the row is all that it looks at."""
        scores, one_in = np.empty((2, 1))
        path = self._forest.forest.score_one(known.row)
        self._forest.judge(known.row[None, :], np.array([path]), scores, one_in)
        return Signal(self.name, scores.item(), self.version, one_in=one_in.item())

    def judge_rows(self, rows: Rows, scores: Floats, one_in: Floats) -> None:
        """The same of many rows at once, written into columns."""
        self._forest.judge(rows, self._forest.forest.score(rows), scores, one_in)

    def explain(self, event: Event, known: Known, signal: Signal, top: int = 5) -> tuple[Reason, ...]:
        """That the combination is rare, where the sum is not; else behaviour tells more, from the same numbers."""
        if known.value("behaviour.surprise_run") >= BITS_MIN or log2(signal.one_in) < BITS_MIN:
            return ()
        return (whole(log2(signal.one_in), ALL_KINDS),)


def bits_columns(spec: Spec) -> npt.NDArray[np.int64]:
    """Where the bits of each kind of surprise stand in the row, and their heat."""
    wanted = [n for n in spec.names if n.startswith("behaviour.surprise_")]
    views = ("habit", "counterpart", "burst", "drain", "all", "run")
    return np.array([spec.index(n) for n in wanted if n.rpartition("_")[2] not in views], np.int64)


def fresh(spec: Spec) -> IsolationForest:
    """A forest for a home that has seen nothing: grown on independent bits, as calibration promises them."""
    columns = bits_columns(spec)
    r = np.random.default_rng(FRESH_SEED)
    bits = r.exponential(1.0 / log(2.0), (REFERENCE_ROWS, len(columns)))
    bits[r.random(bits.shape) < FRESH_ABSENT] = np.nan
    rows = np.full((REFERENCE_ROWS, len(spec.names)), np.nan, np.float32)
    rows[:, columns] = bits
    return grow(rows, columns, seed=FRESH_SEED)


def grow(rows: Rows, columns: npt.NDArray[np.int64], *, seed: int, trees: int = TREES) -> IsolationForest:
    """Grow a forest on whole rows, of which it sees some columns; unknown values count as 0."""
    from sklearn.ensemble import IsolationForest as Grower

    seen = np.nan_to_num(rows[:, columns], nan=0.0).astype(np.float32)
    grown = Grower(n_estimators=trees, max_samples=min(SAMPLE, len(seen)), random_state=seed).fit(seen)
    return flatten(grown, columns, rows[:: max(len(rows) // REFERENCE_ROWS, 1)])


def flatten(grown: Any, columns: npt.NDArray[np.int64], reference: Rows) -> IsolationForest:
    """The same trees, leaves holding their depth and what their rows would still have to be cut."""
    parts, values, roots, first = [], [], [], 0
    for estimator, chosen in zip(grown.estimators_, grown.estimators_features_, strict=True):
        nodes, paths = _flat(estimator.tree_, columns[chosen], first)
        parts.append(nodes)
        values.append(paths)
        roots.append(first)
        first += len(nodes)
    forest = Forest(
        np.concatenate(parts), np.concatenate(values), np.array(roots, np.int32), np.zeros(1, np.uint32),
        reference.shape[1], max(int(e.tree_.max_depth) for e in grown.estimators_),
    )  # fmt: skip
    bare = IsolationForest(forest, columns, int(grown.max_samples_), np.zeros(0))
    return replace(bare, reference=np.sort(bare.score(reference)))


def _flat(tree: Any, columns: npt.NDArray[np.int64], first: int) -> tuple[npt.NDArray[Any], Floats]:
    """One tree breadth-first, children side by side, from place `first` on; and the length of the path to each node."""
    order, left, depth = [0], np.full(tree.node_count, -1), np.zeros(tree.node_count)
    for at, node in enumerate(order):
        if tree.children_left[node] >= 0:
            left[at] = len(order)
            depth[[len(order), len(order) + 1]] = depth[at] + 1.0
            order += [tree.children_left[node], tree.children_right[node]]
    nodes, inner, threshold = np.zeros(len(order), NODE), left >= 0, tree.threshold[order]
    nodes["left"] = np.where(inner, left + first, -1)
    nodes["feature"][inner] = columns[tree.feature[order][inner]]
    # Rows are float32: x <= threshold answers alike for the next float32 below it.
    near = threshold.astype(np.float32)
    nodes["threshold"] = np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
    # NaN counts as 0, as it did when the trees were grown.
    nodes["flags"] = np.where(inner & (threshold >= 0.0), UNKNOWN_GOES_LEFT, 0)
    return nodes, depth + np.array([average_path(int(n)) for n in tree.n_node_samples[order]])


@brief
def rarities(rows: Any, columns: Any, paths: Any, usual: float, reference: Any, scores: Any, one_in: Any) -> None:
    """See IsolationForest.judge; `usual` is the path of an ordinary row, reference: float64, rising."""
    n = len(reference)
    for i in range(len(rows)):
        known = False
        for column in columns:
            known |= rows[i, column] == rows[i, column]
        scores[i] = 2.0 ** (-paths[i] / usual) if known else 0.0
        one_in[i] = (n + 1.0) / (n - np.searchsorted(reference, scores[i]) + 1.0) if known else 1.0


def average_path(n: int) -> float:
    """Average depth at which n random points are set apart (equation 1 of the paper)."""
    if n <= 1:
        return 0.0
    return 1.0 if n == 2 else 2.0 * (log(n - 1.0) + EULER) - 2.0 * (n - 1.0) / n
