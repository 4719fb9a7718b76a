"""Scan a condition before Python's parser sees it: take out texts and units, refuse what has no business in a rule.

`7_000 won` and `3 days` are no Python, and in a text a backslash is a backslash. Both are blanked out with as many
characters, so every place in the scanned text is the place in the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches

from haechi.events.money import EXPONENTS
from haechi.rules.errors import BadRule
from haechi.rules.rule import CONDITION_CHARS_MAX

__all__ = ["JOINING", "Scanned", "scan"]

NESTING_MAX = 30
NUMBER_CHARS_MAX = 24
NUMBER_MAX = Decimal(10**15)
SPANS = {
    "second": 1, "seconds": 1, "minute": 60, "minutes": 60, "hour": 3_600, "hours": 3_600, "day": 86_400,
    "days": 86_400, "week": 604_800, "weeks": 604_800, "초": 1, "분": 60, "시간": 3_600, "일": 86_400, "주": 604_800,
}  # fmt: skip
MONEY = {"won": "KRW", "원": "KRW", **{code: code for code in EXPONENTS}}
COMMON = ("KRW", "USD", "EUR", "JPY", "CNY", "GBP")
YEARS = frozenset({"year", "years", "yr", "yrs", "살", "세", "년"})
JOINING = frozenset({"and", "or", "not", "in"})
_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "if", "else", "for"})
_NUMBER = re.compile(r"[0-9][0-9_]*(?:\.[0-9_]+)?")
_WORD = re.compile(r"[A-Za-z가-힣_][A-Za-z0-9가-힣_]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_HINTS = {
    "#": "conditions hold no comments; say it in the rule's name or reason",
    "\\": "a backslash belongs inside a text in quotes only",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or != for different",
    ";": "one condition is one expression",
    "₩": "write the unit behind the amount, like 5_000 won",
    "€": "write the unit behind the amount, like 50 EUR",
    "$": "write the unit behind the amount, like 50 USD",
    "£": "write the unit behind the amount, like 50 GBP",
    "¥": "write the unit behind the amount, like 5_000 JPY",
    "`": "texts stand in straight quotes",
    "“": "texts stand in straight quotes",
    "‘": "texts stand in straight quotes",
}


@dataclass
class Scanned:
    """The text for the parser, and what stands at which place in truth."""

    text: str
    original: str
    currency: str = ""  # what a mistyped unit was most likely meant to be
    strict: bool = True
    texts: dict[int, str] = field(default_factory=dict)
    numbers: dict[int, tuple[float, str]] = field(default_factory=dict)  # value, and its currency or "s"
    ends: dict[int, int] = field(default_factory=dict)  # where digits end -> where their unit ends


def scan(text: str, currency: str = "", *, strict: bool = True) -> Scanned:
    """Scan a condition of a home with this currency; BadRule points at the first thing that cannot be read.

    Not strict: what was once kept is read as it was then, when 5.000 won was 5 won.
    """
    if len(text) > CONDITION_CHARS_MAX:
        raise BadRule(f"the condition has {len(text):,} characters, the limit is {CONDITION_CHARS_MAX:,}")
    if not text.strip():
        raise BadRule("the condition is empty", text)
    scanned = Scanned("", text, currency, strict)
    out: list[str] = []
    at, depth = 0, 0
    while at < len(text):
        sign = text[at]
        if sign in "\"'":
            end = _text_end(scanned, at)
            out.append(sign + "x" * (end - at - 2) + sign)
        elif sign.isascii() and sign.isdigit():
            end = _number_end(scanned, at, out)
        elif found := _WORD.match(text, at):
            end = found.end()
            _word(text, at, end)
            out.append(found[0])
        else:
            depth += (sign in "([") - (sign in ")]")
            _sign(text, at, depth)
            end = at + 1
            out.append(" " if sign in "\t\r\n" else sign)
        at = end
    scanned.text = "".join(out)
    return scanned


def _text_end(scanned: Scanned, at: int) -> int:
    text = scanned.original
    close = text.find(text[at], at + 1)
    if close < 0:
        raise BadRule("this text is never closed", text, at, len(text) - at, "put the same quote at its end")
    content = text[at + 1 : close]
    for i, sign in enumerate(content):
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise BadRule(f"the text holds an invisible character (U+{ord(sign):04X})", text, at + 1 + i)
    scanned.texts[at] = content
    return close + 1


def _number_end(scanned: Scanned, at: int, out: list[str]) -> int:
    """Read a number and the unit behind it; the unit is blanked out."""
    text = scanned.original
    found = _NUMBER.match(text, at)
    assert found is not None
    end = found.end()
    if len(found[0]) > NUMBER_CHARS_MAX or found[0].endswith("_") or "__" in found[0]:
        raise BadRule(f"numbers have at most {NUMBER_CHARS_MAX} digits, like 1_500_000 or 0.25", text, at, end - at)
    value = Decimal(found[0].replace("_", ""))
    if value > NUMBER_MAX:
        raise BadRule("numbers end at 1_000_000_000_000_000", text, at, end - at)
    space = _SPACE.match(text, end)
    assert space is not None
    unit = _WORD.match(text, space.end())
    # The parser sees no digits that it could read in another way (no leading zero, no exponent, no hexadecimal).
    out.append("1" * (end - at))
    if unit is None or (unit[0] in _KEYWORDS and space.end() > end):
        scanned.numbers[at] = (float(value), "")
        return end
    scanned.numbers[at] = _with_unit(scanned, found[0], unit, at)
    scanned.ends[end] = unit.end()
    out.append(" " * (unit.end() - end))
    return unit.end()


def _with_unit(scanned: Scanned, digits: str, unit: re.Match[str], at: int) -> tuple[float, str]:
    text, word, value = scanned.original, unit[0], Decimal(digits.replace("_", ""))
    if word in SPANS:
        return float(value * SPANS[word]), "s"
    currency = MONEY.get(word)
    if currency is None:
        raise BadRule(f"{word[:40]!r} is no unit", text, unit.start(), len(word), _unit_meant(word, scanned.currency))
    decimals, length = EXPONENTS[currency], unit.end() - at
    written = len(digits.partition(".")[2].replace("_", ""))
    if scanned.strict and written > decimals:  # 5.000 won was meant as five thousand more often than as five
        hint = f"thousands are written with an underscore, like 5_000 {word}"
        raise BadRule(f"{currency} has {decimals} decimals; this amount has {written}", text, at, length, hint)
    units = value.scaleb(decimals)
    if units > NUMBER_MAX or units != units.to_integral_value():
        raise BadRule(f"this amount of {currency} is too large or too fine", text, at, length)
    return float(units), currency


def _unit_meant(word: str, currency: str) -> str:
    """What to write instead of a unit that is none."""
    if word.lower() in JOINING:
        return f"write `{word.lower()}` in small letters"
    if word.lower() in YEARS:
        return "an age is a number of years without a unit, like age < 18; a span is written in days, like 365 days"
    mixed = [code for code in MONEY if sorted(code) == sorted(word.upper())]  # KWR: two letters changed places
    close = [currency] if currency in get_close_matches(word.upper(), MONEY, 10) else []
    near = mixed or close or get_close_matches(word.upper(), COMMON, 1) or get_close_matches(word.upper(), MONEY, 1)
    near = near or get_close_matches(word.lower(), [*SPANS, "won"], 1)
    return f"did you mean {near[0]}?" if near else "units are won, a currency such as EUR, or minutes, hours, days"


def _word(text: str, at: int, end: int) -> None:
    if end < len(text) and text[end] in "\"'" and text[at:end] not in _KEYWORDS:
        raise BadRule("a letter in front of a text has no meaning here", text, at, end - at, "leave it out")
    if text[at] == "_":
        raise BadRule("names do not begin with an underscore", text, at, end - at)


def _sign(text: str, at: int, depth: int) -> None:
    sign = text[at]
    if depth > NESTING_MAX:
        raise BadRule(f"more than {NESTING_MAX} brackets inside each other", text, at)
    if sign in " \t\r\n()[],.+-*/%<>=" or (sign == "!" and text[at + 1 : at + 2] == "="):
        return
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    raise BadRule(f"{shown!r} has no meaning in a condition", text, at, 1, _HINTS.get(sign, ""))
