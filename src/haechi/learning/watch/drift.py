"""How far two histograms lie apart: the population stability index and the Jensen-Shannon divergence."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]

__all__ = ["js", "js_each", "psi", "psi_each"]

PRIOR = 0.5  # so many events are added to each bin, so that an empty one is rare and not impossible


def psi(reference: Counts, seen: Counts) -> float:
    """Population stability index of two histograms (counts a bin); 0 where they are alike.

    The symmetrised Kullback-Leibler divergence in nats, as credit scoring uses it (Siddiqi, Credit Risk Scorecards,
    2006): below 0.1 little has moved, above 0.25 much.
    """
    return float(psi_each(reference[None, :], seen[None, :])[0])


def js(reference: Counts, seen: Counts) -> float:
    """Jensen-Shannon divergence of two histograms in bits, 0 to 1 (Lin, IEEE Trans. Information Theory, 1991)."""
    return float(js_each(reference[None, :], seen[None, :])[0])


def psi_each(reference: Counts, seen: Counts) -> Counts:
    """The same for many pairs at once, [n, bins]; NaN where nothing was seen."""
    p, q = _shares(reference), _shares(seen)
    return cast(Counts, np.where(seen.sum(1) > 0, ((q - p) * np.log(q / p)).sum(1), np.nan))


def js_each(reference: Counts, seen: Counts) -> Counts:
    """The same for many pairs at once, [n, bins]; NaN where nothing was seen."""
    p, q = _shares(reference), _shares(seen)
    m = (p + q) / 2
    apart = (p * np.log2(p / m) + q * np.log2(q / m)).sum(1) / 2
    return cast(Counts, np.where(seen.sum(1) > 0, np.clip(apart, 0.0, 1.0), np.nan))


def _shares(counts: Counts) -> Counts:
    """Shares of a histogram; bins that neither side uses (padding) get the same small share on both."""
    padded = counts + PRIOR
    return cast(Counts, padded / padded.sum(1, keepdims=True))
