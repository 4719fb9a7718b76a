"""Suggest readable rules from labelled history: short conjunctions that hold up on the later part of the time.

Beam search: conditions on single features are tried first, the best of them are joined with one more, and again. The
earlier part of the time proposes, the later part decides what is shown; nothing that holds on the earlier part only is.
A suggestion is a draft: a person reads, names and tests it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from haechi.features import Feature, Spec
from haechi.rules.rule import Effect, Rule

__all__ = ["Suggestion", "suggest"]

PARTS_MAX = 3
BEAM = 12
CUTS = (0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.998)
ROWS_MAX = 400_000
PRECISION_MAX, PRECISION_MIN = 0.95, 0.02
_READABLE = {"count", "money", "ratio", "seconds", "share", "flag", "days", "years", "km", "km/h"}
_UNFIT = re.compile(r"code|label|fraud|unexplained")


@dataclass(frozen=True)
class Suggestion:
    """A draft with what it does on the earlier part (which proposed it) and on the later part (which counts)."""

    rule: Rule
    precision: float
    recall: float
    support: int  # events hit in the later part
    frauds: int  # of them
    precision_earlier: float
    lift: float  # precision against the share of frauds


@dataclass(frozen=True)
class _Part:
    """One condition on one feature."""

    column: int
    above: bool
    cut: float

    def of(self, rows: np.ndarray) -> np.ndarray:
        column = rows[:, self.column]
        return np.asarray(column >= self.cut if self.above else column < self.cut)


@dataclass(frozen=True)
class _Found:
    parts: tuple[_Part, ...]
    hits: np.ndarray
    quality: float


def suggest(
    rows: np.ndarray, fraud: np.ndarray, time_us: np.ndarray, spec: Spec, *, currency: str = "",
    count: int = 10, split: float = 0.7, support_min: int = 20, author: str = "suggest",
) -> list[Suggestion]:  # fmt: skip
    """Up to `count` drafts, the best first. rows: float32 [n, features]; fraud: bool [n], mature labels only.

    split: the share of the time that proposes; support_min: hits that a rule must have in each part.
    """
    order = np.argsort(time_us, kind="stable")[-ROWS_MAX:]
    rows, fraud = rows[order], np.asarray(fraud, bool)[order]
    middle = int(len(rows) * split)
    early, late = slice(0, middle), slice(middle, None)
    if not fraud[early].any() or not fraud[late].any():
        return []
    chosen = _beam(rows[early], fraud[early], _columns(spec), support_min)
    found: list[Suggestion] = []
    seen: list[np.ndarray] = []
    for one in chosen:
        made = _judged(one, rows[late], fraud[late], fraud[early], spec, currency, support_min, author, len(found) + 1)
        hits = np.logical_and.reduce([part.of(rows[late]) for part in one.parts])
        if made is not None and not any(_alike(hits, other) for other in seen):
            found.append(made)
            seen.append(hits)
    found.sort(key=lambda s: -s.precision * s.recall**0.5)
    return found[:count]


def _columns(spec: Spec) -> list[int]:
    """Features that a person can read in a rule."""
    return [i for i, f in enumerate(spec.features) if f.unit in _READABLE and not _UNFIT.search(f.name)]


def _beam(rows: np.ndarray, fraud: np.ndarray, columns: Sequence[int], support_min: int) -> list[_Found]:
    singles = [part for column in columns for part in _parts(rows, column)]
    everything = _Found((), np.ones(len(rows), bool), 0.0)
    beam, best = [everything], []
    for _ in range(PARTS_MAX):
        grown: dict[bytes, _Found] = {}
        for base in beam:
            inside = np.flatnonzero(base.hits)
            taken = {part.column for part in base.parts}
            for part in singles:
                if part.column in taken:
                    continue
                chosen = inside[part.of(rows[inside])]
                quality = _quality(fraud[chosen], fraud)
                if len(chosen) >= support_min and quality > base.quality * 1.1:
                    hits = np.zeros(len(rows), bool)
                    hits[chosen] = True
                    made = _Found((*base.parts, part), hits, quality)
                    grown.setdefault(np.packbits(hits).tobytes(), made)
            if len(grown) > 40 * BEAM:
                grown = {np.packbits(f.hits).tobytes(): f for f in _best(grown.values(), 4 * BEAM)}
        beam = _best(grown.values(), BEAM)
        best += beam
    return sorted(best, key=lambda f: -f.quality)


def _best(found: Iterable[_Found], count: int) -> list[_Found]:
    kept: list[_Found] = []
    for one in sorted(found, key=lambda f: (-f.quality, len(f.parts))):
        if not any(_alike(one.hits, other.hits) for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return kept


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two rules are nine tenths the same hits."""
    both = int((one & other).sum())
    return both >= 0.9 * max(int((one | other).sum()), 1)


def _quality(hit: np.ndarray, fraud: np.ndarray) -> float:
    """Precision times the root of recall, cautious with few hits: a rule must be right, and worth having."""
    caught = int(hit.sum())
    return float(caught / (len(hit) + 5.0) * np.sqrt(caught / max(int(fraud.sum()), 1)))


def _parts(rows: np.ndarray, column: int) -> list[_Part]:
    values = rows[:, column]
    values = values[np.isfinite(values)]
    if not len(values):
        return []
    cuts = sorted({_round(float(c)) for c in np.quantile(values, CUTS)})
    low, high = float(values.min()), float(values.max())
    return [_Part(column, above, cut) for cut in cuts for above in (True, False) if low < cut <= high]


def _round(value: float) -> float:
    """Two digits: nobody agrees on a threshold of 187,342."""
    return float(f"{value:.2g}")


def _judged(
    one: _Found, rows: np.ndarray, fraud: np.ndarray, before: np.ndarray, spec: Spec, currency: str,
    support_min: int, author: str, number: int,
) -> Suggestion | None:  # fmt: skip
    hits = np.logical_and.reduce([part.of(rows) for part in one.parts])
    support, caught = int(hits.sum()), int((hits & fraud).sum())
    if support < support_min or not caught:
        return None
    precision, base = caught / support, float(fraud.mean())
    if precision < 2 * base:
        return None
    weight = round(min(max(precision, PRECISION_MIN), PRECISION_MAX), 2)
    condition = " and ".join(_written(part, spec.features[part.column], currency) for part in one.parts)
    phrases = [spec.features[part.column].phrase for part in one.parts]
    text = {language: "; ".join(phrase[language] for phrase in phrases)[:480] for language in ("en", "ko")}
    rule = Rule(
        id=f"suggested-{number}", name={"en": f"Suggestion {number}", "ko": f"제안 {number}"}, reason=text,
        condition=condition, effect=Effect(weight=weight), author=author, tags=("suggested",), lane="draft",
    )  # fmt: skip
    earlier = int((one.hits & before).sum()) / int(one.hits.sum())
    return Suggestion(rule, precision, caught / int(fraud.sum()), support, caught, earlier, precision / base)


def _written(part: _Part, feature: Feature, currency: str) -> str:
    """A part as a person would write it."""
    if feature.unit == "flag":
        return feature.name if part.above else f"not {feature.name}"
    number = f"{part.cut:_.10f}".rstrip("0").rstrip(".")
    unit = {"money": f" {currency or 'won'}", "seconds": " seconds", "days": " days"}.get(feature.unit, "")
    name = "age" if feature.name.endswith(".age_years") else feature.name
    return f"{name} {'>=' if part.above else '<'} {number}{unit}"
