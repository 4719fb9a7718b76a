"""Ids that were seen before, at eight bytes an id.

Ids are kept as 64-bit hashes in sorted runs that are merged when they grow. A repeated id is always found; that any two
different ids are taken for one has a chance of n^2 / 2^65: one in 37 million for a million rows, one in 3,700 for a
hundred million.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]


class SeenIds:
    """All ids of a set of files so far."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def repeated(self, ids: pl.Series) -> npt.NDArray[np.bool_]:
        """Which of these were seen before, in an earlier call or earlier in this one; all are remembered."""
        hashes = ids.hash(0).to_numpy()
        found = (~ids.is_first_distinct()).to_numpy().copy()
        if not len(hashes):
            return found
        order = np.argsort(hashes)
        hashes = hashes[order]  # sorted questions walk through the runs once instead of jumping about
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            found[order] |= run[places] == hashes
        self._keep(hashes[np.concatenate([[True], hashes[1:] != hashes[:-1]])])
        return found

    def _keep(self, run: Hashes) -> None:
        # Runs at least double in size, so that there are few of them and each id is moved few times.
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")
        self._runs.append(run)
