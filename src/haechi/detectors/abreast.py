"""Many rows through a forest abreast: each split is asked about 8, 16, 32 or 64 rows at once.

A row alone waits at every node for memory, and for a branch that nobody can foresee. Here the trees are taken one after
another, and every inner node of a tree, parents before children, moves the rows that stand on it to one of its children
by vector instructions; a row that stands elsewhere stays. That is three times the steps, each a tenth as long. Leaves
are added in the order of the trees, so that the sums are those of `walk`, bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

__all__ = ["ROWS_MIN", "Abreast"]

ROWS_MIN = 3  # fewer are faster one by one
WIDTHS = (8, 16, 32, 64)


def _mover(width: int) -> Any:
    """The instruction for so many rows: those at `here` go to right - 1 where x <= threshold or unknown goes left."""

    @intrinsic
    def move(_context: Any, places: Any, xs: Any, threshold: Any, here: Any, right: Any, unknown_left: Any) -> Any:
        number, whole = ir.IntType(32), ir.VectorType(ir.IntType(32), width)
        real = ir.VectorType(ir.FloatType(), width)

        def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            def all_of(value: Any, kind: Any) -> Any:
                nothing = ir.Constant(kind, ir.Undefined)
                first = builder.insert_element(nothing, value, ir.Constant(number, 0))
                return builder.shuffle_vector(first, nothing, ir.Constant(whole, [0] * width))

            at, x_at = (
                builder.inttoptr(address, kind.as_pointer())
                for address, kind in zip(arguments[:2], (whole, real), strict=True)
            )
            threshold, here, right, unknown_left = arguments[2:]
            place, x = builder.load(at, align=4), builder.load(x_at, align=4)
            unknown = builder.fcmp_unordered("uno", x, x)
            told = builder.icmp_signed("!=", all_of(unknown_left, whole), ir.Constant(whole, [0] * width))
            left = builder.or_(builder.fcmp_ordered("<=", x, all_of(threshold, real)), builder.and_(unknown, told))
            child = builder.add(all_of(right, whole), builder.sext(left, whole))
            is_here = builder.icmp_signed("==", place, all_of(here, whole))
            builder.store(builder.select(is_here, child, place), at, align=4)
            return context.get_dummy_value()

        three = [types.int32] * 3
        return types.void(types.int64, types.int64, types.float32, *three), emit

    return move


_move_8, _move_16, _move_32, _move_64 = (_mover(width) for width in WIDTHS)


@njit(cache=True, nogil=True, inline="always")
def _walk(move: Any, width: int, forest: Any, rows: Any, columns: Any, places: Any, out: Any) -> None:
    """Rows [n, F] into `out`; columns [features asked for, width] and places [width] are room to work in.

    splits: int32 [inner nodes, 4], its node, its right child, which of the `asked` features, and 1 where unknown goes
    left.
    """
    splits, thresholds, trees, roots, values, asked = forest
    at, xs = places.ctypes.data, columns.ctypes.data
    for start in range(0, len(rows), width):
        count = min(width, len(rows) - start)
        for f in range(len(asked)):
            for i in range(count):
                columns[f, i] = rows[start + i, asked[f]]
        for k in range(len(roots)):
            places[:] = roots[k]
            for n in range(trees[k], trees[k + 1]):
                x_at = xs + np.int64(splits[n, 2]) * (4 * width)
                move(at, x_at, thresholds[n], splits[n, 0], splits[n, 1], splits[n, 3])
            for i in range(count):
                out[start + i] += values[places[i]]


@njit(cache=True)  # microseconds: they keep the interpreter's lock (see haechi.features.jit)
def _walk_8(forest: Any, rows: Any, columns: Any, places: Any, out: Any) -> None:
    _walk(_move_8, 8, forest, rows, columns, places, out)


@njit(cache=True)
def _walk_16(forest: Any, rows: Any, columns: Any, places: Any, out: Any) -> None:
    _walk(_move_16, 16, forest, rows, columns, places, out)


@njit(cache=True)
def _walk_32(forest: Any, rows: Any, columns: Any, places: Any, out: Any) -> None:
    _walk(_move_32, 32, forest, rows, columns, places, out)


@njit(cache=True, nogil=True)
def _walk_64(forest: Any, rows: Any, columns: Any, places: Any, out: Any) -> None:
    _walk(_move_64, 64, forest, rows, columns, places, out)


_WALKS = (_walk_8, _walk_16, _walk_32, _walk_64)


class Abreast:
    """The inner nodes of a forest, one behind the other, as `_walk` wants them."""

    def __init__(self, nodes: npt.NDArray[Any], values: npt.NDArray[np.float64], roots: npt.NDArray[np.int32]) -> None:
        """The arrays of a Forest whose splits are all plain ones."""
        inner = np.flatnonzero(nodes["left"] >= 0)
        chosen = nodes[inner]
        asked, which = np.unique(chosen["feature"], return_inverse=True)
        columns = (inner, chosen["left"] + 1, which, chosen["flags"] & 1)
        splits = np.ascontiguousarray(np.stack(columns, axis=1), np.int32)
        trees = np.searchsorted(inner, np.append(roots, len(nodes))).astype(np.int64)
        self._forest = splits, np.ascontiguousarray(chosen["threshold"]), trees, roots, values, asked

    def score(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """The sum of one leaf a tree for every row, float32 [n, F]."""
        n = len(rows)
        at = sum(n > width for width in WIDTHS[:-1])
        asked, width = self._forest[-1], WIDTHS[at]
        columns, places = np.empty((len(asked), width), np.float32), np.empty(width, np.int32)
        out = np.zeros(n)
        _WALKS[at](self._forest, rows, columns, places, out)
        return out
