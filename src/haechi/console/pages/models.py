"""Models: who decides, how they were judged, whether life still looks like training, what a threshold would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

import numpy as np

from haechi.console import drawing
from haechi.console.behind import Behind
from haechi.console.errors import BadForm
from haechi.console.fields import answered, share, whole, why
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.pages import listing
from haechi.console.screen import address

WRITE, AGREE = "models:write", "models:approve"
DAYS = 14
DRIFTS = 15
PSI_LOOK, PSI_ACT = 0.1, 0.25
PSI_DRAWN = 1.0  # a longer bar would leave no room between the two lines; its number tells
STEPS = ("shadow", "canary", "champion")
BUCKETS = 100
DECADES = 5


def models(asked: Asked) -> Shown:
    """The page."""
    desk = asked.behind.models
    found = desk.models()
    champion = next((one for one in found if one.place == "champion"), None)
    chosen = next((one for one in found if one.version == asked.query.get("model")), champion or (found or [None])[0])
    tools = listing.tools(asked, "models")
    return Shown("models.html", {
        "models": chosen_models(asked, tools["chosen"]), "tools": tools, "places": sorted({one.place for one in found}),
        "champion": champion, "chosen": chosen, "may_step": desk.may_step,
        "before": desk.before(), "write": WRITE, "steps": STEPS,
        "report": desk.report(chosen.version) if chosen else None,
        **_judged(asked, desk.report(chosen.version) if chosen else {}),
        **_life(asked, desk, chosen), **_threshold(asked, desk), "waits": desk.changes("waiting"),
    })  # fmt: skip


def chosen_models(asked: Asked, chosen: Mapping[str, str]) -> list[Any]:
    """Models in the place that is asked for."""
    return [one for one in asked.behind.models.models() if one.place == chosen.get("place", one.place)]


def step(asked: Asked) -> Moved:
    """Ask for a model's next step."""
    form = asked.form
    if form.get("step", "") not in STEPS:
        raise BadForm(f"a step is {', '.join(STEPS)}")
    comment, part = why(form), share(form.get("share", "5"))
    asked.behind.models.step(form.get("model", ""), form["step"], part, asked.person.name, comment)
    return Moved(address("/models", model=form.get("model", ""), said="rule_asked"))


def answer(asked: Asked) -> Moved:
    """Agree to a step, or not."""
    said, comment = answered(asked.form)
    asked.behind.models.answer(whole(asked.form.get("number", ""), 15), said, asked.person.name, comment)
    return Moved(address("/approvals", said="approved" if said == "approve" else "rejected"))


def roll_back(asked: Asked) -> Moved:
    """The champion before decides again, at once."""
    asked.behind.models.rollback(asked.person.name, why(asked.form))
    return Moved(address("/models", said="model_back"))


def _judged(asked: Asked, report: dict[str, Any]) -> dict[str, Any]:
    """What the training report says, as drawings where it has curves."""
    t, slices = asked.words, report.get("slices") or {}
    curves = slices.get("curves") or {}
    drawn: list[Any] = []
    if curve := curves.get("precision_recall"):
        budget = slices.get("budget")
        recall = _value(slices.get("against", {}).get("model", {}).get("recall_at_budget", {}).get(str(budget)))
        at = min(curve, key=lambda p: abs(p[0] - recall)) if recall is not None else None
        drawn.append(drawing.precision_recall(
            [(r, p) for r, p in curve], label=t("models.pr_label", ap=f"{report.get('ap', 0):.3f}"),
            recall=t("models.recall"), precision=t("models.precision"),
            chosen=None if at is None else (at[0], at[1], t("models.at_budget", n=budget)),
        ))  # fmt: skip
    if bins := curves.get("calibration"):
        drawn.append(drawing.calibration(
            [(p, y, int(n)) for p, y, n in bins], label=t("models.calibration_label"), predicted=t("models.predicted"),
            observed=t("models.observed"), perfect=t("models.perfect"),
        ))  # fmt: skip
    segments = {
        name: [(band, one, _value(one.get("recall")), _value(one.get("false_alarms"))) for band, one in bands.items()]
        for name, bands in (slices.get("segments") or {}).items()
    }
    typologies = [(name, _value(one)) for name, one in (slices.get("typologies") or {}).items()]
    return {"judged_pictures": drawn, "segments": segments, "typologies": typologies, "slices": slices}


def _life(asked: Asked, desk: Any, chosen: Any) -> dict[str, Any]:
    """Whether life still looks like training: drift by feature, alarms, promised and known performance."""
    t = asked.words
    watch = desk.watch(DAYS)
    full = desk.full(chosen.version) if chosen else None
    if watch is None:
        return {"watch": None, "drift": None, "performance": None, "full": full}
    seen = (f for f in watch.features if f.psi_day is not None)
    moved = sorted(seen, key=lambda f: _usual_psi(f.psi_days) - f.psi_day)[:DRIFTS]
    marks = [drawing.Mark(PSI_LOOK, "0.1"), drawing.Mark(PSI_ACT, "0.25")]
    drift = None
    if moved:
        rows = [drawing.Bar(f.name, min(f.psi_day, PSI_DRAWN), f"{f.psi_day:.2f}") for f in moved]
        over = sum(f.psi_day >= PSI_ACT for f in moved)
        drift = drawing.lying_bars(
            rows, label=t("models.drift_label", n=over), title="PSI", thresholds=marks, width=440
        )
    weeks = watch.performance
    performance = None
    if len(weeks) > 1:
        names = [w.week[5:10] for w in weeks]
        promised = drawing.Series(t("models.promised"), [(n, w.estimated_ap) for n, w in enumerate(weeks)])
        known = drawing.Series(t("models.known"), [(n, w.known_ap if w.mature else None) for n, w in enumerate(weeks)])
        axis = drawing.Axis(t("models.week"), 0, len(weeks) - 1, list(enumerate(names)))
        performance = drawing.lines([promised, known], label=t("models.performance_label"), x=axis,
                                    y=drawing.Axis("AP", 0, 1), width=440, height=170)  # fmt: skip
    return {"watch": watch, "drift": drift, "performance": performance, "full": full}


