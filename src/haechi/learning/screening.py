"""Screening before training: what would make a model look good and be useless, or teach it what somebody wants.

Every check gives a finding with a figure, its limit, and what the practice says: refuse or warn. Columns are judged
alone, as they came; the features made from them know only the past by construction.

* leakage: a column that alone separates fraud too well (AUC of rates learned on one half and judged on the other).
* late columns: filled in only when an event has become old; on the day itself it was empty.
* early labels: known before their event happened.
* id encodes: the event id tells the class, beyond what its place in time tells.
* duplicates, and contradictions: the same event twice, with the same or another label.
* flips: an analyst who calls legitimate (or fraud) what others would not, at the same risk.
* mass labels: far more labels of one source on a day than on its other days.
* personal data: resident numbers, card numbers, phone numbers, mail addresses in free text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from haechi.learning.dataset import DAY_US
from haechi.learning.errors import NotScreened
from haechi.learning.metrics import auc
from haechi.learning.practice import Answer, Screening

Floats = npt.NDArray[np.float64]
COLUMNS = ("number:", "category:", "attribute:", "entity:")
FRAUDS_MIN = 20
PARTS = 64  # a number is judged in so many parts of equal mass
WORDS_MAX = 2_000
PRIOR = 20.0
LATE_GAP = 0.5  # how much emptier the young events of a late column are
ROWS_MAX = 400_000  # judged alone, a column needs no more; all frauds are among them
LABELS_MIN = 50
STRATA = 5
Z_MIN = 5.0
PERSONAL = {
    "resident_number": r"\b\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-[1-8]\d{6}\b",
    "card_number": r"\b\d{4}[- ]\d{4}[- ]\d{4}[- ]\d{4}\b",
    "phone": r"\b01[016-9][- ]\d{3,4}[- ]\d{4}\b",
    "mail": r"\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a data set, or may be."""

    check: str
    about: str
    value: float
    limit: float
    answer: Answer
    told: str

    def document(self) -> dict[str, Any]:
        """Plain values for the card."""
        return {
            "check": self.check, "about": self.about, "value": round(self.value, 6), "limit": self.limit,
            "answer": self.answer, "told": self.told,
        }  # fmt: skip


def screen(frames: Iterable[pl.DataFrame], labels: pl.DataFrame, until_us: int, practice: Screening) -> list[Finding]:
    """Everything that screening finds in a frozen data set and in all the labels that were told, worst first."""
    frame = _sampled(frames)
    taught = frame.filter(pl.col("taught") >= 0)
    checks: list[Callable[[], list[Finding]]] = [
        lambda: leakage(taught, practice),
        lambda: late_columns(frame, until_us, practice),
        lambda: early_labels(frame, labels, practice),
        lambda: id_encodes(taught, practice),
        lambda: duplicates(frame, practice),
        lambda: flips(frame, labels, practice),
        lambda: mass_labels(labels, practice),
        lambda: personal_data(frame, practice),
    ]
    found = [one for check in checks for one in check() if one.answer != "off"]
    return sorted(found, key=lambda one: (one.answer != "refuse", one.check, one.about))


def insist(findings: Iterable[Finding]) -> None:
    """Raise NotScreened when anything was found that the practice refuses."""
    refused = [one for one in findings if one.answer == "refuse"]
    if refused:
        told = "; ".join(one.told for one in refused[:3])
        more = f" (and {len(refused) - 3} more)" if len(refused) > 3 else ""
        raise NotScreened(f"nothing may be learned from this data set: {told}{more}")


