"""Look: ask every detector in turn, and carry on without the ones that fail or are late."""

from __future__ import annotations

import logging
from math import isfinite
from typing import Any

from haechi.decision.house import House
from haechi.events import Event, Signal

log = logging.getLogger("haechi.decision")


def look(event: Event, known: Any, house: House) -> tuple[list[Signal], list[str]]:
    """Each detector's signal, and the names of those left out: they failed, were late or gave no probability."""
    signals: list[Signal] = []
    degraded: list[str] = []
    clock, policy = house.clock, house.policy
    started = clock()
    for detector in house.detectors:
        name = detector.name
        try:
            signal = detector.judge(event, known)
        except Exception:
            log.exception("detector %s failed on event %s and is left out", name, event.id)
            _leave_out(name, "failed", degraded, house)
            started = clock()
            continue
        ended = clock()
        if ended - started > policy.deadlines_ns.get(name, policy.deadline_ns):
            took_ms = (ended - started) / 1e6
            log.warning("detector %s took %.1f ms on event %s and is left out", name, took_ms, event.id)
            _leave_out(name, "late", degraded, house)
        elif not (isfinite(signal.score) and 0.0 <= signal.score <= 1.0):
            log.error("detector %s gave score %r on event %s and is left out", name, signal.score, event.id)
            _leave_out(name, "unsound", degraded, house)
        else:
            signals.append(signal)
        started = ended
    return signals, degraded


def _leave_out(name: str, why: str, degraded: list[str], house: House) -> None:
    degraded.append(name)
    house.left_out[name, why] += 1
