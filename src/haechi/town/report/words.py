"""Every sentence of the report in Korean and English, and how amounts, shares and moments are written."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources

from haechi.town.report.markup import Word

WEEKDAYS = (("월", "Mon"), ("화", "Tue"), ("수", "Wed"), ("목", "Thu"), ("금", "Fri"), ("토", "Sat"), ("일", "Sun"))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MAN, EOK = 10_000, 100_000_000


@cache
def _told() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((resources.files(__package__) / "words.toml").read_text("utf-8"))


def say(name: str, **values: Word | str | int) -> Word:
    """A sentence of the page with its values filled in."""
    found = _told()["page"][name]
    ko = {key: value.ko if isinstance(value, Word) else f"{value:,}" if isinstance(value, int) else value
          for key, value in values.items()}  # fmt: skip
    en = {key: value.en if isinstance(value, Word) else f"{value:,}" if isinstance(value, int) else value
          for key, value in values.items()}  # fmt: skip
    return Word(found["ko"].format(**ko), found["en"].format(**en))


def name_of(kind: str, word: str | None) -> Word:
    """What a persona, a typology, a role ... is called; a word that nobody translated stands for itself."""
    if not word:
        return say("unknown")
    found = _told()[kind].get(word)
    plain = word.replace("_", " ")
    return Word(found["ko"], found["en"]) if found else Word(plain, plain)


def won(amount: int) -> Word:
    """An exact amount."""
    return Word(f"{amount:,}원", f"₩{amount:,}")


def about_won(amount: float) -> Word:
    """An amount to three digits, in the units people think in."""
    ko = (
        f"{amount / EOK:,.3g}억 원"
        if amount >= EOK
        else f"{amount / MAN:,.4g}만 원"
        if amount >= MAN
        else f"{amount:,.0f}원"
    )
    en = (
        f"₩{amount / 1e9:,.3g} bn"
        if amount >= 1e9
        else f"₩{amount / 1e6:,.3g} M"
        if amount >= 1e6
        else f"₩{amount:,.0f}"
    )
    if amount >= 1_000 * EOK:
        ko = f"{amount / EOK:,.0f}억 원"
    return Word(ko, en)


def short_won(amount: float) -> Word:
    """An amount for an axis."""
    steps: tuple[tuple[float, str], ...] = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
    en = next((f"{amount / size:g}{unit}" for size, unit in steps if amount >= size), f"{amount:g}")
    ko = f"{amount / EOK:g}억" if amount >= EOK else f"{amount / MAN:g}만" if amount >= MAN else f"{amount:,g}"
    return Word(ko, en)


def share(part: float, digits: int = 1) -> str:
    """A share as percent."""
    return f"{100 * part:.{digits}f} %"


def day(when: date) -> Word:
    """A date with its weekday."""
    ko, en = WEEKDAYS[when.weekday()]
    return Word(
        f"{when.year}년 {when.month}월 {when.day}일 ({ko})", f"{en} {when.day} {MONTHS[when.month - 1]} {when.year}"
    )


def month(when: date) -> Word:
    """A month, for an axis."""
    return Word(f"{when.month}월", MONTHS[when.month - 1])


def clock(when: datetime) -> str:
    """The time of day; seconds where they tell something."""
    return f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"


def lapse(span: timedelta) -> Word:
    """How long something took, in its largest unit."""
    seconds = max(span.total_seconds(), 0)
    sizes: tuple[tuple[float, Callable[[str], Word]], ...] = (
        (2 * 86_400, lambda n: Word(f"{n}일", f"{n} days")),
        (2 * 3_600, lambda n: Word(f"{n}시간", f"{n} hours")),
        (120, lambda n: Word(f"{n}분", f"{n} minutes")),
    )
    units = (86_400, 3_600, 60)
    for (least, told), unit in zip(sizes, units, strict=True):
        if seconds >= least:
            return told(f"{seconds / unit:.0f}")
    return Word(f"{seconds:.0f}초", f"{seconds:.0f} seconds")
