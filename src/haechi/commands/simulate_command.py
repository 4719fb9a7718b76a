"""`haechi simulate`: a town's events, labels and ground truth."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haechi.commands.screen import bars, say, say_json

if TYPE_CHECKING:
    from haechi.town import Parameters, Written


class Format(StrEnum):
    """How events are written."""

    jsonl = "jsonl"
    parquet = "parquet"


epilog = "Example: haechi simulate --days 90 --customers 2000 --seed 7 --out town"


def command(
    out: Annotated[Path, typer.Option(help="The folder for events, labels and truth/", file_okay=False)],
    days: Annotated[int | None, typer.Option(help="Days of the town  [default: 90]")] = None,
    customers: Annotated[int | None, typer.Option(help="Customers  [default: 1000]")] = None,
    shops: Annotated[int | None, typer.Option(help="Shops  [default: 400]")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same town")] = 0,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day")] = None,
    format: Annotated[Format, typer.Option(help="How events are written")] = Format.jsonl,
    labelled: Annotated[bool, typer.Option(help="Put each label into its event too: history to learn from")] = False,
    force: Annotated[bool, typer.Option(help="Write over a town that is already there")] = False,
    json: Annotated[bool, typer.Option("--json", help="What was written, as JSON")] = False,
) -> None:
    """Write a town's events, the labels as they become known, and the truth that nobody in the bank knows."""
    from haechi.town import write_town

    parameters = _parameters(days, customers, shops, start.date() if start else None)
    began = perf_counter()
    with bars("days") as shown:
        written = write_town(
            out, parameters, seed, format=format.value, labelled=labelled, overwrite=force,
            on_day=lambda day, _: shown.advance("days of the town", total=parameters.days),
        )  # fmt: skip
    seconds = perf_counter() - began
    if json:
        say_json(_figures(written, parameters, seed, seconds))
    else:
        say(f"{written.payments:,} payments of {parameters.customers:,} customers in {parameters.days} days, "
            f"{written.frauds:,} of them fraud, in {seconds:.1f} s")  # fmt: skip
        for path, what in (
            (written.events_path, f"{written.events:,} events, profiles among them"),
            (written.labels_path, f"{written.labels:,} labels in the order in which they become known"),
            (written.truth_path, "every fraud and its kind: for judging, never for learning"),
        ):
            say(f"  {path}  {what}")


def _parameters(days: int | None, customers: int | None, shops: int | None, start: date | None) -> Parameters:
    from haechi.town import ImpossibleTown, Parameters

    given: dict[str, Any] = {"days": days, "customers": customers, "shops": shops, "start": start}
    try:
        return Parameters(**{name: value for name, value in given.items() if value is not None})
    except ImpossibleTown as error:
        raise typer.BadParameter(str(error)) from error


def _figures(written: Written, parameters: Parameters, seed: int, seconds: float) -> dict[str, object]:
    return {
        "events_path": str(written.events_path),
        "labels_path": str(written.labels_path),
        "truth_path": str(written.truth_path),
        "customers": parameters.customers,
        "shops": parameters.shops,
        "days": parameters.days,
        "seed": seed,
        "events": written.events,
        "payments": written.payments,
        "labels": written.labels,
        "frauds": written.frauds,
        "seconds": round(seconds, 3),
    }
