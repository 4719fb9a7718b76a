"""Allowed: the bytes of an ordinary decision, from a template that the encoder itself has written once.

Nine events in ten are allowed, and what is told of them differs in an id and a few numbers. The template is a decision
with marks in their places, encoded as every decision is: so it cannot drift from what `encode` would write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from haechi.decision.decision import Decision, encode
from haechi.decision.sentence import sentence
from haechi.events import Signal

__all__ = ["Took", "Write", "written"]

_encode = msgspec.json.Encoder().encode
_ID = "the id of an event"
_FIRST = 0.7182818284
_STEP = 1e-9
_WHOLE = 987_654_321_000

Took = tuple[int, int, int]  # microseconds to weigh, look and judge
Write = Callable[[Sequence[bytes], Sequence[Sequence[float]], Sequence[int], Took], list[bytes]]


def written(detectors: Sequence[tuple[str, str]], versions: Mapping[str, str]) -> Write:
    """What writes decisions to allow without reasons, for these detectors (name, version).

    It is given the ids of events as they stand in JSON; of each event its risk, and score and rarity of each signal;
    the expected losses; and how long it took to decide each of them.
    """
    marks = [_FIRST + _STEP * n for n in range(1 + 2 * len(detectors))]
    signals = [Signal(n, marks[1 + 2 * i], v, one_in=marks[2 + 2 * i]) for i, (n, v) in enumerate(detectors)]
    decision = Decision(
        event_id=_ID, action="allow", score=marks[0], expected_loss=_WHOLE,
        sentence=sentence("allow", 0.0, [], blind=not signals), reasons=[], signals=signals, rules=[], degraded=[],
        versions=dict(versions), timings_us={"weigh": _WHOLE + 1, "look": _WHOLE + 2, "judge": _WHOLE + 3},
    )  # fmt: skip
    between, rest = list[bytes](), encode(decision)
    for mark in (_ID, marks[0], _WHOLE, *marks[1:], *range(_WHOLE + 1, _WHOLE + 4)):
        said = _encode(mark).strip(b'"')
        assert rest.count(said) == 1, "a mark stands in the template once, and behind those before it"
        piece, _, rest = rest.partition(said)
        between += (piece, b"")
    *between, first, _, second, _, third, _ = between  # the times are the same for all events

    def write(
        ids: Sequence[bytes], numbers: Sequence[Sequence[float]], losses: Sequence[int], took: Took
    ) -> list[bytes]:
        behind = b"".join((first, b"%d" % took[0], second, b"%d" % took[1], third, b"%d" % took[2], rest))
        parts, answers = [*between, behind], list[bytes]()
        for event_id, said, loss in zip(ids, _encode(numbers)[2:-2].split(b"],["), losses, strict=True):
            risk, *others = said.split(b",")
            parts[1], parts[3], parts[5], parts[7::2] = event_id, risk, b"%d" % loss, others
            answers.append(b"".join(parts))
        return answers

    return write
