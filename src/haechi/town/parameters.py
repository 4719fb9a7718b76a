"""How large a town is and what happens in it: read from TOML, checked, immutable."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec

from haechi.town.errors import ImpossibleTown

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Rate = Annotated[float, msgspec.Meta(ge=0, le=100)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=1_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=365)]
PROFILES = ("small", "standard", "large")
FIRST_START, LAST_START = date(1990, 1, 1), date(2090, 1, 1)
_WRONG = re.compile(r"Expected `(?P<type>\w+)`(?P<limit> [<>]=? [^,` ]+)?(?:, got `\w+`)? - at `\$\.(?P<path>.+)`")
_WORDS = {"int": "a whole number", "float": "a number", "date": "a date", "str": "text", "object": "a table"}
KINDS_OF_CATEGORY_MIN = 60  # merchants: at least two of each category


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What voice phishing costs, and what comes back."""

    mean_won: Annotated[int, msgspec.Meta(ge=1, le=10**10)]
    spread: Annotated[float, msgspec.Meta(ge=0, le=3)]
    max_won: Annotated[int, msgspec.Meta(ge=1, le=10**11)]
    returned_share: Share
    claim_days: Days
    refund_days_max: Days
    card_refund_days: Days


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The parameters of a town; `parameters.toml` says what each of them means."""

    customers: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    days: Annotated[int, msgspec.Meta(ge=1, le=3_660)]
    start: date
    pace: Positive
    merchants_per_1000: Annotated[float, msgspec.Meta(gt=0, le=10_000)]
    joins_per_year: Share
    moves_per_year: Share
    trips_per_year: Annotated[float, msgspec.Meta(ge=0, le=12)]
    abroad_share: Share
    new_payee_share: Share
    prices_per_month: Annotated[float, msgspec.Meta(ge=-0.1, le=0.1)]
    online_per_month: Annotated[float, msgspec.Meta(ge=-0.1, le=0.1)]
    gift_factor: Positive
    late_from: Share
    settled_after_days: Days
    never_share: Share
    wrong_share: Share
    wrongly_accused: Share
    victim_hours_median: Positive
    card_hours_median: Positive
    mule_days_median: Positive
    report_days_max: Annotated[int, msgspec.Meta(ge=1, le=365)]
    fraud: dict[str, Rate]
    benign: dict[str, Rate]
    loss: Loss

    def __post_init__(self) -> None:
        if not FIRST_START <= self.start <= LAST_START:
            raise ImpossibleTown(f"start must be between {FIRST_START} and {LAST_START}, not {self.start}")

    @property
    def merchants(self) -> int:
        """How many merchants the town has."""
        return max(KINDS_OF_CATEGORY_MIN, round(self.customers * self.merchants_per_1000 / 1_000))

    @property
    def end(self) -> date:
        """The first day after the last."""
        return self.date_of(self.days)

    def date_of(self, day: int) -> date:
        """The date of the town's day with this number; day 0 is the first."""
        return self.start + timedelta(days=day)

    def day_of(self, on: date) -> int:
        """The number of a date."""
        return (on - self.start).days


def parameters(profile: str = "small", file: str | Path | None = None, **changes: Any) -> Parameters:
    """The parameters of a profile, with a file of changes and single changes on top.

    A change of a table (`fraud={"level": 0}`) changes only what it names.
    """
    told = tomllib.loads(resources.files("haechi.town").joinpath("parameters.toml").read_text("utf-8"))
    profiles = told.pop("profiles")
    if profile not in profiles:
        raise ImpossibleTown(f"profile must be one of {', '.join(profiles)}, not {profile!r}")
    values = _flat(told) | profiles[profile]
    if file is not None:
        values = _changed(values, _flat(_read(file)), str(file))
    given = {name: value for name, value in changes.items() if value is not None}
    return checked(_changed(values, given, "the call"))


def checked(values: dict[str, Any]) -> Parameters:
    """Parameters from plain values, or a sentence about the first that no town can have."""
    try:
        return msgspec.convert(values, Parameters)
    except msgspec.ValidationError as error:
        raise ImpossibleTown(_plainly(str(error), values)) from error


def _plainly(said: str, values: dict[str, Any]) -> str:
    """What msgspec says about a value, as a sentence with the value in it."""
    found = _WRONG.fullmatch(said)
    if found is None:
        return f"impossible parameter: {said}"
    path = found["path"].replace("[...]", "")
    value: Any = values
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else value
    wanted = _WORDS.get(found["type"], found["type"]) + (found["limit"] or "")
    if isinstance(value, dict):
        return f"every line of {path} must be {wanted}"
    return f"{path} must be {wanted}, not {value!r}"


def _flat(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables people, world and labels are headings only."""
    headings = {"people", "world", "labels", "size"}
    found: dict[str, Any] = {}
    for name, value in tables.items():
        found |= value if name in headings and isinstance(value, dict) else {name: value}
    return found


def _changed(values: dict[str, Any], changes: dict[str, Any], source: str) -> dict[str, Any]:
    merged = dict(values)
    for name, value in changes.items():
        if name not in values:
            raise ImpossibleTown(f"{source}: no parameter is called {name!r}; {_near(name, values)}")
        if isinstance(values[name], dict) and isinstance(value, dict):
            if unknown := sorted(set(value) - set(values[name])):
                raise ImpossibleTown(
                    f"{source}: {name} has no parameter {unknown[0]!r}; {_near(unknown[0], values[name])}"
                )
            merged[name] = values[name] | value
        else:
            merged[name] = value
    return merged


def _near(name: str, values: dict[str, Any]) -> str:
    """The names that somebody may have meant, or all."""
    close = get_close_matches(name, values, n=1)
    return f"did you mean {close[0]!r}?" if close else "there are " + ", ".join(sorted(values))


def _read(file: str | Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise ImpossibleTown(f"cannot read {file}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImpossibleTown(f"{file} is no TOML: {error}") from error
