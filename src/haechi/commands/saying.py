"""One event as a person reads it: what was decided and why, what each rule saw, then what came; the rest is JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["readable"]

CONTRIBUTIONS_MAX = 5


def readable(told: dict[str, Any]) -> Iterator[str]:
    """Lines about what `explain_event` found."""
    decision = told.get("decision")
    yield f"{told['event_id']} of {told['time']}: {'learned, not decided' if decision is None else decision['action']}"
    yield from (f"  {told['sentence'][language]}" for language in ("en", "ko") if "sentence" in told)
    yield from _several("reasons", [_reason(one) for one in told.get("reasons", ())])
    if "rules" in told:
        yield from _several("rules that hit or could not be decided", [_rule(one) for one in told["rules"]])
    for one in told.get("models", ()):
        yield from _several(f"model {one['model']['version']}, which judged it", list(_model(one)))
    heaviest = told.get("contributions", ())[:CONTRIBUTIONS_MAX]
    yield from _several("what weighed most", [f"{one['detector']}: {_reason(one)}" for one in heaviest])
    yield from _several("labels", [_label(one) for one in told["labels"]])
    if "features_recomputed" in told:
        yield f"features: {'the same' if told['features_recomputed'] else 'DIFFERENT'} when computed again"
    yield from _several("features", [f"{name}: {one['value']}" for name, one in told.get("features", {}).items()])
    yield "what came:"
    yield from (f"  {name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in
                told["event"].items())  # fmt: skip
    yield "everything, with versions and signals: --json"


def _several(what: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{what}:"
        yield from (f"  - {line}" for line in lines)


def _reason(one: dict[str, Any]) -> str:
    said = (one.get("text") or {}).get("en") or f"{one['code']} is {one['value']}, usual is {one['usual']}"
    return f"{said} (weight {one['weight']:.3g})"


def _rule(one: dict[str, Any]) -> str:
    saw = ", ".join(f"{name} {'unknown' if value is None else value}" for name, value in one["saw"].items())
    effect = " ".join(f"{name} {value}" for name, value in one["effect"].items() if value is not None)
    rests = ", snoozed" * bool(one.get("snoozed"))
    said = f"{one['rule']} version {one['version']}: {one['result']} in lane {one['lane']}{rests}, {effect}"
    return f"{said}\n      asks: {' '.join(one['condition'].split())}\n      saw: {saw}"


def _model(one: dict[str, Any]) -> Iterator[str]:
    """What it was made of, and each step of its life with those who asked and agreed."""
    made = one["made_of"]
    if made is None:
        yield "what it was made of was not written down"
    else:
        labels = ", ".join(f"{count:,} by {who}" for who, count in made["told_by"].items())
        yield f"learned from data set {made['dataset'] or 'none'}, as known at {made['until'] or made['made']}"
        yield f"labels: {labels or 'not counted'}; hash {made['labels_hash'][:16] or 'none'}"
    yield f"trained by {one['model']['author']}"
    for step in one["history"]:
        agreed = ", ".join(f"{said['person']} agreed" for said in step["agreed"])
        why = f" ({step['why']})" if step["why"] else ""
        what = "champion again, rolled back" if step["what"] == "rollback" else step["step"]
        policy = f"; policy {step['policy']}" if step["policy"] else ""
        yield f"{step['at']}: {what} by {step['person']}{why}{', ' + agreed if agreed else ''}{policy}"


def _label(one: dict[str, Any]) -> str:
    return f"{'fraud' if one['fraud'] else 'legitimate'}, known since {one['known_at']}, by {one['source']}"
