"""Allowed: the bytes of an ordinary decision, from a template that the encoder itself has written once.

Nine events in ten are allowed, and what is told of them differs in an id and a few numbers. The template is a decision
with marks in their places, encoded as every decision is: so it cannot drift from what `encode` would write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from haechi.decision.decision import Decision, encode
from haechi.decision.sentence import sentence
from haechi.events import Signal

__all__ = ["number", "written"]

number = msgspec.json.Encoder().encode
_ID = "the id of an event"
_FIRST = 0.7182818284
_STEP = 1e-9
_WHOLE = 987_654_321_000


def written(
    detectors: Sequence[tuple[str, str]], versions: Mapping[str, str]
) -> Callable[[bytes, float, int, Iterable[bytes], int, int, int], bytes]:
    """What writes a decision to allow without reasons, for these detectors (name, version).

    It is given the event's id as it stands in JSON, risk, expected loss, of each signal score and rarity as they are
    written (`number`), and microseconds to weigh, look and judge.
    """
    marks = [_FIRST + _STEP * n for n in range(1 + 2 * len(detectors))]
    signals = [Signal(n, marks[1 + 2 * i], v, one_in=marks[2 + 2 * i]) for i, (n, v) in enumerate(detectors)]
    decision = Decision(
        event_id=_ID, action="allow", score=marks[0], expected_loss=_WHOLE,
        sentence=sentence("allow", 0.0, [], blind=not signals), reasons=[], signals=signals, rules=[], degraded=[],
        versions={**versions, "rules": ""}, timings_us={"weigh": _WHOLE + 1, "look": _WHOLE + 2, "judge": _WHOLE + 3},
    )  # fmt: skip
    text = encode(decision).replace(b"%", b"%%")
    for mark in (_ID, *marks, *range(_WHOLE, _WHOLE + 4)):
        said = number(mark)
        assert text.count(said) == 1, "a mark stands in the template once"
        text = text.replace(said, b'"%b"' if mark is _ID else b"%b" if isinstance(mark, float) else b"%d")

    def write(
        event_id: bytes, risk: float, loss: int, numbers: Iterable[bytes], weigh: int, look: int, judge: int
    ) -> bytes:
        return text % (event_id, number(risk), loss, *numbers, weigh, look, judge)

    return write
