"""Look: ask every detector and the rules in turn, and carry on without the ones that fail or are late."""

from __future__ import annotations

import logging
from math import isfinite
from typing import Any

from haechi.decision.house import Agreed, House, Rules
from haechi.events import Event, Signal

log = logging.getLogger("haechi.decision")

RULES = "rules"


def look(event: Event, known: Any, house: House) -> tuple[list[Signal], list[str], Agreed | None]:
    """Each detector's signal, the names of those left out (failed, late or no probability), and what the rules say."""
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
    rules = house.rules
    agreed = None if rules is None else _ask(rules, event, known, house, degraded)
    if agreed is not None and agreed.score:  # rules that missed say nothing, not that all is well
        signals.append(Signal(RULES, agreed.score, agreed.version))
    return signals, degraded, agreed


def _ask(rules: Rules, event: Event, known: Any, house: House, degraded: list[str]) -> Agreed | None:
    try:
        return rules.decide(event, known)
    except Exception:
        log.exception("the rules failed on event %s and are left out", event.id)
        _leave_out(RULES, "failed", degraded, house)
        return None


def _leave_out(name: str, why: str, degraded: list[str], house: House) -> None:
    degraded.append(name)
    house.left_out[name, why] += 1
