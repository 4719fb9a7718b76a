"""`haechi simulate`: a town's events, labels and ground truth; or one story of it."""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from haechi.commands.screen import bars, note, say, say_json

if TYPE_CHECKING:
    from haechi.town import Parameters, Written


class Format(StrEnum):
    """How events are written."""

    jsonl = "jsonl"
    parquet = "parquet"
    both = "both"


class Profile(StrEnum):
    """How large a town is."""

    small = "small"
    standard = "standard"
    large = "large"


epilog = "Example: haechi simulate --days 90 --customers 2000 --seed 7 --out town"
INTERRUPTED = 130  # the exit status of who was asked to stop
MANY = 1_000_000  # customers times days from which several processes are worth their start
PROCESSES_MAX = 4
MEMORY_BYTES_MAX = 4 << 30  # of all processes together
# What a process takes at its peak: at rest, and for each customer; measured with a million of them.
PROCESS_BYTES, CUSTOMER_BYTES = 300 << 20, 2_300


def command(
    out: Annotated[Path | None, typer.Option(help="The folder for events, labels and truth/", file_okay=False)] = None,
    profile: Annotated[Profile, typer.Option(help="1,000 customers and 60 days; 20,000 and 180; a million and 30")] = (
        Profile.small
    ),
    days: Annotated[int | None, typer.Option(help="Days of the town  [default: the profile's]")] = None,
    customers: Annotated[int | None, typer.Option(help="Customers  [default: the profile's]")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same town")] = 0,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day")] = None,
    parameters: Annotated[Path | None, typer.Option(help="A TOML file of changes to the town's parameters")] = None,
    format: Annotated[Format, typer.Option(help="How events are written")] = Format.jsonl,
    labelled: Annotated[bool, typer.Option(help="Put each label into its event too: history to learn from")] = False,
    processes: Annotated[int | None, typer.Option(min=1, max=64, help="The bytes are the same in any number")] = None,
    force: Annotated[bool, typer.Option(help="Write over a town that is already there")] = False,
    story: Annotated[str | None, typer.Option(help="Only one story: its pupil's past and the event")] = None,
    list_stories: Annotated[bool, typer.Option("--list-stories", help="What stories there are")] = False,
    report: Annotated[bool, typer.Option("--report", help="report.html: pictures, calibration, 50 campaigns")] = False,
    gate: Annotated[bool, typer.Option("--gate", help="How hard the town is; status 1 when it is not fit")] = False,
    town: Annotated[
        Path | None, typer.Option(help="Report or gate this finished town; write none", exists=True, file_okay=False)
    ] = None,
    calibrate: Annotated[
        int | None, typer.Option(min=1, max=1_000, help="Only the voice phishing of so many towns, beside real figures")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="What was written and measured, as JSON")] = False,
) -> None:
    """Write a town's events, the labels as they become known, and the truth that nobody in the bank knows.

    A run that was broken off is finished when it is asked for again. --gate alone builds a town only to measure it.
    """
    from haechi.commands import storytelling
    from haechi.commands.reporting import compare, fails, look

    if list_stories:
        storytelling.list_all(json=json)
        return
    chosen = _parameters(profile.value, parameters, days, customers, start)
    if story is not None:
        storytelling.tell(chosen, seed, story, out, json=json)
        return
    if calibrate is not None:
        compare(chosen, range(seed, seed + calibrate), json=json)
        return
    if town is not None and (out is not None or not (report or gate)):
        raise typer.BadParameter("--town looks at a finished town: say --report or --gate, and no --out")
    if town is None and out is None and (report or not gate):
        raise typer.BadParameter("say where to write the town: --out DIR")
    with TemporaryDirectory(prefix="haechi-town-") as scratch:
        told: dict[str, Any] = {}
        if town is None and out is not None:
            told = _kept(out, chosen, seed, profile.value, format.value, labelled, force, processes, json)
        elif town is None:
            _write(Path(scratch), chosen, seed, profile.value, Format.parquet.value, True, True, processes, json)
        told |= look(town or out or Path(scratch), report=report, gate=gate, seed=seed or None, json=json)
    if json:
        say_json(told)
    if fails(told):
        raise typer.Exit(1)


def _kept(out: Path, *how: Any) -> dict[str, Any]:
    """Write a town that stays; who is interrupted learns how to go on."""
    try:
        return _write(out, *how)
    except KeyboardInterrupt:
        note(f"broken off: {out} is marked as unfinished; the same command goes on from there")
        raise typer.Exit(INTERRUPTED) from None


def _write(
    out: Path, chosen: Parameters, seed: int, profile: str, format: str, labelled: bool, force: bool,
    processes: int | None, json: bool,
) -> dict[str, Any]:  # fmt: skip
    from haechi.town import write_town

    began = perf_counter()
    count = processes or processes_for(chosen)
    with bars("days") as shown:
        written = write_town(
            out, chosen, seed, profile=profile, format=format, labelled=labelled, overwrite=force, processes=count,
            on_day=lambda day, _: shown.advance("days of the town", total=chosen.days),
        )  # fmt: skip
    seconds = perf_counter() - began
    figures = _figures(written, chosen, seed, seconds)
    if json:
        return figures
    say(f"{written.events:,} events of {chosen.customers:,} customers in {chosen.days} days in {seconds:.1f} s; "
        f"{written.payments:,} are payments, transfers or withdrawals, {written.frauds:,} of them fraud")  # fmt: skip
    for path, what in (
        (written.events_paths[0] if len(written.events_paths) == 1 else out, "the events, in order of time"),
        (written.labels_path, f"{written.labels:,} labels in the order in which they become known"),
        (
            written.truth_path,
            f"{written.campaigns:,} campaigns and what belongs to them: for judging, never for learning",
        ),
    ):
        say(f"  {path}  {what}")
    return figures


def processes_for(chosen: Parameters) -> int:
    """How many processes write a town by default: as many as are worth it and fit into the memory they may take."""
    if chosen.customers * chosen.days < MANY:
        return 1
    each = PROCESS_BYTES + chosen.customers * CUSTOMER_BYTES
    return max(1, min(os.cpu_count() or 1, PROCESSES_MAX, MEMORY_BYTES_MAX // each))


def _parameters(
    profile: str, file: Path | None, days: int | None, customers: int | None, start: datetime | None
) -> Parameters:
    from haechi.town import ImpossibleTown, parameters

    try:
        return parameters(profile, file, days=days, customers=customers, start=start.date() if start else None)
    except ImpossibleTown as error:
        raise typer.BadParameter(str(error)) from error


def _figures(written: Written, chosen: Parameters, seed: int, seconds: float) -> dict[str, Any]:
    return {
        "events_paths": [str(path) for path in written.events_paths],
        "labels_path": str(written.labels_path),
        "truth_path": str(written.truth_path),
        "customers": chosen.customers,
        "days": chosen.days,
        "seed": seed,
        "events": written.events,
        "payments": written.payments,
        "labels": written.labels,
        "frauds": written.frauds,
        "campaigns": written.campaigns,
        "seconds": round(seconds, 3),
        "events_per_s": round(written.events / seconds),
    }
