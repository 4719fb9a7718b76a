"""Holds files against a schema and tells how well they fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from haechi.events.frames import open_source, read_frames
from haechi.events.report import Rejected
from haechi.events.schema import Schema
from haechi.events.times import moment

MOSTLY_MISSING = 0.99
FEW_LABELS = 50
_ALWAYS_THERE = ("line", "id", "kind", "time_us", "currency", "label", "known_at_us")


@dataclass
class Check:
    """How files fit a schema: rows, time, labels, what is missing where, and the problems a person should look at."""

    schema: str
    files: list[str]
    rows: int = 0
    accepted: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    first_rejected: list[Rejected] = field(default_factory=list)
    first_time: str = ""
    last_time: str = ""
    missing: dict[str, float] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The check as a person reads it."""
        found = [f"{self.rows} rows, {self.accepted} accepted, {self.rows - self.accepted} rejected"]
        found += [f"  rejected: {count} {code}" for code, count in self.rejected.items()]
        found += [f"  {one}" for one in self.first_rejected]
        found.append(f"time: {self.first_time} .. {self.last_time}")
        for name, counts in (("kinds", self.kinds), ("currencies", self.currencies), ("labels", self.labels)):
            found.append(f"{name}: " + (", ".join(f"{k} {n}" for k, n in counts.items()) or "none"))
        found += [f"missing: {name} {share:.1%}" for name, share in self.missing.items() if share]
        if self.unused:
            found.append("columns without a role: " + ", ".join(self.unused))
        found += [f"note: {note}" for note in self.notes]
        return found + [f"problem: {problem}" for problem in self.problems]


def check_files(
    schema: Schema, paths: str | Path | Sequence[str | Path], *, advance: Callable[[int], None] = lambda rows: None
) -> Check:
    """Read files through a schema without stopping at bad rows, and report on all of them; `advance` hears of rows."""
    frames = read_frames(schema, paths, max_bad=1.0, sort="auto")
    tally = _Tally(frames.schema)
    for frame in frames:
        tally.add(frame)
        advance(frame.height)
    report = frames.report
    check = Check(schema.name, [str(p) for p in frames.paths], report.rows, report.accepted)
    check.rejected, check.first_rejected, check.notes = dict(report.rejected.most_common()), report.first, frames.notes
    used = set(frames.schema.columns)
    check.unused = [c for c in open_source(frames.paths[0]).columns if c not in used]
    tally.fill(check)
    check.problems = _problems(frames.schema, check)
    return check


class _Tally:
    """Counts over canonical frames, in memory that does not grow with the rows."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._rows = 0
        self._missing: Counter[str] = Counter()
        self._values: dict[str, Counter[str]] = {"kind": Counter(), "currency": Counter(), "label": Counter()}
        self._span: tuple[int, int] | None = None

    def add(self, frame: pl.DataFrame) -> None:
        self._rows += frame.height
        for column in frame.columns:
            if column not in _ALWAYS_THERE:
                self._missing[column] += frame[column].null_count()
        for column, counts in self._values.items():
            for value, count in frame[column].value_counts().iter_rows():
                counts[str(value)] += count
        first, last = int(frame["time_us"][0]), int(frame["time_us"][-1])
        self._span = (min(first, self._span[0]), max(last, self._span[1])) if self._span else (first, last)

    def fill(self, check: Check) -> None:
        check.missing = {c: n / max(self._rows, 1) for c, n in self._missing.items()}
        check.kinds = dict(self._values["kind"].most_common(50))
        check.currencies = {c: n for c, n in self._values["currency"].most_common(50) if c}
        words = {"1": "fraud", "0": "legitimate", "-1": "unlabelled"}
        check.labels = {words[c]: n for c, n in self._values["label"].most_common()} if self._schema.has_label else {}
        if self._span:
            first, last = self._span
            ordinal = self._schema.ordinal
            check.first_time = str(first // 1_000_000) if ordinal else moment(first)
            check.last_time = str(last // 1_000_000) if ordinal else moment(last)


def _problems(schema: Schema, check: Check) -> list[str]:
    found = []
    if not check.accepted:
        return ["no row was accepted"]
    if check.accepted < check.rows:
        found.append(f"{check.rows - check.accepted} rows are rejected ({1 - check.accepted / check.rows:.2%})")
    if not schema.optional:  # where every field may be left out, most of them are
        found += [
            f"{name} is almost always missing" for name, share in check.missing.items() if share >= MOSTLY_MISSING
        ]
    if not schema.keys:
        found.append("the schema has no entity: nobody's behaviour can be learned")
    if schema.has_label:
        frauds, legitimate = check.labels.get("fraud", 0), check.labels.get("legitimate", 0)
        if frauds < FEW_LABELS or not legitimate:
            found.append(f"{frauds} frauds and {legitimate} legitimate rows: too few to train on")
    if schema.amount and not check.currencies:
        found.append(f"no row has an amount in {schema.amount.column}")
    return found
