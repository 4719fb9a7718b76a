"""Reasons: the detectors' evidence becomes the decision's short list, and the strongest of it one sentence."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from haechi.decision.house import House
from haechi.events import Event, Reason, Signal

log = logging.getLogger("haechi.decision")

REASONS_MAX = 5
ASIDE = ".before"  # no reason, but what tells one story from another: it stands last, and is never crowded out
Ranked = tuple[float, Reason]

# A sentence that tells several stories at once.
_TELLS = {"habit": {"habit", "hour", "amount"}, "outflow": {"outflow", "amount"}}


def explain(
    event: Event,
    known: Any,
    signals: Sequence[Signal],
    house: House,
    degraded: list[str],
    agreed: Sequence[Reason] = (),
) -> list[Reason]:
    """The strongest reasons of rules and detectors; a detector that cannot explain itself is named in `degraded`.

    A rule's reason weighs what its rule does: its weight, on the scale of the detectors' scores, or 1 for an action.
    """
    by_name = {signal.detector: signal for signal in signals}
    ranked: list[Ranked] = [(reason.weight, reason) for reason in agreed]
    surest, rare = 0.0, list[Reason]()
    for detector in house.detectors:
        signal = by_name.get(detector.name)
        if signal is None:
            continue
        try:
            reasons = signal.reasons or detector.explain(event, known, signal, REASONS_MAX)
        except Exception:
            log.exception("detector %s could not explain event %s", detector.name, event.id)
            degraded.append(detector.name)
            house.left_out[detector.name, "unexplained"] += 1
        else:
            if signal.one_in:
                surest, rare = max(surest, signal.score), [*rare, *reasons]
            else:
                ranked += rank(reasons, signal.score)
    # Rarities have one scale, bits: in one list, the rarer reason stands before the commoner one.
    return strongest(ranked + rank(rare, surest), getattr(known, "spec", None))


def rank(reasons: Sequence[Reason], score: float) -> list[Ranked]:
    """Put a detector's reasons on the scale of its score, so that those of several detectors can stand in one list."""
    heaviest = max((reason.weight for reason in reasons), default=0.0)
    return [(score * reason.weight / heaviest, reason) for reason in reasons if reason.weight > 0]


def strongest(ranked: Sequence[Ranked], spec: Any = None) -> list[Reason]:
    """The heaviest reasons first, each story told once."""
    told: set[str] = set()
    kept: list[Reason] = []
    for _, reason in sorted(ranked, key=lambda r: (-r[0], r[1].code)):
        stories = _TELLS.get(found := story(reason.code, spec), {found})
        if not told & stories:
            kept.append(reason)
            told |= stories
    # That all in all is rare is worth saying only where nothing else names what is usual.
    aside = [reason for reason in kept if reason.code.endswith(ASIDE)]
    kept = [reason for reason in kept if not reason.code.endswith(ASIDE)]
    parts = [reason for reason in kept if not reason.code.endswith(".whole")]
    return (parts if any(reason.usual for reason in parts) else kept)[: REASONS_MAX - len(aside)] + aside


def story(code: str, spec: Any = None) -> str:
    """What a reason is about: what its feature is told as, or the last word of its code."""
    positions = {} if spec is None else spec.positions
    position = positions.get(code, positions.get(code.partition(".")[2]))
    if position is None:
        return code.rpartition(".")[2]
    return str(spec.features[position].told_as)
