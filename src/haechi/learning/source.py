"""Files become events with feature rows: read once for the light columns, once more through the kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import polars as pl

from haechi.features import Memory, Replayer, Spec
from haechi.learning.dataset import Columns, Events, Index, Mask, Rows
from haechi.learning.errors import BadProtocol

Advance = Callable[[str, int], None]


@dataclass
class ReplaySource:
    """Canonical frames (read afresh as often as needed) and the declaration of features to replay them with."""

    frames: Iterable[pl.DataFrame]
    spec: Spec
    timezone: str
    ordinal: bool
    entities: Sequence[str]
    advance: Advance = lambda stage, rows: None
    read_seconds: float = 0.0
    events: Events = field(init=False)
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        start = perf_counter()
        self.events = self._read()
        self.read_seconds = perf_counter() - start
        features = self.spec.features
        self.columns = Columns(
            tuple(f.name for f in features),
            tuple(f.family for f in features),
            tuple(f.role for f in features),
            self.spec.hash,
        )

    def rows(self, keep: Index, visible: Mask | None) -> Rows:
        """Replay everything from the first event on and return the rows of some events."""
        replayer = Replayer(Memory(self.spec))
        out = np.empty((len(keep), len(self.spec.features)), dtype=np.float32)
        start = filled = 0
        for frame in self.frames:
            end = start + frame.height
            here = keep[np.searchsorted(keep, start) : np.searchsorted(keep, end)] - start
            wanted = np.zeros(frame.height, dtype=bool)
            wanted[here] = True
            found, _ = replayer.feed(frame, wanted, visible[start:end] if visible is not None else None)
            out[filled : filled + len(here)] = found
            start, filled = end, filled + len(here)
            self.advance("replay", frame.height)
        if start != len(self.events) or filled != len(keep):
            raise BadProtocol(f"the files changed while they were read: {len(self.events)} events before, {start} now")
        return out

    def _read(self) -> Events:
        codes = {name: _Codes() for name in self.entities}
        parts: dict[str, list[np.ndarray]] = {}
        for frame in self.frames:
            for name, values in self._light(frame, codes).items():
                parts.setdefault(name, []).append(values)
            self.advance("read", frame.height)
        if not parts:
            raise BadProtocol("the files hold no events: check the schema with `haechi schema check`")
        light = {name: np.concatenate(values) for name, values in parts.items()}
        return Events(
            time_us=light["time_us"],
            y=light["y"].astype(np.int8),
            known_at_us=light["known_at_us"],
            entities={name: light[f"entity:{name}"] for name in self.entities},
            subject=self.entities[0] if self.entities else None,
            amount=light.get("amount"),
            day=light.get("day"),
            weight=light.get("weight"),
        )

    def _light(self, frame: pl.DataFrame, codes: dict[str, _Codes]) -> dict[str, np.ndarray]:
        """The few columns of a frame that learning itself needs."""
        times = frame["time_us"]
        if "label" not in frame.columns:
            raise BadProtocol("the schema names no label: add a [label] section, there is nothing to learn from")
        # A frozen data set says who teaches, which is not everybody whose label the memory may hear.
        label, known = ("taught", "taught_at_us") if "taught" in frame.columns else ("label", "known_at_us")
        found = {
            "time_us": times.to_numpy(),
            "y": frame[label].fill_null(-1).to_numpy(),
            "known_at_us": frame[known].fill_null(times).to_numpy(),
        }
        if "weight" in frame.columns:
            found["weight"] = frame["weight"].fill_null(1.0).to_numpy()
        # A label cannot be known before its event.
        found["known_at_us"] = np.maximum(found["known_at_us"], found["time_us"])
        if "amount" in frame.columns:
            found["amount"] = frame["amount"].fill_null(0).to_numpy()
        if not self.ordinal:
            found["day"] = local_days(times, self.timezone)
        return found | {f"entity:{name}": codes[name].of(frame[f"entity:{name}"]) for name in codes}


class _Codes:
    """Running numbers for the keys of one entity, in order of appearance; -1 for a missing one."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, keys: pl.Series) -> Index:
        fresh = keys.unique(maintain_order=True).drop_nulls().to_list()
        numbers = [self._known.setdefault(key, len(self._known)) for key in fresh]
        table = pl.Series(numbers, dtype=pl.Int64)
        codes = keys.replace_strict(pl.Series(fresh, dtype=pl.String), table, default=-1, return_dtype=pl.Int64)
        return codes.fill_null(-1).to_numpy()


def local_days(times: pl.Series, timezone: str) -> Index:
    """The number of the calendar day in a zone that each time falls on."""
    moments = times.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(timezone)
    return moments.dt.date().cast(pl.Int32).cast(pl.Int64).to_numpy()
