"""How the values of columns are spread, and how far two spreads lie apart.

Numbers are counted in bins that are the same for every data set (a bin for each eighth of a doubling of the signed
value), so that two profiles can be compared without the events behind them. Words are counted as they are, the rarest
together. PSI is the sum of (p - q) ln(p / q) over bins (Siddiqi, Credit Risk Scorecards, 2006): below .1 little moved,
above .25 much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

BINS_SHOWN = 20  # a column's bins are folded into so many before two are compared
WORDS_MAX = 50
COUNTED_WORDS_MAX = 5_000
MISSING, REST = "\0missing", "\0rest"
SMOOTH = 0.5
COLUMNS = ("number:", "category:", "attribute:")


@dataclass
class Profile:
    """Counts of one or more frames: by column, by bin or word."""

    rows: int = 0
    numbers: dict[str, Counter[int]] = field(default_factory=dict)
    words: dict[str, Counter[str]] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def add(self, other: Profile) -> None:
        """Count another profile in."""
        self.rows += other.rows
        for name, bins in other.numbers.items():
            self.numbers.setdefault(name, Counter()).update(bins)
        for name, words in other.words.items():
            self.words.setdefault(name, Counter()).update(words)
        for name, count in other.missing.items():
            self.missing[name] = self.missing.get(name, 0) + count

    def document(self) -> dict[str, Any]:
        """Plain values: the share of missing values of each column, and its counts."""
        found: dict[str, Any] = {}
        for name, bins in self.numbers.items():
            found[name] = {"missing": self._missing(name), "bins": {str(k): n for k, n in sorted(bins.items())}}
        for name, words in self.words.items():
            kept = words.most_common(WORDS_MAX)
            rest = words.total() - sum(n for _, n in kept)
            found[name] = {"missing": self._missing(name), "words": dict(kept) | ({REST: rest} if rest else {})}
        return found

    def _missing(self, name: str) -> float:
        return round(self.missing[name] / max(self.rows, 1), 6)


def profile_of(frame: pl.DataFrame) -> Profile:
    """The profile of one frame of events."""
    found = Profile(rows=frame.height)
    for name in ["kind", "amount", *(c for c in frame.columns if c.startswith(COLUMNS))]:
        if name not in frame.columns:
            continue
        values = frame[name]
        found.missing[name] = values.null_count()
        if values.dtype.is_numeric():
            bins, counts = np.unique(_bins(values.drop_nulls().to_numpy()), return_counts=True)
            found.numbers[name] = Counter(dict(zip(bins.tolist(), counts.tolist(), strict=True)))
        else:
            words = values.drop_nulls().value_counts(sort=True).head(COUNTED_WORDS_MAX)
            found.words[name] = Counter(dict(words.iter_rows()))
    return found


def _bins(values: np.ndarray) -> np.ndarray:
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=1e300, neginf=-1e300)
    return (np.sign(finite) * np.floor(8.0 * np.log2(1.0 + np.abs(finite)))).astype(np.int64)


def shifts(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, float]:
    """PSI of every column that both profiles have, the largest first; a missing value counts as a bin."""
    found = {name: psi_of(before[name], after[name]) for name in after if name in before}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def psi_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    """PSI between two columns of profiles."""
    kind = "bins" if "bins" in before else "words"
    if kind not in after:
        return float("inf")
    names = sorted(set(before[kind]) | set(after[kind]), key=lambda k: int(k) if kind == "bins" else k)
    p, q = (np.array([one[kind].get(name, 0) for name in names], dtype=np.float64) for one in (before, after))
    if kind == "bins":
        p, q = _folded(p, q)
    p, q = (_with_missing(counts, one["missing"]) for counts, one in ((p, before), (q, after)))
    return round(psi(p, q), 6)


def psi(before: np.ndarray, after: np.ndarray) -> float:
    """Population stability index of two rows of counts over the same bins; empty bins count as half an event."""
    p, q = (np.maximum(counts, SMOOTH) / np.maximum(counts, SMOOTH).sum() for counts in (before, after))
    return float(((q - p) * np.log(q / p)).sum())


def _folded(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbouring bins put together until each holds about a twentieth of what came before."""
    share = np.cumsum(p) / max(p.sum(), 1.0)
    group = np.minimum((share * BINS_SHOWN - 1e-9).astype(np.int64), BINS_SHOWN - 1)
    both = [np.bincount(group, weights=counts, minlength=BINS_SHOWN) for counts in (p, q)]
    return both[0], both[1]


def _with_missing(counts: np.ndarray, missing: float) -> np.ndarray:
    known = counts.sum()
    gone = known * missing / (1.0 - missing) if missing < 1.0 else 1.0
    return np.append(counts, gone)
