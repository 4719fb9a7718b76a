"""Why a row scored what it scored: exact Shapley values against one reference row, path differences where speed counts.

Against a single reference a tree game has a closed form: a leaf is reached by the coalitions that hold every feature
whose own value led there and none whose reference value did. With `a` features of the first kind and `b` of the second
the leaf gives `(a-1)! b! / (a+b)!` of its value to each of the first and takes `a! (b-1)! / (a+b)!` from each of the
second. One walk through the part of the tree that the two rows can reach together is enough; features on which both
rows turn alike cost nothing. Contributions sum to the difference of the two scores.

A linear model adds its columns up, so there a value is the difference of a column's two terms.

Idea: interventional TreeSHAP with one background row (Lundberg et al., From local explanations to global understanding
with explainable AI for trees, Nature Machine Intelligence 2, 2020); path differences after Saabas (treeinterpreter).
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from numba import njit

from haechi.detectors.forest import DEPTH_MAX, Forest, Rows, Scores, _child
from haechi.detectors.linear import Linear

FREE, ITS_OWN, REFERENCE = 0, 1, 2
PLACES = range(DEPTH_MAX + 1)
# What a leaf behind `a` own and `b` reference turns gives to each of the a, and takes from each of the b.
GIVES = np.array([[factorial(a - 1) * factorial(b) / factorial(a + b) if a else 0.0 for b in PLACES] for a in PLACES])
TAKES = np.array([[factorial(a) * factorial(b - 1) / factorial(a + b) if b else 0.0 for b in PLACES] for a in PLACES])


def shapley(model: Forest | Linear, row: Rows, reference: Rows) -> Scores:
    """What each feature adds to the row's log-odds, compared with the reference row."""
    if isinstance(model, Linear):
        return model.credit(row, reference)
    assert model.depth <= DEPTH_MAX, "the forest was built without its depth limit"
    credit = np.zeros(model.feature_count)
    side = np.zeros(model.feature_count, dtype=np.int8)
    _shapley(model.nodes, model.values, model.roots, model.bits, row, reference, credit, side, GIVES, TAKES)
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
    nodes: Any,
    values: Any,
    roots: Any,
    bits: Any,
    row: Any,
    reference: Any,
    credit: Any,
    side: Any,
    gives: Any,
    takes: Any,
) -> None:
    """Every tree in turn: follow both rows, and where they part, first the row's own branch, later the reference's.

    A feature on the path gets what all leaves behind its turn give, so leaves are added up on the way back.
    """
    path = np.empty(DEPTH_MAX + 1, np.int64)  # the features by which the rows parted so far
    elsewhere = np.empty(DEPTH_MAX + 1, np.int64)  # where the reference went there
    given, taken = np.zeros(DEPTH_MAX + 1), np.zeros(DEPTH_MAX + 1)  # by the leaves behind each turn
    for k in range(len(roots)):
        i = np.int64(roots[k])
        length = own = other = 0
        while True:
            while nodes[i].left >= 0:
                feature = nodes[i].feature
                to_own = np.int64(_child(nodes[i], bits, row[feature]))
                to_reference = np.int64(_child(nodes[i], bits, reference[feature]))
                i = to_own
                if to_own != to_reference:
                    if side[feature] == REFERENCE:
                        i = to_reference
                    elif side[feature] == FREE:
                        path[length], elsewhere[length] = feature, to_reference
                        side[feature] = ITS_OWN
                        length, own = length + 1, own + 1
                        given[length] = taken[length] = 0.0
            given[length] += values[i] * gives[own, other]
            taken[length] += values[i] * takes[own, other]
            # Back to the last parting whose other branch is still to be walked.
            while length > 0:
                feature = path[length - 1]
                given[length - 1] += given[length]
                taken[length - 1] += taken[length]
                if side[feature] == ITS_OWN:
                    credit[feature] += given[length]
                    side[feature] = REFERENCE
                    own, other = own - 1, other + 1
                    given[length] = taken[length] = 0.0
                    i = elsewhere[length - 1]
                    break
                credit[feature] -= taken[length]
                side[feature] = FREE
                length, other = length - 1, other - 1
            if length == 0:
                break


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
