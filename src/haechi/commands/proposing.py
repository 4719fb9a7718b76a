"""What `haechi rules test` and `haechi rules suggest` do: both work on files and history, and change nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from haechi.app import spec_of
from haechi.commands.history import copy_history
from haechi.events import Schema
from haechi.features import default_spec
from haechi.rulebook.backtesting import Span, replayed
from haechi.rules import read_pack
from haechi.rules.suggest import Suggestion, suggest
from haechi.rules.trial import try_pack, untested
from haechi.stores import Home

__all__ = ["suggested", "tried"]


def tried(files: list[Path], home: Path | None) -> tuple[list[dict[str, Any]], list[str]]:
    """Every test of the files with what its rule said, and the rules that no test shows to hit and to miss."""
    if home is None:
        schema = Schema.read("bank")
        spec = default_spec(schema)
    else:
        place = Home(home)
        place.check()
        schema = Schema.read(place.schema)
        spec = spec_of(place, schema)
    results, bare = [], []
    for path in files:
        pack = read_pack(path.read_text("utf-8"), str(path))
        bare += untested(pack)
        for one in try_pack(pack, schema, spec):
            results.append(
                {"rule": one.rule, "test": one.name, "expected": one.expected, "said": one.said, "holds": one.holds}
            )
    return results, bare


def suggested(home: Path, count: int, author: str) -> list[Suggestion]:
    """Drafts found on the mature labels of a home's history."""
    with TemporaryDirectory(prefix="haechi-suggest-") as folder:
        history = copy_history(home, Path(folder))
        rows: list[np.ndarray] = []
        fraud: list[np.ndarray] = []
        times: list[np.ndarray] = []
        for frame, features, _, _ in replayed(history, history.schema, history.spec, (), Span()):
            known = frame["known_at_us"].fill_null(2**62).to_numpy() <= history.last_us
            mature = known & (frame["label"].to_numpy() >= 0)
            rows.append(features[mature])
            fraud.append(frame["label"].to_numpy()[mature] == 1)
            times.append(frame["time_us"].to_numpy()[mature])
        if not rows:
            return []
        return suggest(
            np.concatenate(rows), np.concatenate(fraud), np.concatenate(times), history.spec,
            currency=history.schema.currency, count=count, author=author,
        )  # fmt: skip
