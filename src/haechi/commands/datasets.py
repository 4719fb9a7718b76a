"""A home's history becomes a data set, screened before anybody may learn from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from haechi.app import now_us, overrides_of
from haechi.commands.history import copy_history
from haechi.commands.moments import moment_us
from haechi.learning.freeze import freeze
from haechi.learning.frozen import DataSet, DataSets
from haechi.learning.practice import Learning
from haechi.learning.screening import Finding, screen
from haechi.settings import Settings
from haechi.stores import Home

__all__ = ["Made", "make_data_set", "practice_of"]

Progress = Callable[[str, float], None]


class Made:
    """A data set, what screening found in it, and whether the journal was in reach."""

    def __init__(self, data: DataSet, findings: list[Finding], *, whole: bool) -> None:
        self.data, self.findings, self.whole = data, findings, whole


def practice_of(home: Path) -> Learning:
    """How a home learns."""
    return Settings.read(Home(home).settings).learning


def make_data_set(
    home: Path,
    *,
    until: str | None = None,
    as_of: str | None = None,
    progress: Progress = lambda step, rows: None,
    beside: Path | None = None,
) -> Made:
    """Copy the history, freeze it at a moment (the newest event unless named) and screen it.

    `beside` is where a server that works on the home kept its journal for this.
    """
    place, practice = Home(home), practice_of(home)
    with TemporaryDirectory(prefix="haechi-dataset-") as folder:
        schema_zone = _zone(place)
        until_us = None if until is None else moment_us(until, schema_zone)
        as_of_us = None if as_of is None else moment_us(as_of, schema_zone)
        history = copy_history(
            home, Path(folder), lambda rows: progress("copying the history", rows),
            until_us=until_us, as_of_us=as_of_us, whole=True, beside=beside,
        )  # fmt: skip
        sets = DataSets(place.datasets)
        data = freeze(
            sets, history, history.labels, history.schema, history.spec,
            until_us=history.last_us if until_us is None else until_us, as_of_us=as_of_us, practice=practice,
            overrides=overrides_of(place), now_us=now_us(),
        )  # fmt: skip
        findings = screen(data, history.labels, data.until_us, practice.screening)
    data = sets.note(data, screening=[one.document() for one in findings])
    return Made(data, findings, whole=history.whole)


def _zone(home: Home) -> str:
    from haechi.events import Schema

    return Schema.read(home.schema).timezone
