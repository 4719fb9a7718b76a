"""Every sentence is there in both languages; amounts, moments and spans read well."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from haechi.town.report import words
from haechi.town.report.markup import Word
from haechi.town.report.words import about_won, clock, day, lapse, name_of, say, short_won, won

ROOM = Path(words.__file__).parent
TOLD = tomllib.loads((ROOM / "words.toml").read_text("utf-8"))


def test_every_word_is_korean_and_english() -> None:
    wrong = [f"{part}.{name}" for part, entries in TOLD.items() for name, told in entries.items()
             if set(told) != {"ko", "en"} or not told["ko"] or not told["en"]]  # fmt: skip
    assert not wrong


def test_both_languages_take_the_same_values() -> None:
    holes = re.compile(r"\{(\w+)\}")
    wrong = [
        name for name, told in TOLD["page"].items() if set(holes.findall(told["ko"])) != set(holes.findall(told["en"]))
    ]
    assert not wrong


def test_every_sentence_that_is_asked_for_is_there() -> None:
    code = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py"))
    asked = set(re.findall(r'say\(\s*"(\w+)"', code))
    assert len(asked) > 30
    assert asked <= set(TOLD["page"])


def test_an_unknown_word_stands_for_itself() -> None:
    assert name_of("persona", "deep_sea_diver") == Word("deep sea diver", "deep sea diver")
    assert name_of("kind", None) == say("unknown")


@pytest.mark.parametrize(
    ("amount", "ko", "en"),
    [(7_000, "7,000원", "₩7,000"), (17_100_000, "1,710만 원", "₩17.1 M"), (230_000_000, "2.3억 원", "₩230 M"),
     (196_500_000_000, "1,965억 원", "₩196 bn"), (0, "0원", "₩0")],
)  # fmt: skip
def test_amounts(amount, ko, en) -> None:
    assert about_won(amount) == Word(ko, en)


def test_exact_and_short_amounts() -> None:
    assert won(1_234_567) == Word("1,234,567원", "₩1,234,567")
    assert short_won(1e7) == Word("1000만", "10M")
    assert short_won(1e8) == Word("1억", "100M")
    assert short_won(500) == Word("500", "500")


def test_moments() -> None:
    assert day(date(2024, 10, 25)) == Word("2024년 10월 25일 (금)", "Fri 25 Oct 2024")
    assert clock(datetime(2024, 10, 25, 7, 2)) == "07:02"
    assert clock(datetime(2024, 10, 25, 7, 2, 5)) == "07:02:05"


@pytest.mark.parametrize(
    ("seconds", "en"),
    [(-5, "0 seconds"), (59, "59 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7_199, "120 minutes"),
     (7_200, "2 hours"), (172_799, "48 hours"), (172_800, "2 days")],
)  # fmt: skip
def test_spans_are_told_in_their_largest_unit(seconds, en) -> None:
    assert lapse(timedelta(seconds=seconds)).en == en