def _sampled(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All frauds and as many other events as a look at columns needs, in order."""
    parts = list(frames)
    rows = sum(part.height for part in parts)
    if rows <= ROWS_MAX:
        return pl.concat(parts)
    every = -(-rows // ROWS_MAX)
    return pl.concat([p.filter((pl.col("taught") == 1) | (pl.int_range(pl.len()) % every == 0)) for p in parts])


def leakage(taught: pl.DataFrame, practice: Screening) -> list[Finding]:
    """Columns that alone separate fraud from the rest better than any honest field does."""
    y = taught["taught"].to_numpy()
    if (y == 1).sum() < FRAUDS_MIN:
        return []
    found = []
    for name in ["amount", *(c for c in taught.columns if c.startswith(COLUMNS))]:
        value = lone_auc(taught[name], y, in_time=name.startswith("entity:"))
        if value > practice.lone_auc_max:
            told = f"column {name} alone separates fraud with AUC {value:.3f}: it knows what came after the event"
            found.append(Finding("leakage", name, value, practice.lone_auc_max, practice.leakage, told))
    return found


def lone_auc(values: pl.Series, y: npt.NDArray[np.int8], *, in_time: bool = False) -> float:
    """How well one column ranks fraud by rates learned on the even rows and judged on the odd ones, and vice versa.

    Missing is a value of its own, numbers are cut into parts of equal mass, so no shape of dependence is missed. A
    column with more words than events to learn them from says nothing here. `in_time` learns on the earlier half and
    judges the later one, and the other way round: a customer robbed several times in a row is no leak, but would be
    in even and odd rows alike.
    """
    group, count = _groups(values)
    if count > max(WORDS_MAX, len(y) // 10):
        return 0.5
    even = np.arange(len(y)) < len(y) // 2 if in_time else np.arange(len(y)) % 2 == 0
    fraud, score = (y == 1).astype(np.float64), np.empty(len(y))
    for learn, judge in ((even, ~even), (~even, even)):
        seen = np.bincount(group[learn], minlength=count)
        frauds = np.bincount(group[learn], weights=fraud[learn], minlength=count)
        rates = (frauds + PRIOR * fraud[learn].mean()) / (seen + PRIOR)
        score[judge] = rates[group[judge]]
    return float(np.nanmean([auc(y[part], score[part]) for part in (even, ~even)]))


def _groups(values: pl.Series) -> tuple[npt.NDArray[np.int64], int]:
    """A number for each row: its part or word; 0 for a missing one."""
    if values.dtype.is_numeric():
        numbers = values.cast(pl.Float64).to_numpy()
        known = ~np.isnan(numbers)
        cuts = (
            np.unique(np.quantile(numbers[known], np.linspace(0, 1, PARTS + 1)[1:-1])) if known.any() else np.zeros(0)
        )
        group = np.where(known, 1 + np.searchsorted(cuts, np.nan_to_num(numbers), side="right"), 0)
        return group.astype(np.int64), len(cuts) + 2
    codes = values.cast(pl.String).fill_null("\0").rank("dense").cast(pl.Int64).to_numpy() - 1
    return codes, int(codes.max(initial=0)) + 1


def late_columns(frame: pl.DataFrame, until_us: int, practice: Screening) -> list[Finding]:
    """Columns that are empty on young events and filled on old ones: known only after the event."""
    age = until_us - frame["time_us"].to_numpy()
    if not len(age) or age.max(initial=0) < 2 * DAY_US:
        return []
    border = np.quantile(age, 0.1)
    young, old = age <= border, age > np.quantile(age, 0.5)
    found = []
    for name in [c for c in frame.columns if c.startswith(COLUMNS)]:
        filled = frame[name].is_not_null().to_numpy()
        gap = float(filled[old].mean() - filled[young].mean())
        if gap > LATE_GAP:
            then, now = filled[old].mean(), filled[young].mean()
            told = (
                f"column {name} is filled on {then:.0%} of the old events and on {now:.0%} of the newest ones: it was "
            )
            told += "filled in afterwards"
            found.append(Finding("late_columns", name, gap, LATE_GAP, practice.late_columns, told))
    return found


def early_labels(frame: pl.DataFrame, labels: pl.DataFrame, practice: Screening) -> list[Finding]:
    """Labels that were known before their event."""
    limit = practice.early_s * 1_000_000
    early = frame.filter((pl.col("label") >= 0) & (pl.col("known_at_us") < pl.col("time_us") - limit))
    told = labels.filter((pl.col("event_us") != 0) & (pl.col("known_us") < pl.col("event_us") - limit))
    names = set(early["id"].to_list()) | set(told["id"].to_list())
    if not names:
        return []
    some = ", ".join(sorted(names)[:3])
    text = f"{len(names):,} labels were known before their event happened, among them those of {some}"
    return [Finding("early_labels", "known_at", len(names), 0, practice.early_labels, text)]


def id_encodes(taught: pl.DataFrame, practice: Screening) -> list[Finding]:
    """An event id whose shape, ends or number tells the class, beyond what its place in time tells."""
    y = taught["taught"].to_numpy()
    if (y == 1).sum() < FRAUDS_MIN:
        return []
    ids, time = taught["id"], lone_auc(taught["time_us"], y)
    number = ids.str.extract(r"(\d{1,15})\D*$").cast(pl.Float64)
    looks = {
        "length": ids.str.len_chars(),
        "shape": ids.str.slice(0, 12).str.replace_all(r"\d", "9"),
        "first characters": ids.str.slice(0, 2),
        "last character": ids.str.slice(-1),
        "number": number,
        "number mod 2 to 16": _remainders(number, y),
    }
    best, look = max((lone_auc(values, y), name) for name, values in looks.items())
    if best <= practice.id_auc_max or best <= time + 0.1:
        return []
    told = f"the event id tells fraud by its {look} (AUC {best:.3f}): give neutral ids"
    return [Finding("id_encodes", look, best, practice.id_auc_max, practice.id_encodes, told)]


def _remainders(number: pl.Series, y: npt.NDArray[np.int8]) -> pl.Series:
    """The id's number modulo whichever of 2 to 16 tells most."""
    whole = number.cast(pl.Int64)
    return max(((whole % m) for m in range(2, 17)), key=lambda rest: lone_auc(rest, y))


def duplicates(frame: pl.DataFrame, practice: Screening) -> list[Finding]:
    """Events that say the same about the same at the same moment, and those of them whose labels contradict."""
    same = ["kind", "time_us", "amount", *(c for c in frame.columns if c.startswith("entity:"))]
    told = frame.filter(pl.col("kind").is_not_null()).group_by(same).agg(
        pl.len().alias("n"), (pl.col("taught").filter(pl.col("taught") >= 0).n_unique() > 1).alias("both")
    )  # fmt: skip
    twice = told.filter(pl.col("n") > 1)
    share = float(twice["n"].sum() - twice.height) / max(frame.height, 1)
    found = []
    if share > practice.duplicate_share_max:
        text = f"{share:.1%} of the events are there more than once under other ids"
        found.append(Finding("duplicates", "events", share, practice.duplicate_share_max, practice.duplicates, text))
    if both := int(twice["both"].sum()):
        text = f"{both:,} events are there twice, once as fraud and once as legitimate"
        found.append(Finding("contradictions", "events", both, 0, practice.contradictions, text))
    return found


def flips(frame: pl.DataFrame, labels: pl.DataFrame, practice: Screening) -> list[Finding]:
    """Analysts whose verdicts lie far from those of the others at the same risk.

    Verdicts are laid into layers of the score at which the alert was raised; in each layer one analyst is compared with
    all others (a stratified test of two shares, Mantel and Haenszel 1959).
    """
    verdicts = labels.filter(pl.col("kind") == "verdict").join(frame.select("id", "said:score"), on="id", how="inner")
    if verdicts.height < LABELS_MIN:
        return []
    score = verdicts["said:score"].fill_null(0.0).to_numpy()
    cuts = np.unique(np.quantile(score, np.linspace(0, 1, STRATA + 1)[1:-1]))
    layer, fraud = np.searchsorted(cuts, score), verdicts["fraud"].to_numpy().astype(np.float64)
    found = []
    for who in sorted(set(verdicts["who"].to_list())):
        hers = (verdicts["who"] == who).to_numpy()
        gap, z = _against_others(hers, layer, fraud)
        if abs(z) > Z_MIN and abs(gap) > practice.flip_gap_max:
            text = f"{who} calls {abs(gap):.0%} {'more' if gap > 0 else 'less'} fraud than the others at the same risk"
            found.append(Finding("flips", who, gap, practice.flip_gap_max, practice.flips, text))
    return found


def _against_others(hers: npt.NDArray[np.bool_], layer: npt.NDArray[np.int64], fraud: Floats) -> tuple[float, float]:
    """The difference of shares over all layers, and how many standard errors that is."""
    excess = variance = count = 0.0
    for at in np.unique(layer):
        mine, others = fraud[hers & (layer == at)], fraud[~hers & (layer == at)]
        n, m = len(mine), len(others)
        if not n or not m:
            continue
        both = (mine.sum() + others.sum()) / (n + m)
        excess += mine.sum() - n * others.mean()
        # The others' share is itself an estimate, so both errors count.
        variance += both * (1 - both) * n * (1 + n / m)
        count += n
    if not count or variance <= 0:
        return 0.0, 0.0
    return excess / count, excess / variance**0.5


def mass_labels(labels: pl.DataFrame, practice: Screening) -> list[Finding]:
    """Days on which one source told far more labels than on its other days."""
    days = labels.with_columns((pl.col("told_us") // DAY_US).alias("day")).group_by("who", "kind", "day").len()
    found = []
    for (who, kind), rows in days.group_by("who", "kind", maintain_order=True):
        counts = rows["len"].to_numpy()
        usual, most = float(np.median(counts)), int(counts.max())
        if len(counts) >= 5 and most > LABELS_MIN and most > practice.mass_factor * usual:
            name = str(who) or str(kind)
            text = f"{name} told {most:,} labels on one day, usually {usual:g}"
            found.append(Finding("mass_labels", name, most, practice.mass_factor * usual, practice.mass_labels, text))
    return sorted(found, key=lambda one: one.about)


def personal_data(frame: pl.DataFrame, practice: Screening) -> list[Finding]:
    """Free text that holds what only a vault should."""
    found = []
    for name in [c for c in frame.columns if c.startswith(("category:", "attribute:")) and frame[c].dtype == pl.String]:
        words = frame[name].drop_nulls().unique()
        for what, pattern in PERSONAL.items():
            if count := int(words.str.contains(pattern).sum()):
                text = f"column {name} holds what looks like a {what.replace('_', ' ')} ({count:,} values)"
                found.append(Finding("personal_data", f"{name} {what}", count, 0, practice.personal_data, text))
    return found
