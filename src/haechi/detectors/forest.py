"""A LightGBM model as one flat array that compiled code walks in microseconds.

A node is 16 bytes: threshold, feature, left child (the right one stands beside it), flags. Trees lie breadth-first, one
after another. Rows are float32 while LightGBM compares float64: every threshold is rounded down to the next float32, so
that `x <= threshold` answers alike for every float32 x. What LightGBM does with a missing value is worked out when the
forest is built and kept as one flag: which way "unknown" goes.

`prove_equal` holds our walk against LightGBM's own; a model that differs anywhere is refused, never used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
from numba import njit

import haechi.features  # noqa: F401  its door says where compiled code is kept
from haechi.detectors.abreast import ROWS_MIN, Abreast
from haechi.detectors.errors import ForestMismatch, UnsupportedForest
from haechi.detectors.lightgbm_text import Tree, read_model

Rows = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

NODE = np.dtype([("threshold", "f4"), ("feature", "i4"), ("left", "i4"), ("flags", "i4")])
UNKNOWN_GOES_LEFT, ZERO_IS_MISSING, CATEGORICAL = 1, 2, 4
RARE = ZERO_IS_MISSING | CATEGORICAL
FLAG_BITS = 3
# LightGBM takes anything closer to nothing than this for zero (kZeroThreshold in its meta.h).
ZERO = np.float32(1e-35)
# Deepest path that the Shapley weights of shapley.py are tabled for.
DEPTH_MAX = 60
# Two ways of adding the same leaves may differ by this much, relative to the sum of their sizes.
ROUNDING = 1e-12


@dataclass(frozen=True)
class View:
    """Which columns of a whole row a model was trained on."""

    chosen: npt.NDArray[np.int64]
    width: int

    @classmethod
    def whole(cls, width: int) -> View:
        """Every column."""
        return cls(np.arange(width), width)


@dataclass(frozen=True)
class Forest:
    """Trees as flat arrays; the score of a row is the sum of one leaf a tree, in log-odds."""

    nodes: npt.NDArray[Any]
    values: Scores
    roots: npt.NDArray[np.int32]
    bits: npt.NDArray[np.uint32]
    feature_count: int
    depth: int

    @property
    def size(self) -> float:
        """The largest score that the trees can give, about."""
        return float(np.abs(self.values).max(initial=0.0)) * len(self.roots)

    def score(self, rows: Rows) -> Scores:
        """Log-odds of every row."""
        rows = self._checked(rows)
        if len(rows) >= ROWS_MIN and self._abreast is not None:
            return self._abreast.score(rows)
        out = np.empty(len(rows))
        walk_rows(self.nodes, self.values, self.roots, self.bits, rows, out)
        return out

    @cached_property
    def _abreast(self) -> Abreast | None:
        """The way for many rows; None where a split is on a set of categories, or takes zero for missing."""
        inner = self.nodes["left"] >= 0
        if (self.nodes["flags"][inner] & RARE).any():
            return None
        return Abreast(self.nodes, self.values, self.roots)

    def score_one(self, row: Rows) -> float:
        """Log-odds of one row: the hot path, no checks."""
        return cast(float, walk(self.nodes, self.values, self.roots, self.bits, row))

    def staged(self, rows: Rows, tree_counts: Sequence[int]) -> Scores:
        """Log-odds of every row after the first so many trees, one column a count."""
        out = np.empty((len(rows), len(tree_counts)))
        stops = np.array(tree_counts, dtype=np.int64)
        walk_stages(self.nodes, self.values, self.roots, self.bits, self._checked(rows), stops, out)
        return out

    def cut(self, trees: int) -> Forest:
        """The same forest with only its first trees."""
        end = int(self.roots[trees]) if trees < len(self.roots) else len(self.nodes)
        return Forest(
            self.nodes[:end], self.values[:end], self.roots[:trees], self.bits, self.feature_count, self.depth
        )

    def seen_through(self, view: View) -> Forest:
        """The same forest walking wider rows, of which it was trained on the chosen columns only."""
        if len(view.chosen) != self.feature_count:
            raise UnsupportedForest(f"the model knows {self.feature_count} features, {len(view.chosen)} were chosen")
        nodes = self.nodes.copy()
        inner = nodes["left"] >= 0
        nodes["feature"][inner] = view.chosen[nodes["feature"][inner]]
        return replace(self, nodes=nodes, feature_count=view.width)

    def _checked(self, rows: Rows) -> Rows:
        if rows.ndim != 2 or rows.shape[1] != self.feature_count:
            raise ValueError(f"rows of {self.feature_count} features are needed, not of shape {rows.shape}")
        return np.ascontiguousarray(rows, dtype=np.float32)


@njit(cache=True, nogil=True, inline="always")
def _child(node: Any, bits: Any, x: Any) -> Any:
    """Index of the child that a value falls into."""
    flags = node.flags
    if flags & RARE:
        return node.left + (0 if _rarely_left(bits, flags, node.threshold, x) else 1)
    # No branch on what nobody can predict: NaN compares as false, and its flag says the rest.
    return node.left + 1 - (np.int64(x <= node.threshold) | (np.int64(x != x) & flags & UNKNOWN_GOES_LEFT))


@njit(cache=True, nogil=True)
def _rarely_left(bits: Any, flags: Any, threshold: Any, x: Any) -> bool:
    """Whether a value goes left at a split on a set of categories, or at one that takes zero for missing."""
    if flags & CATEGORICAL:
        return _in_set(bits, flags >> FLAG_BITS, x)
    if x != x or -ZERO <= x <= ZERO:
        return (flags & UNKNOWN_GOES_LEFT) != 0
    return x <= threshold


@njit(cache=True, nogil=True)
def _in_set(bits: Any, start: Any, x: Any) -> Any:
    """Whether a category is in the set that starts at `start` with its size; unknown, negative, huge ones never are."""
    if not (x > -1.0 and x < 2147483648.0):
        return False
    code = int(x)
    word = code >> 5
    if word >= bits[start]:
        return False
    return (bits[start + 1 + word] >> np.uint32(code & 31)) & np.uint32(1) == np.uint32(1)


@njit(cache=True)  # microseconds: it keeps the interpreter's lock (see haechi.features.jit)
def walk(nodes: Any, values: Any, roots: Any, bits: Any, row: Any) -> float:
    """Sum of the leaves that one row falls into, in the order of the trees.

    Four trees go down side by side, so that the wait for one node's memory is filled with the other three.
    """
    total: float = 0.0
    k, whole = 0, len(roots) // 4 * 4
    while k < whole:
        a, b, c, d = np.int64(roots[k]), np.int64(roots[k + 1]), np.int64(roots[k + 2]), np.int64(roots[k + 3])
        while True:
            more = False
            if nodes[a].left >= 0:
                a, more = np.int64(_child(nodes[a], bits, row[nodes[a].feature])), True
            if nodes[b].left >= 0:
                b, more = np.int64(_child(nodes[b], bits, row[nodes[b].feature])), True
            if nodes[c].left >= 0:
                c, more = np.int64(_child(nodes[c], bits, row[nodes[c].feature])), True
            if nodes[d].left >= 0:
                d, more = np.int64(_child(nodes[d], bits, row[nodes[d].feature])), True
            if not more:
                break
        total = (((total + values[a]) + values[b]) + values[c]) + values[d]
        k += 4
    for rest in range(whole, len(roots)):
        i = np.int64(roots[rest])
        while nodes[i].left >= 0:
            i = np.int64(_child(nodes[i], bits, row[nodes[i].feature]))
        total += values[i]
    return total


@njit(cache=True, nogil=True)
def walk_rows(nodes: Any, values: Any, roots: Any, bits: Any, rows: Any, out: Any) -> None:
    """`walk` for every row."""
    for r in range(len(rows)):
        out[r] = walk(nodes, values, roots, bits, rows[r])


@njit(cache=True, nogil=True)
def walk_stages(nodes: Any, values: Any, roots: Any, bits: Any, rows: Any, stops: Any, out: Any) -> None:
    """`walk` for every row, with the running sum noted after each of the given tree counts."""
    for r in range(len(rows)):
        total = 0.0
        done = 0
        for s in range(len(stops)):
            total += walk(nodes, values, roots[done : stops[s]], bits, rows[r])
            done = stops[s]
            out[r, s] = total


def plant(model_text: str, share: float = 1.0, view: View | None = None) -> Forest:
    """Build the forest of a LightGBM model; leaves are in log-odds times `share` (a member's part of a blend).

    A model that was trained on some of the columns only walks whole rows when `view` says which ones.
    """
    model = read_model(model_text)
    scale = share * model.sigmoid / (len(model.trees) if model.averaged else 1)
    forest = _join([_flatten(tree, scale) for tree in model.trees], model.feature_count)
    return forest.seen_through(view) if view is not None else forest


def join(forests: Sequence[Forest]) -> Forest:
    """One forest whose score is the sum of the given ones."""
    counts = {f.feature_count for f in forests}
    if len(counts) != 1:
        raise UnsupportedForest(f"forests over different numbers of features cannot be joined: {sorted(counts)}")
    parts = [part for f in forests for part in _trees(f)]
    return _join(parts, counts.pop())


class Scored(Protocol):
    """Whatever scores rows, and how large its score can be: what two ways of adding it up may differ by."""

    @property
    def size(self) -> float:
        """The largest score it can give, about."""
        ...

    def score(self, rows: Rows) -> Scores:
        """Log-odds of every row."""
        ...


def prove_equal(model: Scored, library_scores: Scores, rows: Rows) -> float:
    """Raise ForestMismatch unless our scores are the library's; return the largest difference seen."""
    ours, size = model.score(rows), model.size
    difference = np.abs(ours - library_scores)
    worst = float(difference.max(initial=0.0))
    if not worst <= ROUNDING * max(size, 1.0):  # also refuses NaN
        row = int(np.argmax(np.nan_to_num(difference, nan=np.inf)))
        raise ForestMismatch(
            f"row {row} of {len(rows)}: our model says {ours[row]!r}, not {library_scores[row]!r}; "
            "the model is refused, train it again with this version"
        )
    return worst


def round_down(threshold: float) -> np.float32:
    """The largest float32 that is not above a float64 threshold, with LightGBM's idea of zero kept."""
    if 0.0 <= threshold < float(ZERO):
        return ZERO
    if -float(ZERO) <= threshold < 0.0:
        return np.nextafter(-ZERO, np.float32(-np.inf))
    with np.errstate(over="ignore"):
        near = np.float32(threshold)
    return np.nextafter(near, np.float32(-np.inf)) if float(near) > threshold else near


_Part = tuple[npt.NDArray[Any], Scores, npt.NDArray[np.uint32], int]


def _flatten(tree: Tree, scale: float) -> _Part:
    """One tree breadth-first, children side by side, child indices counted from its own root."""
    size = 2 * tree.leaves - 1
    nodes, values = np.zeros(size, NODE), np.zeros(size)
    bits: list[int] = []
    queue, taken, depth = [(0 if tree.leaves > 1 else ~0, 0, 0)], 1, 0
    for split, at, level in queue:
        depth = max(depth, level)
        if split < 0:
            nodes[at] = (0.0, 0, -1, 0)
            values[at] = tree.leaf_value[~split] * scale
            continue
        threshold, flags = _test(tree, split, bits)
        nodes[at] = (threshold, tree.split_feature[split], taken, flags)
        queue += [(tree.left[split], taken, level + 1), (tree.right[split], taken + 1, level + 1)]
        taken += 2
    _fill_inner_values(nodes, values, _covers(tree, nodes))
    if depth > DEPTH_MAX:
        raise UnsupportedForest(f"a tree is {depth} splits deep, {DEPTH_MAX} is the limit: train with max_depth")
    return nodes, values, np.array(bits, dtype=np.uint32), depth


def _test(tree: Tree, split: int, bits: list[int]) -> tuple[np.float32, int]:
    """Threshold and flags of one split."""
    kind = tree.decision_type[split]
    missing, threshold = (kind >> 2) & 3, tree.threshold[split]
    if kind & 1:
        start, words = len(bits), tree.category_words(int(threshold))
        bits += [len(words), *words]
        return np.float32(0), CATEGORICAL | start << FLAG_BITS
    # Where LightGBM saw nothing missing in training, it takes an unknown value for zero.
    left = bool(kind & 2) if missing else threshold >= 0.0
    flags = (UNKNOWN_GOES_LEFT if left else 0) | (ZERO_IS_MISSING if missing == 1 else 0)
    return round_down(threshold), flags


def _covers(tree: Tree, nodes: npt.NDArray[Any]) -> Scores:
    """How many training rows passed each node; a leaf nobody counted weighs one."""
    cover = np.zeros(len(nodes))
    queue = [(0 if tree.leaves > 1 else ~0, 0)]
    for split, at in queue:
        if split < 0:
            cover[at] = max(tree.leaf_count[~split], 1.0)
        else:
            child = int(nodes[at]["left"])
            queue += [(tree.left[split], child), (tree.right[split], child + 1)]
    for at in range(len(nodes) - 1, -1, -1):
        child = int(nodes[at]["left"])
        if child >= 0:
            cover[at] = cover[child] + cover[child + 1]
    return cover


def _fill_inner_values(nodes: npt.NDArray[Any], values: Scores, cover: Scores) -> None:
    """An inner node is worth the mean of what lies below it: the ground for path differences."""
    for at in range(len(nodes) - 1, -1, -1):
        child = int(nodes[at]["left"])
        if child >= 0:
            values[at] = (values[child] * cover[child] + values[child + 1] * cover[child + 1]) / cover[at]


def _join(parts: Sequence[_Part], feature_count: int) -> Forest:
    """Lay trees one after another and move their child and set indices along."""
    sizes = [len(p[0]) for p in parts]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    word_starts = np.concatenate([[0], np.cumsum([len(p[2]) for p in parts])[:-1]]).astype(np.int64)
    nodes = np.concatenate([p[0] for p in parts])
    shift = np.repeat(roots, sizes)
    nodes["left"] += np.where(nodes["left"] >= 0, shift, 0)
    categorical = (nodes["flags"] & CATEGORICAL) > 0
    nodes["flags"] += np.where(categorical, np.repeat(word_starts, sizes) << FLAG_BITS, 0).astype(np.int32)
    values, bits = np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts])
    # Compiled code is typed for arrays that are never empty.
    bits = bits if len(bits) else np.zeros(1, dtype=np.uint32)
    return Forest(nodes, values, roots, bits.astype(np.uint32), feature_count, max(p[3] for p in parts))


def _trees(forest: Forest) -> list[_Part]:
    """A forest taken apart again into trees that count from their own root."""
    ends = [*forest.roots[1:].tolist(), len(forest.nodes)]
    parts = []
    for root, end in zip(forest.roots.tolist(), ends, strict=True):
        nodes = forest.nodes[root:end].copy()
        nodes["left"] -= np.where(nodes["left"] >= 0, np.int32(root), np.int32(0))
        bits: list[int] = []
        for at in np.flatnonzero(nodes["flags"] & CATEGORICAL):
            start = int(nodes["flags"][at]) >> FLAG_BITS
            words = forest.bits[start : start + 1 + int(forest.bits[start])]
            nodes["flags"][at] = CATEGORICAL | len(bits) << FLAG_BITS
            bits += words.tolist()
        parts.append((nodes, forest.values[root:end], np.array(bits, dtype=np.uint32), forest.depth))
    return parts
