"""The campaigns that begin on one day, as acts and as records."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from haechi.town.acts import COLUMNS, KEY_BITS, Acts, acts_of, scrambled
from haechi.town.almanac import DAY_US
from haechi.town.dice import Ints, Purpose, generator
from haechi.town.script import Campaign, Script

if TYPE_CHECKING:
    from haechi.town.town import Town

PER_DAY_MAX = 1 << 14  # campaigns of one typology that begin on one day


@dataclass(frozen=True)
class Typology:
    """A kind of campaign and how its script is told; `starts` names those whom a day calls, left out: chance."""

    name: str
    form: str
    tell: Callable[[Script], None]
    is_fraud: bool = True
    starts: Callable[[Town, int], Ints] | None = None
    late: bool = False


@dataclass(frozen=True)
class Wave:
    """All campaigns that begin on a day."""

    campaigns: list[Campaign]
    acts: Acts
    days: Ints  # the day of each act

    def on(self, day: int) -> Acts:
        """Its acts of one day."""
        return self.acts.take(self.days == day)


def draw_wave(town: Town, day: int, typologies: tuple[Typology, ...], forms: Container[str] | None = None) -> Wave:
    """Tell every campaign that begins on this day, or those of some forms alone: they are the same without the rest."""
    rows: list[dict[str, Any]] = []
    campaigns: list[Campaign] = []
    for code, typology in enumerate(typologies):
        if forms is not None and typology.form not in forms:
            continue
        for index, called in enumerate(_starts(town, day, code, typology)):
            number = (day << 19) | (code << 14) | index
            name = f"{typology.name}-{town.parameters.date_of(day):%Y%m%d}-{index + 1}"
            campaign = Campaign(number, name, typology.name, typology.form, typology.is_fraud)
            script = Script(town, campaign, day, generator(town.seed, Purpose.CAMPAIGNS, day, code, index))
            if called >= 0:
                script.hurt(called)
            typology.tell(script)
            if script.acts:
                _number(script, town, day)
                rows += script.acts
                campaigns.append(campaign)
    return _wave(town, campaigns, rows)


def _starts(town: Town, day: int, code: int, typology: Typology) -> list[int]:
    """Whom today's campaigns of a typology are about; -1: whoever the script chooses."""
    table = town.parameters.fraud if typology.is_fraud else town.parameters.benign
    rate = table[typology.name] * table["level"]
    rng = generator(town.seed, Purpose.CAMPAIGNS, day, code, 1 << 20)
    if typology.late and day < town.parameters.late_from * town.parameters.days:
        return []
    if typology.starts is not None:
        called = typology.starts(town, day)
        return [int(c) for c in called[rng.random(len(called)) < rate]][:PER_DAY_MAX]
    return [-1] * count_on(town, day, code, typology)


def count_on(town: Town, day: int, code: int, typology: Typology) -> int:
    """How many campaigns of a typology chance begins on a day."""
    table = town.parameters.fraud if typology.is_fraud else town.parameters.benign
    expected = table[typology.name] * table["level"] * len(town.people) / 1_000
    rng = generator(town.seed, Purpose.CAMPAIGNS, day, code, 1 << 20)
    return min(int(rng.poisson(expected)), PER_DAY_MAX)


def _number(script: Script, town: Town, day: int) -> None:
    """Give every act its id number, and put the number where an act is about another."""
    low = scrambled((1 << (KEY_BITS - 1)) | (script.campaign.number << 10) | np.arange(len(script.acts)))
    for act, part in zip(script.acts, low.tolist(), strict=True):
        act["key"] = ((act["time_us"] - town.start_us) // DAY_US << KEY_BITS) | part
        act["campaign"] = script.campaign.number
        act["role"] = town.role_code(act["role"])
    for act in script.acts:
        if "ref" in act:
            act["ref"] = act["ref"]["key"]


def _wave(town: Town, campaigns: list[Campaign], rows: list[dict[str, Any]]) -> Wave:
    if not rows:
        return Wave([], acts_of(0), np.empty(0, np.int64))
    columns = {
        name: np.array([row.get(name, empty) for row in rows], dtype) for name, (dtype, empty) in COLUMNS.items()
    }
    acts = Acts(columns)
    return Wave(campaigns, acts, (acts["time_us"] - town.start_us) // DAY_US)
