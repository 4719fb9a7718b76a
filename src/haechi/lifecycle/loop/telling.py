"""What the loop was worth: average precision against the frozen model, how soon a new typology is caught, estimates."""

from __future__ import annotations

from typing import Any

import numpy as np

from haechi.learning.asking.worth import worth_of_delay
from haechi.learning.dataset import DAY_US
from haechi.learning.life.judged import Judged, recall_gap
from haechi.learning.life.policy import WatchPart
from haechi.learning.watch.estimate import Said, estimate
from haechi.lifecycle.judging import age_slices
from haechi.lifecycle.loop.ground import NEVER_US, Ground
from haechi.lifecycle.loop.living import Weekly

__all__ = ["summary"]

LATE = "investment_room"
HALF_DAYS, HALF_FRAUDS_MIN = 7, 5  # half of what came in so many days, if so many came
NEAR = 0.05
TOLD_DAYS = (1, 7, 14, 28)  # after the end of a week
SLICE_FRAUDS_MIN = 20
NEVER_REPORTED = WatchPart().never_reported
DELAYS = (0.0, 1.0, 3.0, 7.0, 14.0, 28.0)


def summary(
    ground: Ground, lived: Weekly, late: str = LATE, never_reported: float = NEVER_REPORTED
) -> dict[str, Any]:  # fmt: skip
    """All figures, judged by the truth: frauds that nobody ever reported are among them.

    never_reported: what estimates assume of the frauds that nobody looks for ([watch] never_reported).
    """
    e = ground.events
    third = ground.last_third
    after = np.arange(lived.begin, len(e))
    ap = {
        f"{name}_{who}": _ap(ground, at, scores)
        for name, at in (("last_third", third), ("all", after))
        for who, scores in (("loop", lived.loop), ("frozen", lived.frozen))
    }
    return {
        "events": round(float(ground.weight.sum())), "rows": len(e), "frauds": int(ground.truth.sum()),
        "last_third": {"frauds": int(ground.truth[third].sum()), "ap_loop": ap["last_third_loop"],
                       "ap_frozen": ap["last_third_frozen"],
                       "times": ap["last_third_loop"] / max(ap["last_third_frozen"], 1e-9)},
        "all": {"ap_loop": ap["all_loop"], "ap_frozen": ap["all_frozen"]},
        "caught": {who: _recall(ground, third, mask) for who, mask in (("loop", lived.caught),
                                                                       ("frozen", lived.caught_frozen))},
        "late_typology": _late(ground, lived, late),
        "slices": _slices(ground, lived, third),
        "estimates": _estimates(ground, lived, never_reported),
        "after_promotions": _after(ground, lived),
        "aged": _aged(ground, lived, third),
        "promotions": sum(week.promoted for week in lived.weeks),
        "weeks": [_week(week) for week in lived.weeks],
        "worth_of_delay": _worth(ground),
    }  # fmt: skip


def _ap(ground: Ground, at: np.ndarray, scores: np.ndarray, fraud: np.ndarray | None = None) -> float:
    from sklearn.metrics import average_precision_score

    at = at[~np.isnan(scores[at])]
    y = (ground.truth if fraud is None else fraud)[at]
    if not y.any():
        return float("nan")
    return float(average_precision_score(y, scores[at], sample_weight=ground.weight[at]))


def _aged(ground: Ground, lived: Weekly, third: np.ndarray) -> list[dict[str, float]]:
    """What a model that was trained on a day is worth in the last third, if it never learns again."""
    found = []
    for moment, scores in lived.aged:
        of_all = np.full(len(ground.events), np.nan)
        of_all[third] = scores
        found.append({"day": (moment - ground.span_us[0]) / DAY_US, "ap": _ap(ground, third, of_all)})
    return found


def _recall(ground: Ground, at: np.ndarray, caught: np.ndarray) -> float:
    frauds = at[ground.truth[at]]
    return float(caught[frauds].mean()) if len(frauds) else float("nan")


def _late(ground: Ground, lived: Weekly, late: str) -> dict[str, Any]:
    """Days from a typology's first fraud until half of what came in a week was caught, by either."""
    at = np.flatnonzero(ground.typology == late)
    if not len(at):
        return {"typology": late, "frauds": 0}
    day = (ground.events.time_us[at] - ground.events.time_us[at[0]]) / DAY_US

    def until_half(caught: np.ndarray) -> float | None:
        for end in range(1, int(day[-1]) + 2):
            inside = (day < end) & (day >= end - HALF_DAYS)
            if inside.sum() >= HALF_FRAUDS_MIN and caught[at[inside]].mean() >= 0.5:
                return float(end)
        return None

    told = (float(lived.known_at_us[at].min()) - ground.events.time_us[at[0]]) / DAY_US
    return {
        "typology": late, "frauds": len(at), "days": float(day[-1]), "days_to_first_known": float(told),
        "days_to_half_loop": until_half(lived.caught), "days_to_half_frozen": until_half(lived.caught_frozen),
        "days_to_half_found": until_half(lived.found), "found": float(lived.found[at].mean()),
        "caught_loop": float(lived.caught[at].mean()), "caught_frozen": float(lived.caught_frozen[at].mean()),
    }  # fmt: skip


