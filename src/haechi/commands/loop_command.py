"""haechi loop: the learning loop lived through on a town, against a model that never learns again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from haechi.commands.screen import bars, console, say, say_json

epilog = "Example: haechi simulate --customers 2000 --days 180 --format parquet --labelled --out town; haechi loop town"


def command(
    town: Annotated[Path, typer.Argument(help="A town written with --labelled", exists=True, file_okay=False)],
    every: Annotated[int, typer.Option(min=1, max=3_650, help="Days between trainings")] = 7,
    first: Annotated[int, typer.Option(min=1, max=3_650, help="Days that teach the first model")] = 30,
    budget: Annotated[int, typer.Option(min=1, help="Alerts a day that analysts work through")] = 20,
    warnings: Annotated[int, typer.Option(min=0, help="Examples a day of growing kinds of surprise")] = 5,
    asked: Annotated[int, typer.Option(min=0, help='Customers a day who are asked "was this you?"')] = 10,
    rows: Annotated[int, typer.Option(min=10_000, help="Events that are no fraud to draw; each stands for more")] = (
        200_000
    ),
    seed: Annotated[int, typer.Option(min=0, help="The same town and seed give the same figures")] = 0,
    thorough: Annotated[bool, typer.Option("--thorough", help="All plans compete in each training")] = False,
    answers: Annotated[
        bool, typer.Option("--answers/--no-answers", help="Fraudsters change what is stopped: amounts and hours")
    ] = True,
    never_reported: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Estimates assume it of frauds that nobody looks for")
    ] = 0.45,
    picture: Annotated[Path | None, typer.Option(help="Draw the weeks into this file, as SVG")] = None,
    json: Annotated[bool, typer.Option("--json", help="All figures, as JSON")] = False,
) -> None:
    """Train weekly on labels as they become known, hold each model to its gates, promote it, and count what it catches.

    The first month teaches the first model; from then on it stands beside the loop, and never learns again.
    """
    from haechi.lifecycle.loop.living import Loop, Plan
    from haechi.lifecycle.loop.picture import picture as drawn
    from haechi.lifecycle.loop.telling import summary
    from haechi.lifecycle.loop.world import TownWorld

    with bars("events") as shown:
        world = TownWorld(town, rows=rows, seed=seed, answers=answers)
        plan = Plan(
            first=first, every=every, budget=budget, warnings=warnings, asked=asked, seed=seed,
            plans_max=3 if thorough else 1,
        )  # fmt: skip
        loop = Loop(world, plan, shown.reach)
        lived = loop.live()
        told = summary(loop.ground, lived, never_reported=never_reported) | {"crews": world.crews.told()}
    if picture is not None:
        picture.write_text(drawn(told), "utf-8")
    if json:
        say_json(told)
    else:
        _tell(told)


def _tell(told: dict[str, Any]) -> None:
    third, late, near = told["last_third"], told["late_typology"], told["estimates"]["estimated"]
    found = told["caught"]
    say(f"{told['events']:,} events, {told['frauds']:,} frauds")
    say(f"{told['promotions']} of {len(told['weeks'])} challengers were promoted")
    both = f"{third['ap_loop']:.3f} with the loop, {third['ap_frozen']:.3f} frozen"
    say(f"average precision in the last third: {both}, {third['times']:.2f} times")
    aged = "; ".join(f"day {one['day']:.0f}: {one['ap']:.3f}" for one in told["aged"])
    say(f"there, models of earlier days that never learned again: {aged}")
    say(f"frauds within the budget of alerts: {found['loop']:.1%} with the loop, {found['frozen']:.1%} frozen")
    if late["frauds"]:
        half = {who: late[f"days_to_half_{who}"] for who in ("loop", "found", "frozen")}
        words = {who: "never" if days is None else f"after {days:.0f} days" for who, days in half.items()}
        say(
            f"half of a week's {late['typology']} caught: {words['loop']} by alerts of the loop, {words['found']} with "
            f"examples and answers, {words['frozen']} frozen"
        )
    shares = ", ".join(f"{one['within_0.05']:.0%} of weeks {days} days after" for days, one in near.items())
    say(f"estimated performance within 0.05 AP of the truth: {shares or 'no week to judge'}")
    for word, one in told["slices"].items():
        say(f"  {word}: recall {one['recall_loop']:.1%} with the loop, {one['recall_frozen']:.1%} frozen")
    console().print(_weeks(told))


def _weeks(told: dict[str, Any]) -> Any:
    """One row a week: who decided, who challenged at its end, and which gates kept the challenger out."""
    from rich.table import Table

    table = Table(title="weeks after the first model", title_justify="left")
    for name in ("week", "decided", "AP", "frozen AP", "known frauds", "challenger", "gates"):
        table.add_column(name, justify="right" if name in ("week", "AP", "frozen AP", "known frauds") else "left")
    judged = {one["week_us"]: one for one in told["estimates"]["weeks"]}
    for number, week in enumerate(told["weeks"], 1):
        ap = judged.get(week["start_us"])
        values = ("", "") if ap is None else (f"{ap['true']:.3f}", f"{ap['frozen']:.3f}")
        table.add_row(str(number), week["champion"][:8], *values, f"{week['known_frauds']:,}", week["challenger"][:8],
                      why(week))  # fmt: skip
    return table


def why(week: dict[str, Any]) -> str:
    """What the gates said: promoted, or the gates that failed with value and what was wanted."""
    if week["promoted"]:
        return "promoted"
    failed = {name: gate for name, gate in week["gates"].items() if not gate[2]}
    said = [f"{name} {value:g}, wanted {threshold:g}" for name, (value, threshold, _) in failed.items()]
    return "lost: " + "; ".join(said) if said else f"not judged: {week['why']}"
