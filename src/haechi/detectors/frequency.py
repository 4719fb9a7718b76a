"""Bits as people read them: one in so many, rounded to what the data can carry."""

from __future__ import annotations

from haechi.events.wording import Text

__all__ = ["BITS_MIN", "ONE_IN_MAX", "often", "one_in"]

BITS_MIN = 4.321928094887363  # 1 in 20; anything commoner is no reason
ONE_IN_MAX = 1_000  # a history of some hundred events cannot carry "one in a million"


def one_in(bits: float) -> int:
    """One in how many, rounded to two figures or to fives."""
    n = 2.0**bits
    step = 1 if n < 30 else 5 if n < 100 else 50 if n < 1_000 else 500
    return max(2, round(n / step) * step)


def often(bits: float) -> Text:
    """How often, in words."""
    n = one_in(bits)
    if n > ONE_IN_MAX:
        return {"en": f"fewer than 1 in {ONE_IN_MAX:,}", "ko": f"{ONE_IN_MAX:,}건에 1건 미만"}
    return {"en": f"about 1 in {n:,}", "ko": f"약 {n:,}건에 1건"}