def _slices(ground: Ground, lived: Weekly, at: np.ndarray) -> dict[str, dict[str, float]]:
    codes, words = age_slices(ground.age[at])
    found = {}
    for code, word in enumerate(words):
        frauds = at[(codes == code) & ground.truth[at]]
        if len(frauds) >= SLICE_FRAUDS_MIN:
            found[word] = {
                "frauds": len(frauds), "recall_loop": float(lived.caught[frauds].mean()),
                "recall_frozen": float(lived.caught_frozen[frauds].mean()),
            }  # fmt: skip
    return found


def _after(ground: Ground, lived: Weekly) -> dict[str, Any]:
    """What each promotion gained or cost in the week after it, by the truth: share of frauds within the budget."""
    e, at = ground.events, np.flatnonzero(~np.isnan(lived.replaced))
    assert e.day is not None
    if not ground.truth[at].any():
        return {"frauds": 0, "slices": {}}
    y, subject = ground.truth[at].astype(np.int8), e.entities[e.subject or ""][at]
    both = Judged(lived.replaced[at], lived.loop[at], y, subject, e.day[at], ground.weight[at])
    codes, words = age_slices(ground.age[at])
    few = {code for code in range(len(words)) if ground.truth[at][codes == code].sum() < SLICE_FRAUDS_MIN}
    return {"frauds": both.frauds, **_gap(both, lived.budget, None), "slices": {
        word: {"frauds": int(ground.truth[at][codes == code].sum()), **_gap(both, lived.budget, codes == code)}
        for code, word in enumerate(words) if code not in few
    }}  # fmt: skip


def _gap(both: Judged, budget: int, among: np.ndarray | None) -> dict[str, float]:
    """By how much the new champion catches more than the one before would have, with a 90 % interval."""
    gap = recall_gap(both, budget, confidence=0.95, seed=0, among=among)
    return {"difference": gap.value, "low": gap.low, "high": gap.high}


def _estimates(ground: Ground, lived: Weekly, never_reported: float) -> dict[str, Any]:
    """Each week's average precision as it can be told some days later, beside the truth; and by the labels alone."""
    e, scored = ground.events, np.flatnonzero(~np.isnan(lived.loop))
    fraud = ground.truth & (lived.known_at_us < NEVER_US)
    said = Said(
        e.time_us[scored], lived.loop[scored], fraud[scored], lived.known_at_us[scored], lived.found[scored],
        ground.weight[scored],
    )  # fmt: skip
    weeks = []
    for start, end in ((week.start_us, week.start_us + 7 * DAY_US) for week in lived.weeks):
        at = scored[(e.time_us[scored] >= start) & (e.time_us[scored] < end)]
        if len(at) and ground.truth[at].any():
            ends = [end + days * DAY_US for days in TOLD_DAYS]
            told = [estimate(said, start, end, now, never_reported) for now in ends]
            weeks.append({
                "week_us": start, "true": _ap(ground, at, lived.loop), "frozen": _ap(ground, at, lived.frozen),
                "estimated": [float("nan") if one is None else one.ap for one in told],
                "by_labels": [_ap(ground, at, lived.loop, fraud & (lived.known_at_us <= now)) for now in ends],
            })  # fmt: skip
    return {"weeks": weeks, **{name: _near(weeks, name) for name in ("estimated", "by_labels")}}


def _near(weeks: list[dict[str, Any]], name: str) -> dict[str, dict[str, float]]:
    """By days after a week: the share of weeks whose figure lies near the truth, and how far it lies on average."""
    if not weeks:
        return {}
    off = np.abs(np.array([week[name] for week in weeks]) - np.array([[week["true"]] for week in weeks]))
    return {
        str(days): {"within_0.05": float((off[:, i] <= NEAR).mean()), "mean_distance": float(np.nanmean(off[:, i]))}
        for i, days in enumerate(TOLD_DAYS)
    }


def _week(week: Any) -> dict[str, Any]:
    shown = {gate.name: [round(gate.value, 4), gate.threshold, gate.passed] for gate in week.gates}
    return {
        "start_us": week.start_us, "champion": week.champion, "challenger": week.challenger, "promoted": week.promoted,
        "known_frauds": week.known_frauds, "why": week.why, "gates": shown,
    }  # fmt: skip


def _worth(ground: Ground) -> list[dict[str, float]]:
    """What a day less of label delay is worth: money of frauds at a payee, merchant or device already given away."""
    e, at = ground.events, np.flatnonzero(ground.truth)
    assert e.amount is not None
    watched = {name: codes[at] for name, codes in e.entities.items() if name in ("payee", "merchant", "device", "ip")}
    found = worth_of_delay(e.time_us[at], e.amount[at], watched, DELAYS)
    return [
        {"days": one.days, "frauds": one.frauds_known, "money": one.money_known, "a_day_sooner": one.money_a_day_sooner}
        for one in found
    ]
