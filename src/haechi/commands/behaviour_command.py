"""`haechi behaviour`: how well what is unusual is judged without labels, on a town whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from haechi.commands.screen import bars, say, say_json

epilog = "Example: haechi behaviour town --customers 2000 --json"
FEW = (20, 50, 200, None)
TEACH_DAYS = 57  # after the first judged day: what a logistic regression with few labels learns from


def command(
    town: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A finished town")],
    customers: Annotated[int | None, typer.Option(min=100, help="Only so many of its customers")] = None,
    first_day: Annotated[int, typer.Option(min=1, help="Judge from this day on")] = 60,
    stories: Annotated[int, typer.Option(min=0, help="Tell each story about so many pupils at most")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of draws")] = 0,
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON")] = False,
) -> None:
    """Replay a town without one label and hold what was found unusual against the truth.

    Says how well frauds are ranked beside isolation forests, whether one in so many is one in so many month by month
    and group by group, what the default policy asks about, and how rare the founding story and its twins are.
    """
    from haechi.commands.behaving import Behaving, figures_of_stories
    from haechi.decision import Policy
    from haechi.learning.apart import forests
    from haechi.learning.unlabelled import alerts, calibration, few_labels, rankings, recall_at
    from haechi.town.report.folder import TownFolder

    policy = Policy()
    told = Behaving(TownFolder.open(town), seed, customers, stories, first_day, policy)
    with bars("events") as shown:
        judged, spec = told.run(shown)
    budgets = {n.partition(".")[2] or "run": view.one_in for n, view in policy.views.items()}
    border = int(judged.time_us[0]) + TEACH_DAYS * 86_400_000_000
    before = judged.time_us < border
    transfers = policy.prior_bits.get("transfer", 0.0)
    found: dict[str, Any] = {
        "events": len(judged.fraud),
        "frauds": int(judged.fraud.sum()),
        "ranking": rankings(judged, forests(judged, seed), transfers),
        "recall_at_1_percent_of_alerts": recall_at(judged, judged.views["run"] + transfers * judged.transfer, 0.01),
        "few_labels": few_labels(judged.of(before), judged.of(~before), FEW, seed),
        "policy": {"one_in": budgets} | alerts(judged, budgets),
        "calibration": calibration(judged),
        "calibration_by_group": calibration(judged, "group"),
        "calibration_by_month_and_group": calibration(judged, "month/group"),
        "stories": figures_of_stories(told.stories, spec, policy),
    }
    if json:
        say_json(found)
        return
    for line in lines(found):
        say(line)


def lines(found: dict[str, Any]) -> list[str]:
    """The figures as a person reads them."""
    out = [f"{found['events']:,} payments, transfers and withdrawals judged, {found['frauds']:,} of them fraud"]
    out += ["", "ranking: average precision, recall at 1 % of honest events"]
    ranked = sorted(found["ranking"].items(), key=lambda item: -item[1]["ap"])
    out += [f"  {name:45} {f['ap']:.4f}  {f['recall_at_1_percent']:.2f}" for name, f in ranked]
    out += ["", "run with the policy's prior, one alert in a hundred: recall by typology"]
    out += ["  " + ", ".join(f"{t} {r:.2f}" for t, r in found["recall_at_1_percent_of_alerts"].items())]
    out += ["", "logistic regression given so many frauds, average precision"]
    out += ["  " + ", ".join(f"{name}: {ap:.4f}" for name, ap in found["few_labels"].items())]
    out += ["", "calibration: observed / nominal at 1 % and 0.1 %, by month"]
    for view in dict.fromkeys(row["view"] for row in found["calibration"]):
        rows = [row for row in found["calibration"] if row["view"] == view]
        cells = (f"{r['cell']} {_ratio(r['at_1_percent'])} {_ratio(r['at_0.1_percent'])}" for r in rows)
        out.append(f"  {view:12} " + ", ".join(cells))
    out += _cells("peer group", found["calibration_by_group"])
    out += _cells("month and peer group", found["calibration_by_month_and_group"])
    policy = found["policy"]
    out += ["", f"the default policy asks about {policy['share_of_honest']:.2%} of honest events: "
            + ", ".join(f"{v} {s:.2%}" for v, s in policy["share_of_honest_by_view"].items())]  # fmt: skip
    out += [f"  {t:24} {r['recall']:.2f} of {r['frauds']}" for t, r in policy.get("recall_by_typology", {}).items()]
    out += ["", "stories: pupils, median rarity in the habit view, beyond 1 in 50, hour and amount lead, asked about"]
    out += [
        f"  {name:16} {s['day']} {s['pupils']:4}  1 in {s['median_one_in']:.0f}  {s['beyond_1_in_50']:.0%}  "
        f"{s['hour_and_amount_lead']:.0%}  {s['asked_about']:.0%}"
        for name, s in found["stories"].items()
    ]
    return out


def _cells(by: str, rows: list[dict[str, Any]]) -> list[str]:
    """How many cells of the calibration keep the limits."""
    out = ["", f"the same by {by}: cells within 0.7-1.4 at 1 %, within 0.5-1.5 at 0.1 %"]
    for view in dict.fromkeys(row["view"] for row in rows):
        said = []
        for name, low, high in (("at_1_percent", 0.7, 1.4), ("at_0.1_percent", 0.5, 1.5)):
            cells = [r[name] for r in rows if r["view"] == view and r[name] is not None]
            said.append(f"{sum(low <= c <= high for c in cells)} of {len(cells)}")
        astray = sum(strays(r, 0.7, 1.4) for r in rows if r["view"] == view and r["at_1_percent"] is not None)
        out.append(f"  {view:12} {said[0]} ({astray} outside by more than two standard errors), {said[1]}")
    return out


def strays(row: dict[str, Any], low: float, high: float) -> bool:
    """Whether a cell lies outside by more than the chance of which customers it has."""
    ratio, slack = row["at_1_percent"], 2.0 * row["error_at_1_percent"]
    return bool(ratio + slack < low or ratio - slack > high)


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
