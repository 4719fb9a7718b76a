"""What stands: the history of models added up. The sum of its first rows is what stood then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import msgspec

Step = Literal["challenger", "shadow", "canary", "champion", "retired"]
WHOLE_PPM = 1_000_000


class Place(NamedTuple):
    """Where a model stands; `share_ppm` is the share of subjects that it decides for, in millionths."""

    step: Step
    share_ppm: int = 0


class HistoryRow(msgspec.Struct, frozen=True):
    """Something that took effect; `change_id` names what was agreed, where somebody had to agree."""

    number: int
    what: Literal["step", "first", "rollback", "end"]
    model: str
    step: Literal["shadow", "canary", "champion", "retired"]
    share_ppm: int
    person: str
    at_us: int
    change_id: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Standing:
    """The history up to a number, added up; a value: the next row makes another."""

    through: int = 0
    places: Mapping[str, Place] = field(default_factory=dict)
    champions: tuple[str, ...] = ()  # in the order in which they became it; after a rollback the undone one is gone
    been: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the steps that a model has been through

    def then(self, row: HistoryRow) -> Standing:
        """What stands after one more row."""
        places = dict(self.places)
        champions = self.champions
        if row.step in ("champion", "canary"):  # one of each: who comes sends the other away
            places |= {name: Place("retired") for name, place in places.items() if place.step == row.step}
        if row.step == "champion":
            champions = (*champions[: champions.index(row.model)], row.model) if row.what == "rollback" else (
                *(c for c in champions if c != row.model), row.model)  # fmt: skip
        places[row.model] = Place(row.step, row.share_ppm)
        been = {**self.been, row.model: self.been.get(row.model, frozenset()) | {row.step}}
        return replace(self, through=row.number, places=places, champions=champions, been=been)

    @property
    def champion(self) -> str | None:
        """The model that decides; None before the first."""
        return self.champions[-1] if self.champions else None

    @property
    def before(self) -> str | None:
        """The model that a rollback goes to."""
        return self.champions[-2] if len(self.champions) > 1 else None

    @property
    def canary(self) -> tuple[str, int] | None:
        """The model that decides for a share of subjects."""
        found = [(name, place.share_ppm) for name, place in self.places.items() if place.step == "canary"]
        return found[0] if found else None

    @property
    def shadows(self) -> tuple[str, ...]:
        """The models that score without acting, in the order of their names."""
        return tuple(sorted(name for name, place in self.places.items() if place.step == "shadow"))

    def place(self, model: str) -> Place:
        """Where a model stands; a challenger until somebody moved it."""
        return self.places.get(model, Place("challenger"))


def stood(rows: Iterable[HistoryRow]) -> Standing:
    """The sum of rows of the history."""
    standing = Standing()
    for row in rows:
        standing = standing.then(row)
    return standing