def _usual_psi(days: Sequence[float | None]) -> float:
    """What a feature's PSI is on other days: ages and counts move with time, and lie far from training on every day."""
    known = sorted(value for value in days[:-1] if value is not None)
    return known[len(known) // 2] if known else 0.0


def _threshold(asked: Asked, desk: Any) -> dict[str, Any]:
    """What a threshold would do: alerts a day, frauds and money, held against what was done."""
    scores = desk.scores()
    if not int(scores.all.sum()):
        return {"scores": None}
    at = asked.query.get("at", "")
    bucket = min(int(at), BUCKETS - 1) if at.isdecimal() and len(at) < 5 else _usual(scores)
    days, found = scores.span_days, scores.at(bucket)
    t = asked.words
    known = found.frauds + found.frauds_below
    return {
        "scores": scores, "bucket": bucket, "floor": _floor(bucket), "found": found, "days": days,
        "alerts_a_day": found.alerts / days, "done_a_day": scores.stopped / days,
        "found_share": found.frauds / known if known else None,
        "money_a_day": round(found.money / days), "missed_a_day": round(found.money_below / days),
        "pictures": [
            _alerts(asked, scores, bucket, days),
            _spread(asked, scores, desk),
        ], "threshold_said": t("models.threshold_said", value=f"{_floor(bucket):.4f}", n=round(found.alerts / days)),
    }  # fmt: skip


def _usual(scores: Any) -> int:
    """Where about as many alerts come as were stopped."""
    above = np.cumsum(scores.all[::-1])[::-1]
    return int(np.argmax(above <= max(scores.stopped, 1)))


def _floor(bucket: int) -> float:
    return 0.0 if bucket == 0 else float(10.0 ** (bucket * DECADES / BUCKETS - DECADES))


def _axis(title: str) -> drawing.Axis:
    """Scores on a logarithmic axis, in buckets."""
    step = BUCKETS // DECADES
    return drawing.Axis(title, 0, BUCKETS, [(n * step, f"{10.0 ** (n - DECADES):.5f}".rstrip("0").rstrip("."))
                                            for n in range(DECADES + 1)])  # fmt: skip


def _alerts(asked: Asked, scores: Any, bucket: int, days: float) -> Any:
    """Alerts a day over the threshold, on a logarithmic axis."""
    t = asked.words
    above = np.cumsum(scores.all[::-1])[::-1] / days
    points = [(n, log10(value)) if value > 0 else (n, None) for n, value in enumerate(above.tolist())]
    highs = [y for _, y in points if y is not None]
    low, high = int(min(highs, default=0) // 1), int(-(-max(highs, default=1) // 1))
    marks = [(float(n), f"{10.0**n:,.4g}") for n in range(low, high + 1)]
    return drawing.lines(
        [drawing.Series(t("models.alerts_a_day"), points)], label=t("models.alerts_label"), x=_axis(t("models.score")),
        y=drawing.Axis(t("models.alerts_a_day"), low, max(high, low + 1), marks),
        at=drawing.Mark(bucket, t("models.here")), width=430, height=190,
    )  # fmt: skip


def _spread(asked: Asked, scores: Any, desk: Any) -> Any:
    """Scores now and in training, as shares below each score; training is known by its calibration bins."""
    t = asked.words
    lately = scores.lately()
    now = np.cumsum(lately) / max(int(lately.sum()), 1)
    series = [drawing.Series(t("models.lately"), list(enumerate(now.tolist())))]
    champion = next((one for one in desk.models() if one.place == "champion"), None)
    report = desk.report(champion.version) if champion else {}
    bins = ((report.get("slices") or {}).get("curves") or {}).get("calibration") or []
    if bins:
        points, below, every = [], 0.0, sum(n for _, _, n in bins)
        for mean, _, count in sorted(bins):
            below += count
            place = (log10(max(mean, 10.0**-DECADES)) + DECADES) / DECADES * BUCKETS
            points.append((place, below / every))
        series.append(drawing.Series(t("models.in_training"), points))
    shares = drawing.Axis(t("models.share_below"), 0, 1, [(n / 4, f"{n / 4:.0%}") for n in range(5)])
    return drawing.lines(
        series, label=t("models.spread_label"), x=_axis(t("models.score")), y=shares, width=430, height=190
    )


def _value(told: Any) -> float | None:
    """The value of a figure with an interval; None where there was too little to tell."""
    found = told.get("value") if isinstance(told, dict) else told
    return float(found) if isinstance(found, int | float) else None


def alarms(behind: Behind) -> int:
    """How many alarms stand, for the rail."""
    return len(behind.models.raised() or ())


PAGES = (
    Page("/models", models, rail=Rail("models", 80, alarms, key="m")),
    Page("/act/model-step", step, WRITE, "POST"),
    Page("/act/model-answer", answer, AGREE, "POST"),
    Page("/act/model-rollback", roll_back, WRITE, "POST"),
)
