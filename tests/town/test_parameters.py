"""Parameters that no town can have are refused in one sentence."""

from __future__ import annotations

from datetime import date

import pytest

from haechi.town import PROFILES, ImpossibleTown, parameters
from haechi.town.typologies import TYPOLOGIES


def test_the_profiles_are_as_documented() -> None:
    sizes = {name: (p.customers, p.days) for name in PROFILES for p in [parameters(name)]}
    assert sizes == {"small": (1_000, 60), "standard": (20_000, 180), "large": (1_000_000, 30)}
    assert {parameters(name).end for name in PROFILES} == {date(2024, 10, 25)}


def test_every_typology_has_a_rate_and_every_rate_a_typology() -> None:
    given = parameters()
    assert set(given.fraud) - {"level"} == {t.name for t in TYPOLOGIES if t.is_fraud}
    assert set(given.benign) - {"level"} == {t.name for t in TYPOLOGIES if not t.is_fraud}
    assert sum(v for k, v in given.benign.items() if k != "level") > sum(
        v for k, v in given.fraud.items() if k != "level"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"customers": -1}, "customers must be a whole number >= 1, not -1"),
        ({"customers": 10_000_001}, "customers"),
        ({"days": 0}, "days"),
        ({"never_share": 1.2}, "never_share must be a number <= 1.0, not 1.2"),
        ({"abroad_share": float("nan")}, "abroad_share"),
        ({"start": date(1800, 1, 1)}, "start must be between 1990-01-01 and 2090-01-01"),
        ({"start": "yesterday"}, "start"),
        ({"fraud": {"voice_loan": -0.1}}, "every line of fraud must be a number >= 0.0"),
        ({"fraud": {"voice_lone": 0.1}}, "fraud has no parameter 'voice_lone'; did you mean 'voice_loan'"),
        ({"fraud": 3}, "fraud must be a table, not 3"),
        ({"loss": {"spread": 9}}, "loss.spread must be a number <= 3.0, not 9"),
        ({"prices_per_month": "x"}, "prices_per_month must be a number, not 'x'"),
        ({"no_such": 1}, "no parameter is called 'no_such'; there are abroad_share, benign"),
    ],
)
def test_impossible_parameters_are_named(change, words) -> None:
    with pytest.raises(ImpossibleTown, match=words):
        parameters("small", **change)


def test_a_file_changes_what_it_names(tmp_path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[people]\npace = 0.5\n[fraud]\nvoice_loan = 0.2\n[loss]\nclaim_days = 30\n")
    given, before = parameters("small", file, days=7), parameters()
    assert (given.pace, given.days, given.loss.claim_days) == (0.5, 7, 30)
    assert given.fraud == before.fraud | {"voice_loan": 0.2}


@pytest.mark.parametrize(
    ("text", "words"), [("pace = ", "is no TOML"), ("[people]\nspeed = 1", "no parameter is called")]
)
def test_a_broken_file_is_named(tmp_path, text, words) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ImpossibleTown, match=words):
        parameters("small", file)
    with pytest.raises(ImpossibleTown, match="cannot read"):
        parameters("small", tmp_path / "nowhere.toml")
    with pytest.raises(ImpossibleTown, match="profile must be one of"):
        parameters("tiny")
