"""A decision other than allow always says what was seen and what is usual, even where nobody's reasons did."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

from haechi.decision.house import House
from haechi.decision.reasons import REASONS_MAX
from haechi.events import Event, Reason, Signal
from haechi.events.money import EXPONENTS
from haechi.events.wording import Compared, Text, comparison

__all__ = ["compared"]

_AMOUNT: Text = {"en": "amount", "ko": "금액"}
_RISK: Text = {"en": "risk", "ko": "위험도"}
_USUAL_RISK: Text = {"en": "the usual", "ko": "보통"}


def compared(
    reasons: Sequence[Reason], event: Event, known: Any, signals: Sequence[Signal], risk: float, house: House
) -> list[Reason]:
    """The reasons, with one more at the end where none of them names a value and what is usual.

    A risk above the usual one says most; then the amount beside the subject's usual one; then who could judge at all.
    """
    if any(reason.value and reason.usual for reason in reasons):
        return list(reasons)
    usual, amount = house.policy.risk_without_signals, _amount(event, known)
    if signals and (risk > usual or amount is None):
        last = _reason("risk", comparison(_RISK, risk, usual, "share", whose=_USUAL_RISK))
    elif amount is not None:
        last = amount
    else:
        of = max(len(house.detectors), 1)
        text = {"en": f"none of {of} detectors could judge", "ko": f"탐지기 {of}개 중 판단한 것 없음"}
        last = _reason("blind", Compared("0 detectors", f"{of} detectors", text))
    return [*reasons[: REASONS_MAX - 1], last]


def _amount(event: Event, known: Any) -> Reason | None:
    """The amount beside the subject's usual one, where the memory knows it."""
    spec = getattr(known, "spec", None)
    subject = getattr(spec, "subject", None)
    name = f"{subject.name}.median50" if subject else ""
    if event.amount is None or spec is None or name not in spec.positions or isnan(usual := known.value(name)):
        return None
    seen = event.amount / 10 ** EXPONENTS.get(event.currency, 0)
    return _reason("amount", comparison(_AMOUNT, seen, usual, "money", event.currency))


def _reason(about: str, said: Compared) -> Reason:
    # Without weight: it did not lead to the decision, and no sentence speaks it.
    return Reason(f"decision.{about}", said.value, said.usual, 0.0, said.text)
