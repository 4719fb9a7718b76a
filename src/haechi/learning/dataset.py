"""What learning works on: the light columns of all events, and their feature rows for a given set of visible labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int8]

DAY_US = 86_400_000_000
UNKNOWN = -1


@dataclass(frozen=True)
class Events:
    """The columns of all events that learning needs, in time order; entities as codes, -1 where missing."""

    time_us: Index
    y: Labels
    known_at_us: Index
    entities: dict[str, Index] = field(default_factory=dict)
    subject: str | None = None
    amount: Index | None = None
    day: Index | None = None
    weight: npt.NDArray[np.float64] | None = None  # how much each counts when it teaches; None: all the same

    def __post_init__(self) -> None:
        assert (np.diff(self.time_us) >= 0).all(), "events must come in time order"
        assert len(self.y) == len(self.known_at_us) == len(self.time_us)

    def __len__(self) -> int:
        return len(self.time_us)

    @property
    def labelled(self) -> Index:
        """Positions of the events whose outcome is on file."""
        return np.flatnonzero(self.y != UNKNOWN)


@dataclass(frozen=True)
class Columns:
    """What the columns of the feature rows are: names, families, roles, and the hash of the declaration."""

    names: tuple[str, ...]
    families: tuple[str, ...]
    roles: tuple[str, ...]
    spec_hash: str = ""

    def without(self, family: str) -> Index:
        """Positions of the columns of all other families."""
        return np.array([i for i, f in enumerate(self.families) if f != family], dtype=np.int64)

    def take(self, chosen: Sequence[int] | Index) -> Columns:
        """Only the chosen columns."""
        return Columns(
            tuple(self.names[i] for i in chosen),
            tuple(self.families[i] for i in chosen),
            tuple(self.roles[i] for i in chosen),
            self.spec_hash,
        )


class Source(Protocol):
    """Where events and their feature rows come from."""

    events: Events
    columns: Columns

    def rows(self, keep: Index, visible: Mask | None) -> Rows:
        """Feature rows of some events; features know only visible labels, each from its known-at time on.

        `visible` is one flag an event; None makes every label visible.
        """
        ...


def local_day(time_us: Index, offset_us: int = 0) -> Index:
    """The number of the calendar day that each time falls on."""
    return (time_us + offset_us) // DAY_US
