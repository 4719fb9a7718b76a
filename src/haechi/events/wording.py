"""Values as people say them, in English and Korean: money, times, shares, and how a value compares with the usual.

Every text comes in both languages: {"en": "7,000 won", "ko": "7,000원"}.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from math import floor, inf, isnan, log10
from typing import NamedTuple
from zoneinfo import ZoneInfo

from haechi.events.money import EXPONENTS

Text = dict[str, str]


class Compared(NamedTuple):
    """A value and the usual one in English, and the sentence that compares them in both languages."""

    value: str
    usual: str
    text: Text


CUSTOMER: Text = {"en": "the customer's usual", "ko": "평소"}
UNKNOWN: Text = {"en": "unknown", "ko": "알 수 없음"}
TIMES_MIN = 1.5  # from here on, and below its inverse, a value is worth comparing
_SIZES = frozenset(
    {"money", "count", "number", "seconds", "days", "km", "km/h"}
)  # units in which "twice" means something
_KOREAN_MONEY = {"KRW": "원", "EUR": "유로", "USD": "달러", "JPY": "엔", "CNY": "위안", "GBP": "파운드"}
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_KO = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
# What is counted in Korean takes its own counter; the phrase says what it is.
_COUNTERS = (("고객 수", "명"), ("횟수", "회"), ("일수", "일"), ("거래 수", "건"), ("사기", "건"), ("금액의 수", "건"))
# Seconds in the unit, its names, and the count at which the next unit takes over.
_SPANS = (
    (1, "second", "초", 60),
    (60, "minute", "분", 90),
    (3_600, "hour", "시간", 36),
    (86_400, "day", "일", 90),
    (2_629_746, "month", "개월", 24),
    (31_556_952, "year", "년", inf),
)
TEN_THOUSAND, SPOKEN_FROM = 10_000, 1_000_000
CLOCK_NOISE = 1e-3  # minutes that a time of day may lose as a float32
_FIGURE = re.compile(r"(\D*)([\d,.]*\d)(\D*)")
_BRACKETS = re.compile(r"\([^()]*\)$")
_DIGITS_WITH_FINAL = frozenset("013678")  # 영 일 삼 육 칠 팔 end in a consonant
_LETTERS_WITH_FINAL = frozenset("lmnr")  # 엘 엠 엔 알
_LIQUID = frozenset("178lr")  # ... in ㄹ, after which 로 stays 로


def value(x: float | str | None, unit: str, currency: str = "") -> Text:
    """Say a value with its unit; money in major units, times of day in hours, shares from 0 to 1."""
    return dict(_words(x, unit, currency))


def _words(x: float | str | None, unit: str, currency: str) -> Text:
    if isinstance(x, str):
        return {"en": x, "ko": x}
    return UNKNOWN if x is None or isnan(x) else _said(x, unit, currency)


@lru_cache(maxsize=8192)
def _said(x: float, unit: str, currency: str) -> Text:
    """One reason says the same value several times, and usual values come back with every reason."""
    return _SAY[unit](x) if unit != "money" else _major(x, currency)


@lru_cache(maxsize=8192)
def _spoken(x: float, currency: str, least: float) -> Text:
    said, tens = _major(x, currency), round(x / TEN_THOUSAND)
    if currency != "KRW" or x < least or tens * TEN_THOUSAND != x:
        return said
    hundreds, rest = divmod(tens, TEN_THOUSAND)
    parts = [f"{hundreds:,}억"] * (hundreds > 0) + [f"{rest:,}만"] * (rest > 0)
    return {"en": said["en"], "ko": f"{' '.join(parts)} 원"}


def spoken(x: float, currency: str, least: float = SPOKEN_FROM) -> Text:
    """Say money in major units as in a sentence: round won, from `least` on, is 980만 원 in Korean."""
    return dict(_spoken(x, currency, least))


@lru_cache(maxsize=8192)
def _joined(low: str, high: str, to: str) -> str:
    first, last = _FIGURE.fullmatch(low), _FIGURE.fullmatch(high)
    if first and last and first[1] == last[1] and first[3].rstrip("s") == last[3].rstrip("s"):
        tens = "만" if first[3].startswith("만") else ""  # 34만~120만 원: no ten thousand is left out
        return f"{first[1]}{first[2]}{tens}{to}{last[2]}{last[3]}"
    return f"{low}{to}{high}"


def between(low: Text, high: Text) -> Text:
    """Say a range, its unit once where both ends have the same: 1,500 to 3,900 won, 1,500~3,900원."""
    return {"en": _joined(low["en"], high["en"], " to "), "ko": _joined(low["ko"], high["ko"], "~")}


def money(minor_units: int, currency: str) -> Text:
    """Say an amount of whole minor units: 7,000 won, EUR 12.34."""
    return _major(minor_units / 10 ** EXPONENTS.get(currency, 0), currency)


def moment(time_us: int, timezone: str) -> Text:
    """Say a time as day of the week and clock: Fri 07:02 / 금요일 오전 7시 2분."""
    at = datetime.fromtimestamp(time_us // 1_000_000, ZoneInfo(timezone))
    clock = _hour(at.hour + at.minute / 60)
    return {"en": f"{_DAYS_EN[at.weekday()]} {clock['en']}", "ko": f"{_DAYS_KO[at.weekday()]} {clock['ko']}"}


def comparison(
    phrase: Text,
    x: float | str | None,
    usual: float | str | None,
    unit: str,
    currency: str = "",
    *,
    whose: Text = CUSTOMER,
) -> Compared:
    """Say what was seen and what is usual: "amount 7,000 won, 3.5 times the customer's usual 2,000 won"."""
    seen = _words(x, unit, currency)
    counter = _counter(phrase["ko"]) if unit == "count" else ""
    en = _introduced(phrase["en"]) + seen["en"]
    ko = _introduced(phrase["ko"]) + seen["ko"] + ("" if seen is UNKNOWN else counter)
    if usual is None or (not isinstance(usual, str) and isnan(usual)):
        return Compared(seen["en"], "", phrase if unit == "flag" and x else {"en": en, "ko": ko})
    normal = _words(usual, unit, currency)
    if unit == "flag" and x and not usual:
        return Compared(seen["en"], normal["en"], phrase)
    usual_en, usual_ko = normal["en"], normal["ko"] + ("" if normal is UNKNOWN else counter)
    is_told = normal != _words(0.0, unit, currency)  # what rounds to nothing, as what faded away, is no measure
    ratio = _ratio(x, usual) if unit in _SIZES and is_told else None
    if ratio is not None and ratio >= TIMES_MIN:
        times = _number(ratio)
        en, ko = f"{en}, {times} times {whose['en']} {usual_en}", f"{ko}, {whose['ko']} {usual_ko}의 {times}배"
    elif ratio is not None and ratio <= 1 / TIMES_MIN:
        en, ko = f"{en}, below {whose['en']} {usual_en}", f"{ko}, {whose['ko']} {usual_ko} 미만"
    else:
        en, ko = f"{en}, usually {usual_en}", f"{ko}, {whose['ko']} {usual_ko}"
    return Compared(seen["en"], usual_en, {"en": en, "ko": ko})


def with_particle(word: str, particle: str) -> str:
    """Append the form of a Korean particle that fits the sound before it: with_particle("금액", "은/는") is "금액은".

    The form after a consonant stands first. Digits, letters and the per cent sign count as they are read; brackets at
    the end are not read.
    """
    after_consonant, after_vowel = particle.split("/")
    read = _BRACKETS.sub("", word) or word
    end = next((c for c in reversed(read.lower()) if c.isalnum() or c == "%"), "")
    if "가" <= end <= "힣":
        final = (ord(end) - ord("가")) % 28
        consonant, liquid = final > 0, final == 8
    else:
        consonant, liquid = end in _DIGITS_WITH_FINAL or end in _LETTERS_WITH_FINAL, end in _LIQUID
    if particle == "으로/로" and liquid:
        return word + after_vowel
    return word + (after_consonant if consonant else after_vowel)


@lru_cache(maxsize=4096)
def _counter(korean: str) -> str:
    """What Korean puts behind the number of whatever this phrase counts."""
    return next((counter for what, counter in _COUNTERS if korean.endswith(what)), "개")


@lru_cache(maxsize=8192)
def _introduced(phrase: str) -> str:
    # One word reads as an apposition (amount 7,000 won); a longer phrase needs its colon.
    return f"{phrase}: " if " " in phrase.strip() else f"{phrase} "


def _ratio(x: float | str | None, usual: float | str) -> float | None:
    if isinstance(x, str) or isinstance(usual, str) or x is None or usual <= 0 or not x >= 0:
        return None
    return x / usual


def _number(x: float) -> str:
    if abs(x) >= 100 or x == int(x):
        return f"{x:,.0f}"
    if abs(x) >= 1:
        return f"{x:,.1f}".removesuffix(".0")
    digits = min(1 - floor(log10(abs(x))), 6)
    return f"{x:.{digits}f}".rstrip("0").rstrip(".")


def _plural(count: str, noun: str) -> str:
    return f"{count} {noun}" if count == "1" else f"{count} {noun}s"


def _major(x: float, currency: str) -> Text:
    figure = f"{x:,.{EXPONENTS.get(currency, 0)}f}"
    if not currency:
        return {"en": figure, "ko": figure}
    english = f"{figure} won" if currency == "KRW" else f"{currency} {figure}"
    korean = f"{figure}{_KOREAN_MONEY[currency]}" if currency in _KOREAN_MONEY else f"{currency} {figure}"
    return {"en": english, "ko": korean}


def _span(seconds: float) -> Text:
    size, noun, name, _ = next(span for span in _SPANS if abs(round(seconds / span[0])) < span[3])
    count = round(seconds / size)
    return {"en": _plural(f"{count:,}", noun), "ko": f"{count:,}{name}"}


def _share(x: float) -> Text:
    if 0 < x < 0.001:
        return {"en": "less than 0.1%", "ko": "0.1% 미만"}
    text = f"{100 * x:.1f}".removesuffix(".0") if x < 0.1 else f"{100 * x:.0f}"
    return {"en": f"{text}%", "ko": f"{text}%"}


def _hour(x: float) -> Text:
    hour, minute = divmod(int(x * 60 + CLOCK_NOISE) % 1_440, 60)  # a clock shows 07:02 until it is 07:03
    half = "오전" if hour < 12 else "낮" if hour == 12 else "오후"
    korean = f"{half} {hour if hour <= 12 else hour - 12}시"
    return {"en": f"{hour:02}:{minute:02}", "ko": f"{korean} {minute}분" if minute else korean}


def _same(x: float) -> Text:
    number = _number(x)
    return {"en": number, "ko": number}


def _around(noun: str, before: str, after: str) -> Callable[[float], Text]:
    """A number with an English noun behind it, and with Korean around it."""

    def say(x: float) -> Text:
        number = _number(x)
        return {"en": _plural(number, noun), "ko": f"{before}{number}{after}"}

    return say


_SAY: dict[str, Callable[[float], Text]] = {
    "count": _same,
    "number": _same,
    "code": _same,
    "ratio": _around("time", "", "배"),
    "sd": _around("standard deviation", "표준편차의 ", "배"),
    "seconds": _span,
    "days": lambda x: _span(x * 86_400) if x >= 1 else {"en": "less than a day", "ko": "하루 미만"},
    "share": _share,
    "flag": lambda x: {"en": "yes", "ko": "예"} if x else {"en": "no", "ko": "아니요"},
    "hour": _hour,
    "weekday": lambda x: {"en": _DAYS_EN[int(x) % 7], "ko": _DAYS_KO[int(x) % 7]},
    "km": lambda x: {"en": f"{_number(x)} km", "ko": f"{_number(x)}km"},
    "km/h": lambda x: {"en": f"{_number(x)} km/h", "ko": f"시속 {_number(x)}km"},
    "years": lambda x: {"en": _plural(f"{int(x)}", "year"), "ko": f"{int(x)}세"},
}
UNITS = frozenset({*_SAY, "money"})
