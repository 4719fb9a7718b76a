"""What one types into a form, read strictly: numbers, shares, answers, reasons."""

from __future__ import annotations

from collections.abc import Mapping

from haechi.console.errors import BadForm

ANSWERS = ("approve", "reject")


def whole(text: str, digits_max: int = 9) -> int:
    """A whole number from 0 up."""
    if not text.strip().isdecimal() or len(text) > digits_max:
        raise BadForm(f"{text[:40]!r} is no whole number")
    return int(text)


def share(text: str) -> float:
    """A percentage as a share from 0 to 1."""
    try:
        found = float(text) / 100
    except ValueError:
        raise BadForm(f"{text[:40]!r} is no percentage") from None
    if not 0 < found <= 1:
        raise BadForm("a share lies above 0 % and is at most 100 %")
    return found


def why(form: Mapping[str, str], name: str = "comment") -> str:
    """A reason, which must be there."""
    said = form.get(name, "")
    if not said.strip():
        raise BadForm("say why: whoever looks at it later will ask for it")
    return said


def answered(form: Mapping[str, str]) -> tuple[str, str]:
    """Approve or reject, with the reason."""
    said = form.get("answer", "")
    if said not in ANSWERS:
        raise BadForm("an answer is approve or reject")
    return said, why(form)
