"""What commands share when they speak to a person: progress on a terminal, and nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

SAMPLE_BYTES = 1 << 20


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left on standard error, when that is a terminal; the caller says how much is done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    rate = TextColumn("{task.completed:,.0f} rows  {task.speed:,.0f}/s" if total else "{task.completed:,.0f} rows")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), rate)
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        bar.update(task, completed=0)
        yield lambda done: bar.update(task, completed=done)


def rows_in(paths: Sequence[Path]) -> int | None:
    """About how many rows the files hold; None when that cannot be told without reading them."""
    import polars as pl

    total = 0.0
    for path in paths:
        name = path.name.lower()
        if name.endswith((".parquet", ".pq")):
            total += pl.scan_parquet(path).select(pl.len()).collect().item()
        elif name.endswith((".csv", ".tsv", ".jsonl", ".ndjson")):
            with path.open("rb") as file:
                sample = file.read(SAMPLE_BYTES)
            total += path.stat().st_size * sample.count(b"\n") / max(len(sample), 1)
        else:
            return None
    return round(total)
