"""Why a row scored what it scored: exact Shapley values against one reference row, path differences where speed counts.

Against a single reference a tree game has a closed form: a leaf is reached by the coalitions that hold every feature
whose own value led there and none whose reference value did. With `a` features of the first kind and `b` of the second
the leaf gives `(a-1)! b! / (a+b)!` of its value to each of the first and takes `a! (b-1)! / (a+b)!` from each of the
second. One walk through the part of the tree that the two rows can reach together is enough; features on which both
rows turn alike cost nothing. Contributions sum to the difference of the two scores.

Idea: interventional TreeSHAP with one background row (Lundberg et al., From local explanations to global understanding
with explainable AI for trees, Nature Machine Intelligence 2, 2020); path differences after Saabas (treeinterpreter).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from haechi.detectors.forest import DEPTH_MAX, Forest, Rows, Scores, _child

FREE, ITS_OWN, REFERENCE = 0, 1, 2
# SPLIT[a, b] = a! b! / (a + b + 1)!: the share of one feature among a + b others.
SPLIT = np.array(
    [
        [math.factorial(a) * math.factorial(b) / math.factorial(a + b + 1) for b in range(DEPTH_MAX + 1)]
        for a in range(DEPTH_MAX + 1)
    ]
)


def shapley(forest: Forest, row: Rows, reference: Rows) -> Scores:
    """What each feature adds to the row's log-odds, compared with the reference row."""
    assert forest.depth <= DEPTH_MAX, "the forest was built without its depth limit"
    credit = np.zeros(forest.feature_count)
    side = np.zeros(forest.feature_count, dtype=np.int8)
    _shapley(forest.nodes, forest.values, forest.roots, forest.bits, row, reference, credit, side, SPLIT)
    return credit


def path_differences(forest: Forest, row: Rows) -> Scores:
    """What each split on the row's paths added: fast, order-dependent; sums to the score less the forest's mean."""
    credit = np.zeros(forest.feature_count)
    _path_differences(forest.nodes, forest.values, forest.roots, forest.bits, row, credit)
    return credit


def base_value(forest: Forest) -> float:
    """The forest's mean log-odds over its training rows: where path differences start from."""
    return float(forest.values[forest.roots].sum())


@njit(cache=True)  # microseconds: it keeps the interpreter's lock (see haechi.features.jit)
def _shapley(
    nodes: Any, values: Any, roots: Any, bits: Any, row: Any, reference: Any, credit: Any, side: Any, split: Any
) -> None:
    """Where the two rows never part in a tree, it explains nothing; the others are walked from where they do."""
    parted = np.empty(len(roots), np.int64)
    count = _part(nodes, roots, bits, row, reference, parted)
    _share(nodes, values, parted[:count], bits, row, reference, credit, side, split)


@njit(cache=True, inline="always")
def _together(nodes: Any, bits: Any, row: Any, reference: Any, i: Any) -> Any:
    """The child into which both rows fall; the node itself when it is a leaf or they part here."""
    if nodes[i].left < 0:
        return i
    feature = nodes[i].feature
    own = np.int64(_child(nodes[i], bits, row[feature]))
    return own if own == np.int64(_child(nodes[i], bits, reference[feature])) else i


@njit(cache=True)
def _part(nodes: Any, roots: Any, bits: Any, row: Any, reference: Any, parted: Any) -> int:
    """The node of each tree where the rows part, as far as they do; four trees side by side, as in forest.walk."""
    count, last = 0, len(roots) - 1
    for k in range(0, len(roots), 4):
        a, b = np.int64(roots[k]), np.int64(roots[min(k + 1, last)])
        c, d = np.int64(roots[min(k + 2, last)]), np.int64(roots[min(k + 3, last)])
        while True:
            w, x = _together(nodes, bits, row, reference, a), _together(nodes, bits, row, reference, b)
            y, z = _together(nodes, bits, row, reference, c), _together(nodes, bits, row, reference, d)
            if w == a and x == b and y == c and z == d:
                break
            a, b, c, d = w, x, y, z
        for lane, i in enumerate((a, b, c, d)):
            if k + lane <= last and nodes[i].left >= 0:
                parted[count] = i
                count += 1
    return count


@njit(cache=True)
def _share(
    nodes: Any, values: Any, starts: Any, bits: Any, row: Any, reference: Any, credit: Any, side: Any, split: Any
) -> None:
    """Follow both rows, and where they part, first the row's own branch, later the reference's."""
    fork_node = np.empty(DEPTH_MAX + 1, np.int64)
    fork_length = np.empty(DEPTH_MAX + 1, np.int64)
    path = np.empty(DEPTH_MAX + 1, np.int64)
    for k in range(len(starts)):
        i = starts[k]
        forks = length = own = 0
        while True:
            while nodes[i].left >= 0:
                feature = nodes[i].feature
                to_own = np.int64(_child(nodes[i], bits, row[feature]))
                to_reference = np.int64(_child(nodes[i], bits, reference[feature]))
                if to_own == to_reference or side[feature] == ITS_OWN:
                    i = to_own
                elif side[feature] == REFERENCE:
                    i = to_reference
                else:
                    fork_node[forks] = to_reference
                    fork_length[forks] = length
                    forks += 1
                    path[length] = feature
                    side[feature] = ITS_OWN
                    length += 1
                    own += 1
                    i = to_own
            _credit_leaf(values[i], path, length, own, credit, side, split)
            # Back to the last fork whose reference branch is still to be walked, forgetting the path since.
            stop = fork_length[forks - 1] + 1 if forks > 0 else 0
            while length > stop:
                length -= 1
                own -= side[path[length]] == ITS_OWN
                side[path[length]] = FREE
            if forks == 0:
                break
            forks -= 1
            side[path[length - 1]] = REFERENCE
            own -= 1
            i = fork_node[forks]


@njit(cache=True, nogil=True)
def _credit_leaf(value: Any, path: Any, length: int, own: int, credit: Any, side: Any, split: Any) -> None:
    """Share one leaf among the features that led to it."""
    other = length - own
    gives = value * split[own - 1, other] if own > 0 else 0.0
    takes = value * split[own, other - 1] if other > 0 else 0.0
    for p in range(length):
        feature = path[p]
        if side[feature] == ITS_OWN:
            credit[feature] += gives
        else:
            credit[feature] -= takes


@njit(cache=True, nogil=True)
def _path_differences(nodes: Any, values: Any, roots: Any, bits: Any, row: Any, credit: Any) -> None:
    """Every tree in turn: a split is credited with the change of the mean below."""
    for k in range(len(roots)):
        i = roots[k]
        while nodes[i].left >= 0:
            feature = nodes[i].feature
            child = _child(nodes[i], bits, row[feature])
            credit[feature] += values[child] - values[i]
            i = child
